import type { Finding, ProgramFacts } from '../domain/findings.ts';
import { limits } from '../domain/limits.ts';
import type { FileRole } from '../domain/manifest.ts';
import { inspectPackage, noProfile } from '../nc/preflight/inspect-package.ts';
import type { MachineProfile } from '../nc/profile/profile.ts';

/** The files of a deposit; those that are no programs without their bytes. */
export type InspectionTask = {
  files: readonly { name: string; role: FileRole; bytes: Uint8Array }[];
  machineGroup: string;
  /** Undefined where no profile names the group. */
  profile: MachineProfile | undefined;
};

/** Findings that block come first; `more` were found and are not named. */
export type Inspected = { facts: ProgramFacts[]; findings: Finding[]; more: number };

/** Who inspects deposits. Never rejects: an inspection that fails is a finding that blocks. */
export interface Inspection {
  inspect(task: InspectionTask): Promise<Inspected>;
}

/** Pure, and as long as the programs are. */
export function runInspection({ files, machineGroup, profile }: InspectionTask): Inspected {
  const { facts, findings } = inspectPackage(files, { profile });
  const main = files.find((file) => file.role === 'main-program');
  if (!profile && main) findings.push(...noProfile(main.name, machineGroup));
  const kept = findings.slice(0, limits.findingsKept);
  return { facts, findings: kept, more: findings.length - kept.length };
}
