import { createHash } from 'node:crypto';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { type Digest, digestFromHex } from '../domain/digest.ts';
import type { Finding, ProgramFacts } from '../domain/findings.ts';
import type { FirstArticleProposal } from '../domain/first-article.ts';
import { limits } from '../domain/limits.ts';
import { type FileRole, isProgram } from '../domain/manifest.ts';
import type { PersonRole } from '../domain/people.ts';
import { applyWaivers, type SignedWaiver, type Waived } from '../domain/waivers.ts';
import { comparePackages } from '../nc/compare/package-difference.ts';
import { waivableBy } from '../nc/preflight/catalogue.ts';
import { inspectPackage, noProfile } from '../nc/preflight/inspect-package.ts';
import type { MachineProfile } from '../nc/profile/profile.ts';

/** The files of a deposit; without their bytes those that are no programs, and those with a path, which are read from there. */
export type InspectionTask = {
  files: readonly { name: string; role: FileRole; digest?: Digest; path?: string; bytes: Uint8Array }[];
  machineGroup: string;
  /** Undefined where no profile names the group. */
  profile: MachineProfile | undefined;
  /** What people signed about this deposit. */
  waivers?: readonly SignedWaiver[];
  /** The programs of the release in force, where this deposit changes them; without their bytes the large ones. */
  before?: readonly { name: string; bytes: Uint8Array | undefined }[] | undefined;
};

/**
 * Findings that block come first; `more` were found and are not named. `holds` are the roles that all of them, named or
 * not, wait for.
 */
export type Inspected = {
  facts: ProgramFacts[];
  findings: Finding[];
  more: number;
  holds: PersonRole[];
  /** What was found too, and may stand by somebody's word. */
  waived: Waived<SignedWaiver>[];
  /** What the change may mean for the first article, with the difference that says so, as JSON. */
  draft?: { proposal: FirstArticleProposal; statement: string; difference: string };
};

/** Who inspects deposits. Never rejects: an inspection that fails is a finding that blocks. */
export interface Inspection {
  inspect(task: InspectionTask): Promise<Inspected>;
}

/** Pure, and as long as the programs are. */
export function runInspection(task: InspectionTask): Inspected {
  const { files, machineGroup, profile, waivers = [] } = task;
  const { facts, findings: found } = inspectPackage(files.map(readable), { profile });
  const main = files.find((file) => file.role === 'main-program');
  if (!profile && main) found.push(...noProfile(main.name, machineGroup));
  const { open, waived } = applyWaivers(found, waivers, {
    digestOf: (name) => files.find((file) => file.name === name)?.digest,
    isFixed: (rule) => waivableBy(rule, profile) === undefined,
  });
  const findings = open.slice(0, limits.findingsKept);
  const holds = new Set(open.flatMap(({ severity, role }) => (severity === 'hold' && role ? [role] : [])));
  const drafted = draftOf(task);
  return {
    ...{ facts, findings, more: open.length - findings.length, holds: [...holds], waived },
    ...(drafted && { draft: drafted }),
  };
}

type TaskFile = InspectionTask['files'][number];

const readable = (file: TaskFile) => {
  const { name, role, path, digest } = file;
  return path === undefined ? file : { name, role, chunks: () => chunksOf(path, digest) };
};

/** Held to its digest as it is read: an inspection of other bytes fails, and what failed is refused. */
function* chunksOf(path: string, digest: Digest | undefined): Generator<Uint8Array> {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const hash = createHash('sha256');
    const chunk = new Uint8Array(limits.inspectChunkBytes);
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
      hash.update(chunk.subarray(0, read));
      yield chunk.subarray(0, read);
    }
    if (digestFromHex(hash.digest('hex')) !== digest) throw new Error(`${path} is not the content of ${digest}`);
  } finally {
    closeSync(file);
  }
}

function draftOf({ files, before, profile }: InspectionTask): Inspected['draft'] {
  if (!before) return undefined;
  const programs = files.filter(({ role, path }) => isProgram(role) && path === undefined);
  const tooLarge = [...files.filter(({ path }) => path !== undefined), ...before.filter(({ bytes }) => !bytes)];
  const found = comparePackages(
    before.flatMap(({ name, bytes }) => (bytes ? [{ name, bytes }] : [])),
    programs,
    profile,
    tooLarge.map(({ name }) => name),
  );
  const { proposal, statement } = found;
  return { proposal, statement, difference: JSON.stringify(found) };
}
