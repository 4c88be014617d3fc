import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { jurisdictions } from '../domain/classification.ts';
import type { Digest } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import { GroupId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { type ChangeSize, changeSizes, FileRole, type Manifest, type ManifestFile } from '../domain/manifest.ts';
import { assurances, PersonRole } from '../domain/people.ts';
import { PathWord, Text } from '../domain/text.ts';
import { digestOf } from '../platform/hash.ts';

const RequiredApproval = z.strictObject({
  role: PersonRole,
  count: z.int().min(1),
  /** How the key may be held that signs it. Nothing said means any way. */
  assurance: z
    .array(z.enum(assurances))
    .min(1)
    .default([...assurances]),
  /** The sentence that an approver puts their name to. */
  meaning: Text,
});

type Line = z.infer<typeof RequiredApproval>;
/** One line of a route. `step` counts from 0; what stands in one step may come in any order. */
export type RequiredApproval = Line & { step: number };

/** Approvals that may come in any order. */
const Parallel = z
  .array(RequiredApproval)
  .min(1)
  .refine((list) => new Set(list.map((a) => a.role)).size === list.length, 'names one role twice');

const RouteEntry = z
  .strictObject({
    id: PathWord,
    when: z
      .strictObject({
        jurisdictions: z.array(z.enum(jurisdictions)).min(1).optional(),
        machineGroups: z.array(GroupId).min(1).optional(),
        changes: z.array(z.enum(changeSizes)).min(1).optional(),
        /** The package holds a file of one of these roles. */
        documents: z.array(FileRole).min(1).optional(),
      })
      .refine(
        (when) => Object.keys(when).length > 0,
        'names nothing; leave `when` out for a route that fits everything',
      )
      .optional(),
    approvals: Parallel.optional(),
    /** One after the other: an approval of a later step counts only once the steps before it are complete. */
    steps: z
      .array(z.strictObject({ approvals: Parallel }))
      .min(1)
      .optional(),
  })
  .refine((entry) => (entry.approvals === undefined) !== (entry.steps === undefined), {
    path: ['approvals'],
    message: 'give either approvals, in any order, or steps',
  })
  .refine((entry) => total(approvalsOf(entry)) <= limits.approvalsPerRelease, {
    path: ['approvals'],
    message: `asks for more than ${limits.approvalsPerRelease}`,
  });
type RouteEntry = z.infer<typeof RouteEntry>;
const RoutesFile = z.strictObject({ routes: z.array(RouteEntry).min(1) });

type Lines = { approvals?: Line[] | undefined; steps?: { approvals: Line[] }[] | undefined };
function approvalsOf({ approvals, steps }: Lines): RequiredApproval[] {
  const lists = steps?.map((step) => step.approvals) ?? [approvals ?? []];
  return lists.flatMap((list, step) => list.map((approval) => ({ ...approval, step })));
}

const total = (list: readonly { count: number }[]): number => list.reduce((sum, a) => sum + a.count, 0);

/** The approvals that one package needs. `version` is that of the whole file: an approval names it. */
export type Route = { id: string; version: Digest; approvals: readonly RequiredApproval[] };

/** What a route is chosen by. */
export type Routable = Pick<Manifest, 'classification' | 'machineGroup'> & {
  files: readonly Pick<ManifestFile, 'role'>[];
};

export type Routes = {
  /** Digest of the exact bytes of the file. */
  version: Digest;
  /** Those bytes as text. */
  text: string;
  /** The first route that fits. There always is one. */
  routeFor(manifest: Routable, change: ChangeSize): Route;
};

/** Reads a routes file. Throws `config-invalid`, one line naming the file and the problem. */
export function loadRoutes(file: string): Routes {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw refused(file, `it cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  return parseRoutes(bytes, file);
}

/** As `loadRoutes`, for bytes that are already here; `name` is for the message. */
export function parseRoutes(bytes: Uint8Array, name: string): Routes {
  const text = Buffer.from(bytes).toString('utf8');
  if (!Buffer.from(text, 'utf8').equals(bytes)) throw refused(name, 'it is not UTF-8');
  if (text.length > limits.routesChars) throw refused(name, `it is longer than ${limits.routesChars} characters`);
  const entries = readEntries(text, name);
  refuseUnreachable(entries, name);
  const version = digestOf(bytes);
  return {
    version,
    text,
    routeFor(manifest, change) {
      const entry = entries.find((candidate) => fits(candidate, manifest, change));
      if (!entry) throw new DomainError('internal', 'No approval route fits this package.');
      return { id: entry.id, version, approvals: approvalsOf(entry) };
    },
  };
}

function readEntries(text: string, name: string): RouteEntry[] {
  let raw: unknown;
  try {
    raw = parse(text, { strict: true, uniqueKeys: true, maxAliasCount: 0 });
  } catch (error) {
    throw refused(name, (error as Error).message.split('\n')[0] ?? 'it is not YAML');
  }
  const parsed = RoutesFile.safeParse(raw);
  if (parsed.success) return parsed.data.routes;
  const issue = parsed.error.issues[0];
  throw refused(name, `${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'does not fit'}`);
}

/** Where nothing fits, nothing could be released; what stands after a catch-all only looks as if it were in force. */
function refuseUnreachable(entries: readonly RouteEntry[], name: string): void {
  const ids = entries.map((entry) => entry.id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw refused(name, `two routes have the id ${twice}`);
  const catchAll = entries.findIndex((entry) => entry.when === undefined);
  if (catchAll === -1) throw refused(name, 'the last route must fit everything: give it no `when`');
  const behind = entries[catchAll + 1];
  if (behind) throw refused(name, `route ${behind.id} can never be reached: the one before it fits everything`);
}

function fits({ when }: RouteEntry, { classification, machineGroup, files }: Routable, change: ChangeSize): boolean {
  const has = <T>(list: readonly T[] | undefined, ...values: T[]) =>
    list === undefined || values.some((value) => list.includes(value));
  return (
    has(when?.jurisdictions, classification.jurisdiction) &&
    has(when?.machineGroups, machineGroup) &&
    has(when?.changes, change) &&
    has(when?.documents, ...files.map(({ role }) => role))
  );
}

const refused = (file: string, problem: string): DomainError =>
  new DomainError('config-invalid', `Approval routes ${file}: ${problem}.`);
