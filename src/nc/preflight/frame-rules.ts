import type { ProgramFacts } from '../../domain/findings.ts';
import type { Dialect } from '../../domain/nc.ts';
import type { FactCollector } from '../facts/fact-collector.ts';
import type { MachineProfile } from '../profile/profile.ts';
import type { Block } from '../program/block.ts';
import type { FindingList } from './finding-list.ts';

/** Dialects whose programs stand between percent signs and state G20 or G21. */
const isTape = (dialect: Dialect): boolean => dialect === 'iso' || dialect === 'mazak';

/** How a program begins and ends, what it is called, and its unit. */
export class FrameRules {
  /** Behind the end nothing belongs to the program any more. */
  closed = false;
  readonly #behindEnd;
  readonly #noEnd;
  readonly #percent;
  readonly #percentLine;
  readonly #number;
  readonly #numberDiffers;
  readonly #numberRange;
  readonly #fileName;
  readonly #units;
  readonly #afterEnd;
  readonly #dialect: Dialect;
  readonly #profile: MachineProfile | undefined;
  #opened = false;
  #content = false;
  #ended = false;
  #returns = false;
  #justEnded = false;
  #unitsBefore: ProgramFacts['units'] = 'unstated';

  constructor(findings: FindingList, dialect: Dialect, profile: MachineProfile | undefined) {
    this.#behindEnd = findings.rule('text-after-end');
    this.#noEnd = findings.rule('program-end-missing');
    this.#percent = findings.rule('percent-missing');
    this.#percentLine = findings.rule('percent-line-text');
    this.#number = findings.rule('program-number-missing');
    this.#numberDiffers = findings.rule('program-number-differs');
    this.#numberRange = findings.rule('program-number-range');
    this.#fileName = findings.rule('file-name');
    this.#units = findings.rule('units');
    this.#afterEnd = findings.rule('code-after-end');
    this.#dialect = dialect;
    this.#profile = profile;
  }

  /** Behind the closing end: whatever is there is remarkable. */
  behind(block: Block): void {
    if (hasContent(block) || block.statements.length > 0 || block.commentEnd !== 0 || block.ambiguous)
      this.#sayBehind(block.line);
  }

  #sayBehind(line: number): void {
    const end = isTape(this.#dialect) || this.#dialect === 'okuma' ? 'closing %' : 'end of the program';
    this.#behindEnd.at(line, () => `Line ${line} stands behind the ${end}, where a control does not expect anything.`);
  }

  /** Call after the facts of the block were collected. */
  block(block: Block, facts: FactCollector): void {
    if (block.statements.length > 0) this.#statements(block);
    else if (this.#justEnded && block.words.count > 0) this.#codeBehindEnd(block);
    if (!this.#content && hasContent(block)) this.#content = true;
    if (facts.units !== this.#unitsBefore) this.#unitsChange(block.line, facts.units);
  }

  #codeBehindEnd(block: Block): void {
    this.#justEnded = false;
    const { line } = block;
    // A numbered block may be jumped to.
    if (isTape(this.#dialect) && block.number === -1)
      this.#afterEnd.at(line, () => `Line ${line} and what follows stand behind M30 or M02 and are not reached.`);
  }

  #unitsChange(line: number, units: ProgramFacts['units']): void {
    this.#unitsBefore = units;
    const codes = isTape(this.#dialect) ? ['inch (G20)', 'millimetre (G21)'] : ['inch', 'millimetre'];
    if (units === 'mixed') this.#units.at(line, () => `Line ${line} switches between ${codes.join(' and ')}.`);
  }

  #statements(block: Block): void {
    for (const statement of block.statements) {
      if (statement.kind === 'percent') this.#percentSign(block);
      else if (statement.kind === 'program-start') this.#justEnded = false;
      else if (statement.kind === 'return' || statement.kind === 'subprogram-end') this.#returns = true;
      else if (statement.kind === 'program-end') {
        this.#ended = true;
        this.#justEnded = true;
        if (statement.via === 'END PGM' || statement.via === '%') this.closed = true;
      }
    }
  }

  #percentSign(block: Block): void {
    const more = hasContent(block) || block.statements.length > 1;
    if (this.#opened || this.#content) {
      this.closed = true;
      if (more || block.commentEnd !== 0) this.#sayBehind(block.line);
      return;
    }
    this.#opened = true;
    const { line } = block;
    if (more) this.#percentLine.at(line, () => `Line ${line} has text behind the opening %; some controls skip it.`);
  }

  /** What only the whole program shows. */
  end(fileName: string, facts: FactCollector): void {
    if (!this.#ended && !this.#returns) this.#noEnd.file(endMissing[this.#dialect]);
    if (isTape(this.#dialect)) this.#tape(facts);
    this.#numbers(fileName, facts);
    this.#name(fileName);
  }

  #tape(facts: FactCollector): void {
    if (!this.#opened) this.#percent.file('The program does not begin with %.');
    if (!this.closed) this.#percent.file('The program does not end with %; a transfer may not stop at its end.');
    // A subprogram runs in the unit of its caller.
    if (facts.units !== 'unstated' || !this.#ended) return;
    const runs = this.#profile ? `; this control would run it in ${this.#profile.unitAtStart}` : '';
    this.#units.file(`The program states neither inch (G20) nor millimetre (G21)${runs}.`);
  }

  #numbers(fileName: string, { programNumber, programName }: FactCollector): void {
    if (!isTape(this.#dialect)) return;
    if (programNumber === undefined) {
      if (programName === undefined) this.#number.file('The program has no O-number.');
      return;
    }
    const number = Number(programNumber.slice(1));
    const inName = numberOfName(fileName);
    if (inName !== undefined && inName !== number)
      this.#numberDiffers.file(
        `The program says ${programNumber} and its file name says O${inName}; on some controls the name wins.`,
      );
    const ranges = this.#profile?.names.numbers ?? [];
    if (ranges.length > 0 && !ranges.some(([low, high]) => number >= low && number <= high))
      this.#numberRange.file(`This control takes no program ${programNumber}.`);
  }

  #name(fileName: string): void {
    const { longest, extensions = [] } = this.#profile?.names ?? {};
    if (longest !== undefined && fileName.length > longest)
      this.#fileName.file(`The file name has ${fileName.length} characters; this control shows ${longest}.`);
    const lower = fileName.toLowerCase();
    if (extensions.length > 0 && !extensions.some((extension) => lower.endsWith(extension.toLowerCase())))
      this.#fileName.file(`The file name ends in none of ${extensions.join(', ')}, which this control looks for.`);
  }
}

const tapeEnd = 'The program has no end (M30, M02 or M99): a control would run on.';
const endMissing: Record<Dialect, string> = {
  iso: tapeEnd,
  mazak: tapeEnd,
  okuma: 'The program has no end (M02, M30 or RTS): a control would run on.',
  siemens: 'The program has no end (M30, M2, M17 or RET): a control would run on.',
  klartext: 'The program has no END PGM: it may be cut off.',
  'heidenhain-iso': 'The program has no end (N99999999 %): it may be cut off.',
  linuxcnc: 'The program has no end (M2, M30, % or endsub): LinuxCNC refuses it.',
};

/** The O-number in a file name such as `O4471.NC`, or undefined. */
export function numberOfName(fileName: string): number | undefined {
  const found = /^O(\d{1,8})(\.[^.]*)?$/i.exec(fileName);
  return found ? Number(found[1]) : undefined;
}

/** Anything but blanks, comments and a percent sign. */
export const hasContent = (block: Block): boolean =>
  block.words.count > 0 ||
  block.number !== -1 ||
  block.unrecognised !== -1 ||
  block.skips > 0 ||
  block.label !== undefined ||
  block.statements.some((statement) => statement.kind !== 'percent');
