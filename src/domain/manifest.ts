import { z } from 'zod';
import { Classification } from './classification.ts';
import { covers } from './combine-labels.ts';
import { ControlForm } from './control-form.ts';
import { Digest } from './digest.ts';
import { GroupId, PersonId } from './ids.ts';
import { limits } from './limits.ts';
import { PersonRole } from './people.ts';
import { FileName, PathWord, ShortText } from './text.ts';

export const fileRoles = [
  'main-program',
  'subprogram',
  'setup-sheet',
  'work-instruction',
  'tool-list',
  'drawing',
  'other',
] as const;
export const FileRole = z.enum(fileRoles);
export type FileRole = z.infer<typeof FileRole>;
/** Nobody deposits it: a program of the package in the form that its control is sent. */
export const toControl = 'to-control' as const;
/** The roles whose bytes a control executes: these are inspected as NC and stand in a control's flat name space. */
export const isProgram = (role: ManifestFile['role']): boolean => role === 'main-program' || role === 'subprogram';

export const ManifestFile = z.strictObject({
  name: FileName,
  role: z.enum([...fileRoles, toControl]),
  digest: Digest,
  size: z.int().min(1).max(limits.fileBytes),
  /** Its own label, where it has one; that of the package is at least as strict. */
  classification: Classification.optional(),
  /** Of a program: the number that it gives itself, `O4471`. */
  programNumber: z.string().max(40).optional(),
  /** Of the role `to-control`: made from the program `from` in this form, and called `as` on the control. */
  made: z.strictObject({ from: FileName, as: FileName, form: ControlForm }).optional(),
});
export type ManifestFile = z.infer<typeof ManifestFile>;

export const RuleName = z.string().regex(/^[a-z][a-z0-9-]{0,60}$/);

/** A finding of inspection that somebody signed may stand; whoever approves the manifest approves that too. */
export const ManifestWaiver = z.strictObject({
  /** Ledger index of `finding.waived`. */
  entry: z.int().min(0),
  file: FileName,
  rule: RuleName,
  /** 1-based; absent where the finding is about the whole file. */
  line: z.int().min(1).optional(),
  by: PersonId,
  role: PersonRole,
  /** Of the signed statement: RFC 8785 JSON of its envelope. */
  envelope: Digest,
});
export type ManifestWaiver = z.infer<typeof ManifestWaiver>;

/** What identifies a job on the floor. One release at a time is in force for each part, operation and machine group. */
export const jobFields = {
  part: PathWord,
  revision: PathWord,
  operation: PathWord,
  machineGroup: GroupId,
};

/**
 * What people approve: the job, its classification and every file by digest. Its digest is SHA-256 of its RFC 8785
 * canonical JSON, so that one signature covers every byte.
 */
export const Manifest = z
  .strictObject({
    v: z.literal(1),
    ...jobFields,
    author: PersonId,
    changeOrder: ShortText,
    /** The day on which it is wanted on the floor. */
    due: z.iso.date().optional(),
    classification: Classification,
    files: z.array(ManifestFile).min(1).max(limits.filesPerPackage),
    /** Findings that do not keep it out, each by a signature in the ledger. Absent where there are none. */
    waivers: z.array(ManifestWaiver).min(1).max(limits.waiversPerPackage).optional(),
  })
  .superRefine((manifest, context) => {
    const names = manifest.files.map((file) => file.name.toLowerCase());
    if (new Set(names).size !== names.length) {
      context.addIssue({ code: 'custom', path: ['files'], message: 'two files have one name (case is ignored)' });
    }
    if (manifest.files.filter((file) => file.role === 'main-program').length !== 1) {
      context.addIssue({
        code: 'custom',
        path: ['files'],
        message: 'exactly one file must have the role main-program',
      });
    }
    if (!eachMadeOfOneProgram(manifest.files)) {
      context.addIssue({ code: 'custom', path: ['files'], message: 'a form for the control is not of one program' });
    }
    const loose = manifest.files.find(
      (file) => file.classification && !covers(manifest.classification, file.classification),
    );
    if (loose) {
      context.addIssue({
        code: 'custom',
        path: ['classification'],
        message: `the package is labelled less strictly than its file ${loose.name}`,
      });
    }
  });
export type Manifest = z.infer<typeof Manifest>;

function eachMadeOfOneProgram(files: readonly ManifestFile[]): boolean {
  const programs = new Set(files.flatMap(({ name, role }) => (isProgram(role) ? [name] : [])));
  return files.every(
    ({ role, made }) => (role === toControl) === (made !== undefined) && (!made || programs.delete(made.from)),
  );
}

/** What a control calls the file of this name in the manifest. */
export const calledOnControl = (files: readonly ManifestFile[], name: string): string =>
  files.find((file) => file.name === name)?.made?.as ?? name;

/** What the control sees of a package: each program under the name, and in the form, that is made for it. */
export function onControl(files: readonly ManifestFile[]): { as: string; file: ManifestFile; position: number }[] {
  const made = new Map(files.flatMap((file, position) => (file.made ? [[file.made.from, { file, position }]] : [])));
  return files.flatMap((file, at) => {
    if (!isProgram(file.role)) return [];
    const { file: sent, position } = made.get(file.name) ?? { file, position: at };
    return [{ as: sent.made?.as ?? sent.name, file: sent, position }];
  });
}

export const jobKey = (m: Pick<Manifest, 'part' | 'operation' | 'machineGroup'>): string =>
  `${m.part}/${m.operation}/${m.machineGroup}`;

export const changeSizes = ['first-release', 'program', 'documents'] as const;
export type ChangeSize = (typeof changeSizes)[number];

/**
 * How far a package goes beyond what is in force for its job: nothing yet; other bytes or names of what a control
 * executes; or only the papers beside it (AS9102 makes the difference).
 */
export function changeSize(manifest: Manifest, inForce: Manifest | undefined): ChangeSize {
  if (!inForce) return 'first-release';
  const programs = ({ files }: Manifest) =>
    [
      ...files.flatMap(({ name, role, digest }) => (isProgram(role) ? [`${role} ${digest} ${name}`] : [])),
      ...onControl(files).map(({ as, file }) => `sent ${file.digest} ${as}`),
    ].sort();
  return programs(manifest).join('\n') === programs(inForce).join('\n') ? 'documents' : 'program';
}
