import type { Finding, ProgramFacts } from '../../domain/findings.ts';
import { limits } from '../../domain/limits.ts';
import { type FileRole, isProgram } from '../../domain/manifest.ts';
import { fitting } from '../facts/fitting.ts';
import { closureFindings } from './call-closure.ts';
import { withEstimates } from './estimate.ts';
import { FindingList, inOrder } from './finding-list.ts';
import { type Job, type ProgramFile, ProgramScan, type Scan, type StreamedFile, scanProgram } from './inspect-file.ts';

/**
 * As `inspectFile` for every program of a package, and what only shows between them: calls into programs that the
 * package does not hold. Files that are no programs are not read.
 */
export function inspectPackage(
  files: readonly ((ProgramFile | StreamedFile) & { role: FileRole })[],
  job: Job = {},
): { facts: ProgramFacts[]; findings: Finding[] } {
  const scans = files.filter((file) => isProgram(file.role)).map((file) => scanOf(file, job));
  const findings = [...scans.flatMap((one) => one.findings), ...closureFindings(scans, job.profile)];
  const started = new Set(files.filter(({ role }) => role === 'main-program').map(({ name }) => name));
  const said = scans.map((one) => one.facts);
  const whole = files.filter((file) => 'bytes' in file);
  const facts = fitting(withEstimates(said, started, whole, job.profile), limits.ncFactsBytes);
  return { facts, findings: inOrder(findings) };
}

function scanOf(file: ProgramFile | StreamedFile, job: Job): Scan {
  if ('bytes' in file) return scanProgram(file, job);
  const scan = new ProgramScan(file.name, job);
  for (const chunk of file.chunks()) scan.push(chunk);
  return scan.end();
}

/** That a machine group has no profile, so that what its machines can do was not checked. */
export function noProfile(file: string, machineGroup: string): Finding[] {
  const findings = new FindingList(file, undefined);
  findings
    .rule('profile-missing')
    .file(`No machine profile names the group ${machineGroup}: only the rules for every control were applied.`);
  return findings.all();
}

/** That the programs of a deposit could not be looked at to their end: what is not known to be good stays out. */
export function inspectionFailed(files: readonly { name: string; role: FileRole }[]): Finding[] {
  return files
    .filter((file) => isProgram(file.role))
    .flatMap(({ name }) => {
      const findings = new FindingList(name, undefined);
      findings
        .rule('inspection-failed')
        .file('Inspection did not come to its end: the program is too large or made to exhaust its reader. Split it.');
      return findings.all();
    });
}
