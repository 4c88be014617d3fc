import type { Finding, ProgramFacts } from '../domain/findings.ts';
import { foreignDialect } from './dialect.ts';
import { FindingList, inOrder } from './finding-list.ts';
import { type Call, IsoProgram } from './iso-program.ts';
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
  const { facts, findings } = scanProgram(file);
  return { facts, findings: inOrder(findings) };
}

/** An inspection before its findings are in order, with what the check between files needs. */
export type Scan = Inspection & { calls: readonly Call[]; numbers: ReadonlySet<number> };

export function scanProgram({ name, bytes }: ProgramFile): Scan {
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
