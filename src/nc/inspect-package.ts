import type { Finding, ProgramFacts } from '../domain/findings.ts';
import { type FileRole, isProgram } from '../domain/manifest.ts';
import { inOrder } from './finding-list.ts';
import { type ProgramFile, type Scan, scanProgram } from './inspect-file.ts';
import { programName } from './iso-program.ts';
import { numberOfName } from './iso-rules.ts';

/**
 * As `inspectFile` for every program of a package, and what only shows between them: calls into programs that the
 * package does not hold. Files that are no programs are not read.
 */
export function inspectPackage(files: readonly (ProgramFile & { role: FileRole })[]): {
  facts: ProgramFacts[];
  findings: Finding[];
} {
  const scans = files.filter((file) => isProgram(file.role)).map(scanProgram);
  const findings = [...scans.flatMap((one) => one.findings), ...missingPrograms(scans), ...doubleNumbers(scans)];
  return { facts: scans.map((one) => one.facts), findings: inOrder(findings) };
}

/** A control that does not find a program may run one of the same number that somebody left in its memory. */
function missingPrograms(scans: readonly Scan[]): Finding[] {
  const held = new Set<number>();
  for (const { facts, numbers } of scans) {
    for (const number of numbers) held.add(number);
    // Where file name and O-number differ, the name wins on a FANUC Data Server.
    const named = numberOfName(facts.file);
    if (named !== undefined) held.add(named);
  }
  // Older controls write the repeats in front of the four digits of the program: P51002 runs O1002 five times.
  const holds = (number: number) => held.has(number) || (number > 9999 && held.has(number % 10_000));
  return scans.flatMap(({ facts, calls }) =>
    calls
      .filter((call) => !holds(call.number))
      .map((call) => ({
        rule: 'call-outside-package',
        severity: isBuilders(call.number) ? ('warn' as const) : ('block' as const),
        file: facts.file,
        line: call.line,
        message: `Line ${call.line} calls ${programName(call.number)} (${call.via}), which is not in this package.`,
      })),
  );
}

/** O9000 to O9999 are the edit-protected macros that a builder or a probing kit leaves in the control. */
const isBuilders = (number: number): boolean => number >= 9000 && number <= 9999;

function doubleNumbers(scans: readonly Scan[]): Finding[] {
  const first = new Map<number, string>();
  const findings: Finding[] = [];
  for (const { facts, numbers } of scans) {
    for (const number of numbers) {
      const other = first.get(number);
      if (other === undefined) first.set(number, facts.file);
      else
        findings.push({
          rule: 'program-number-twice',
          severity: 'warn',
          file: facts.file,
          message: `${programName(number)} also stands in ${other}; a control keeps one of the two.`,
        });
    }
  }
  return findings;
}
