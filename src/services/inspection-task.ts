import type { Digest } from '../domain/digest.ts';
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

/** The files of a deposit; those that are no programs without their bytes. */
export type InspectionTask = {
  files: readonly { name: string; role: FileRole; digest?: Digest; bytes: Uint8Array }[];
  machineGroup: string;
  /** Undefined where no profile names the group. */
  profile: MachineProfile | undefined;
  /** What people signed about this deposit. */
  waivers?: readonly SignedWaiver[];
  /** The programs of the release in force, where this deposit changes them. */
  before?: readonly { name: string; bytes: Uint8Array }[] | undefined;
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
  const { facts, findings: found } = inspectPackage(files, { profile });
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

function draftOf({ files, before, profile }: InspectionTask): Inspected['draft'] {
  if (!before) return undefined;
  const programs = files.filter(({ role }) => isProgram(role));
  const found = comparePackages(before, programs, profile);
  const { proposal, statement } = found;
  return { proposal, statement, difference: JSON.stringify(found) };
}
