import type { ProgramFacts } from '../domain/findings.ts';
import type { FindingList } from './finding-list.ts';

export type WholeProgram = {
  opened: boolean;
  closed: boolean;
  /** M30 or M02. */
  ended: boolean;
  /** M99. */
  returns: boolean;
  fileName: string;
  /** As written, such as `O4471`. */
  number: string | undefined;
  named: boolean;
  units: ProgramFacts['units'];
};

/**
 * The rules of ISO programs for FANUC, Haas and Hurco controls: how each is called, how grave it is and what it says.
 * Many of these have good uses; only what a control cannot read in one way, or runs past, blocks.
 */
export class IsoRules {
  readonly #behindEnd;
  readonly #noEnd;
  readonly #ambiguous;
  readonly #callsTooMany;
  readonly #percent;
  readonly #percentLine;
  readonly #number;
  readonly #numberName;
  readonly #units;
  readonly #offsets;
  readonly #variables;
  readonly #callUnknown;
  readonly #output;
  readonly #external;
  readonly #goto;
  readonly #unknown;
  readonly #skip;

  constructor(findings: FindingList) {
    this.#behindEnd = findings.rule('text-after-end', 'block');
    this.#noEnd = findings.rule('program-end-missing', 'block');
    this.#ambiguous = findings.rule('control-ambiguous', 'block');
    this.#callsTooMany = findings.rule('calls-too-many', 'block');
    this.#percent = findings.rule('percent-missing', 'warn');
    this.#percentLine = findings.rule('percent-line-text', 'warn');
    this.#number = findings.rule('program-number-missing', 'warn');
    this.#numberName = findings.rule('program-number-differs', 'warn');
    this.#units = findings.rule('units', 'warn');
    this.#offsets = findings.rule('offset-write', 'warn');
    this.#variables = findings.rule('system-variable', 'warn');
    this.#callUnknown = findings.rule('call-computed', 'warn');
    this.#output = findings.rule('data-output', 'warn');
    this.#external = findings.rule('external-call', 'warn');
    this.#goto = findings.rule('goto-backwards', 'warn');
    this.#unknown = findings.rule('word-unknown', 'warn');
    this.#skip = findings.rule('block-skip', 'note');
  }

  behindEnd(line: number): void {
    this.#behindEnd.at(
      line,
      () => `Line ${line} stands behind the closing %, where a control does not expect anything.`,
    );
  }

  ambiguous(line: number, how: string): void {
    this.#ambiguous.at(
      line,
      () => `Line ${line} has a comment that is ${how}: one control skips what another would run.`,
    );
  }

  callsTooMany(line: number): void {
    this.#callsTooMany.at(line, () => `Line ${line} calls one program more than can be checked.`);
  }

  percentLine(line: number): void {
    this.#percentLine.at(line, () => `Line ${line} has text behind the opening %; some controls skip it.`);
  }

  unitsMixed(line: number): void {
    this.#units.at(line, () => `Line ${line} switches between inch (G20) and millimetre (G21).`);
  }

  offsetWrite(line: number): void {
    this.#offsets.at(line, () => `Line ${line} writes offsets or parameters of the control (G10).`);
  }

  systemVariable(line: number, variable: number): void {
    const which = variable < 0 ? 'a variable whose number is computed' : `system variable #${variable}`;
    this.#variables.at(line, () => `Line ${line} assigns to ${which}.`);
  }

  callUnknown(line: number, via: string): void {
    this.#callUnknown.at(line, () => `Line ${line} calls (${via}) a program that cannot be told from the text.`);
  }

  dataOutput(line: number, word: string): void {
    this.#output.at(line, () => `Line ${line} sends data out of the control (${word}).`);
  }

  externalCall(line: number, word: string): void {
    this.#external.at(line, () => `Line ${line} runs a program from outside the control's memory (${word}).`);
  }

  gotoBackwards(line: number, target: number): void {
    this.#goto.at(line, () => `Line ${line} jumps back to N${target}; check that the loop ends.`);
  }

  gotoComputed(line: number): void {
    this.#goto.at(line, () => `Line ${line} jumps to a block whose number is computed; check that the loop ends.`);
  }

  unknownWord(line: number, column: number): void {
    this.#unknown.at(line, () => `Line ${line} has something in column ${column} that is no ISO word.`);
  }

  blockSkip(line: number): void {
    this.#skip.at(line, () => `Line ${line} is a block that the operator can switch off (block skip).`);
  }

  /** What only the whole program shows. */
  end(program: WholeProgram): void {
    if (!program.ended && !program.returns)
      this.#noEnd.file('The program has no end (M30, M02 or M99): a control would run on.');
    if (!program.opened) this.#percent.file('The program does not begin with %.');
    if (!program.closed) this.#percent.file('The program does not end with %; a transfer may not stop at its end.');
    // A subprogram runs in the unit of its caller.
    if (program.units === 'unstated' && program.ended)
      this.#units.file('The program states neither inch (G20) nor millimetre (G21).');
    this.#endNumber(program);
  }

  #endNumber({ number, named, fileName }: WholeProgram): void {
    if (number === undefined) {
      if (!named) this.#number.file('The program has no O-number.');
      return;
    }
    const inName = numberOfName(fileName);
    if (inName !== undefined && inName !== Number(number.slice(1)))
      this.#numberName.file(
        `The program says ${number} and its file name says O${inName}; on some controls the name wins.`,
      );
  }
}

/** The O-number in a file name such as `O4471.NC`, or undefined. */
export function numberOfName(fileName: string): number | undefined {
  const found = /^O(\d{1,8})(\.[^.]*)?$/i.exec(fileName);
  return found ? Number(found[1]) : undefined;
}
