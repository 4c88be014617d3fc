import type { Finding, ProgramFacts } from '../domain/findings.ts';
import { type FileRole, isProgram } from '../domain/manifest.ts';
import { foreignDialect } from './dialect.ts';
import { FindingList, inOrder } from './finding-list.ts';
import { type Call, IsoProgram, programName } from './iso-program.ts';
import { numberOfName } from './iso-rules.ts';
import { WordReader } from './iso-words.ts';
import { eachLine } from './lines.ts';
import { TextRules } from './text-rules.ts';

export type ProgramFile = { name: string; bytes: Uint8Array };
export type Inspection = { facts: ProgramFacts; findings: Finding[] };

/**
 * What one program says about itself and what is remarkable in it. Never throws, goes over the bytes a bounded number
 * of times, and keeps no more than a few findings for each rule. Findings that block come first. Rules for ISO
 * programs apply only to what is ISO; anything else gets the text rules and one finding that says so.
 */
export function inspectFile(file: ProgramFile): Inspection {
  const { facts, findings } = scan(file);
  return { facts, findings: inOrder(findings) };
}

/**
 * As `inspectFile` for every program of a package, and what only shows between them: calls into programs that the
 * package does not hold. Files that are no programs are not read.
 */
export function inspectPackage(files: readonly (ProgramFile & { role: FileRole })[]): {
  facts: ProgramFacts[];
  findings: Finding[];
} {
  const scans = files.filter((file) => isProgram(file.role)).map(scan);
  const findings = [...scans.flatMap((one) => one.findings), ...missingPrograms(scans), ...doubleNumbers(scans)];
  return { facts: scans.map((one) => one.facts), findings: inOrder(findings) };
}

type Scan = Inspection & { calls: readonly Call[]; numbers: ReadonlySet<number> };

function scan({ name, bytes }: ProgramFile): Scan {
  // Whether a program is ISO is known at its end, so that its findings wait in a list of their own.
  const [text, iso, foreign] = [new FindingList(name), new FindingList(name), new FindingList(name)];
  const textRules = new TextRules(text, iso, foreign);
  const program = new IsoProgram(bytes, iso);
  const words = new WordReader(bytes, program);
  const ends = eachLine(bytes, (start, end, line, marked) => {
    if (start === end) return;
    textRules.line(bytes, start, end, line, marked);
    program.beginLine(line);
    words.line(start, end);
    program.endLine();
  });
  textRules.end(ends);
  program.endFile(name);

  const other = foreignDialect(name, bytes);
  if (other === undefined && program.isoLines * 2 >= program.contentLines)
    return {
      facts: program.facts(name, ends.lines),
      findings: [...text.all(), ...iso.all()],
      calls: [...program.calls.values()],
      numbers: program.numbers,
    };
  const looks = other === undefined ? '' : ` (it looks like ${other})`;
  foreign
    .rule('dialect-unrecognised', 'warn')
    .file(`The program is not in the ISO language that inspection reads${looks}: only the text rules were applied.`);
  return {
    facts: { file: name, dialect: 'unrecognised', lines: ends.lines, tools: [], calls: [], units: 'unstated' },
    findings: [...text.all(), ...foreign.all()],
    calls: [],
    numbers: new Set(),
  };
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
        severity: 'block' as const,
        file: facts.file,
        line: call.line,
        message: `Line ${call.line} calls ${programName(call.number)} (${call.via}), which is not in this package.`,
      })),
  );
}

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
