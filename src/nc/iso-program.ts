import type { ProgramFacts } from '../domain/findings.ts';
import { limits } from '../domain/limits.ts';
import { type FindingList, quotable } from './finding-list.ts';
import { IsoRules } from './iso-rules.ts';
import type { WordVisitor } from './iso-words.ts';
import { NumberSet } from './number-set.ts';

const [G, M, N, O, P, T] = [...'GMNOPT'].map((letter) => letter.charCodeAt(0));

const macroWords = new Set(
  (
    'IF GOTO THEN WHILE DO END AND OR XOR MOD EQ NE GT LT GE LE SIN COS TAN ASIN ACOS ATAN SQRT SQR ABS BIN BCD ' +
    'ROUND RND FIX FUP LN EXP POW ADP PRM DPRNT BPRNT POPEN PCLOS SETVN EXTCALL'
  ).split(' '),
);
/** FANUC macro B: #1 to #999 are the program's own and common variables. */
const firstSystemVariable = 1000;
const sendsData = new Set(['DPRNT', 'BPRNT', 'POPEN']);

/** A call by number: where it stands first. */
export type Call = { number: number; via: string; line: number };
export const programName = (number: number): string => `O${String(number).padStart(4, '0')}`;

/** Follows an ISO program word by word, keeps what it says about itself and reports to the rules. */
export class IsoProgram implements WordVisitor {
  readonly calls = new Map<number, Call>();
  readonly numbers = new Set<number>();
  /** Lines with content, and how many of them are made of ISO words only. */
  contentLines = 0;
  isoLines = 0;

  readonly #bytes: Uint8Array;
  readonly #rules: IsoRules;
  readonly #tools = new Set<number>();
  readonly #blocks = new NumberSet();
  #programNumber: string | undefined;
  #programName: string | undefined;
  #inch = false;
  #metric = false;
  #opened = false;
  #closed = false;
  #ended = false;
  #returns = false;

  #line = 0;
  #content = false;
  /** Has a word that carries meaning by itself: numbers and signs alone are no ISO line. */
  #understood = false;
  #unknownAt = -1;
  #words = 0;
  #percentHere = false;
  #behindEnd = false;
  #numberHere = false;
  #via = '';
  #target = -1;

  constructor(bytes: Uint8Array, findings: FindingList) {
    this.#bytes = bytes;
    this.#rules = new IsoRules(findings);
  }

  beginLine(line: number): void {
    this.#line = line;
    this.#content = false;
    this.#understood = false;
    this.#unknownAt = -1;
    this.#words = 0;
    this.#percentHere = false;
    this.#behindEnd = false;
    this.#numberHere = false;
    this.#via = '';
    this.#target = -1;
  }

  endLine(): void {
    if (this.#content) {
      this.contentLines++;
      if (this.#unknownAt !== -1) this.#rules.unknownWord(this.#line, this.#unknownAt + 1);
      else if (this.#understood) this.isoLines++;
    }
    if (this.#behindEnd) this.#rules.behindEnd(this.#line);
    if (this.#percentHere && this.#content && !this.#closed) this.#rules.percentLine(this.#line);
    if (this.#via !== '') this.#endCall();
  }

  endFile(fileName: string): void {
    this.#rules.end({
      opened: this.#opened,
      closed: this.#closed,
      ended: this.#ended,
      returns: this.#returns,
      fileName,
      number: this.#programNumber,
      named: this.#programName !== undefined,
      units: this.#units(),
    });
  }

  facts(file: string, lines: number): ProgramFacts {
    return {
      file,
      dialect: 'iso',
      ...(this.#programNumber === undefined ? {} : { programNumber: this.#programNumber }),
      ...(this.#programName === undefined ? {} : { programName: this.#programName }),
      lines,
      tools: [...this.#tools],
      calls: [...this.calls.keys()].map(programName),
      units: this.#units(),
    };
  }

  #units(): ProgramFacts['units'] {
    if (this.#inch && this.#metric) return 'mixed';
    return this.#inch ? 'inch' : this.#metric ? 'millimetre' : 'unstated';
  }

  /** Marks content; false behind the closing percent sign, where nothing belongs to the program any more. */
  #inProgram(): boolean {
    if (this.#closed) this.#behindEnd = true;
    else this.#content = true;
    return !this.#closed;
  }

  word(letter: number, value: number, whole: boolean, start: number, end: number): void {
    if (!this.#inProgram()) return;
    this.#understood = true;
    const first = this.#words++ === 0;
    if (letter === N) this.#blocks.add(value);
    else if (letter === G) this.#preparatory(value, whole);
    else if (letter === M) this.#miscellaneous(value);
    else if (letter === P) this.#target = whole ? value : -1;
    else if (letter === T && value >= 0) addBounded(this.#tools, value);
    else if (letter === O && first) this.#numberWord(value, whole, start, end);
  }

  #preparatory(value: number, whole: boolean): void {
    if (value === 10) this.#rules.offsetWrite(this.#line);
    else if (value === 65 || value === 66) this.#via = `G${value}`;
    else if (value === 20 && whole) this.#unit('inch');
    else if (value === 21 && whole) this.#unit('millimetre');
  }

  #unit(unit: 'inch' | 'millimetre'): void {
    const mixedBefore = this.#inch && this.#metric;
    if (unit === 'inch') this.#inch = true;
    else this.#metric = true;
    if (this.#inch && this.#metric && !mixedBefore) this.#rules.unitsMixed(this.#line);
  }

  #miscellaneous(value: number): void {
    if (value === 30 || value === 2) this.#ended = true;
    else if (value === 99) this.#returns = true;
    else if (value === 98) this.#via = 'M98';
    else if (value === 198) this.#rules.externalCall(this.#line, 'M198');
  }

  #numberWord(value: number, whole: boolean, start: number, end: number): void {
    this.#numberHere = true;
    if (value < 0 || !whole) return;
    addBounded(this.numbers, value);
    this.#programNumber ??= quotable(this.#bytes, start, end, 40).replace(/^:/, 'O').toUpperCase();
  }

  #endCall(): void {
    const { calls } = this;
    if (this.#target < 0) this.#rules.callUnknown(this.#line, this.#via);
    else if (calls.has(this.#target)) return;
    else if (calls.size >= limits.factsPerProgram) this.#rules.callsTooMany(this.#line);
    else calls.set(this.#target, { number: this.#target, via: this.#via, line: this.#line });
  }

  keyword(name: string, value: number, at: number): void {
    if (!this.#inProgram()) return;
    if (!macroWords.has(name)) {
      this.#remember(at);
      return;
    }
    this.#understood = true;
    if (name === 'GOTO') this.#goto(value);
    else if (name === 'EXTCALL') this.#rules.externalCall(this.#line, name);
    else if (sendsData.has(name)) this.#rules.dataOutput(this.#line, name);
  }

  #goto(value: number): void {
    if (value < 0) this.#rules.gotoComputed(this.#line);
    else if (this.#blocks.has(value)) this.#rules.gotoBackwards(this.#line, value);
  }

  assignment(variable: number): void {
    if (!this.#inProgram()) return;
    this.#understood = true;
    if (variable < 0 || variable >= firstSystemVariable) this.#rules.systemVariable(this.#line, variable);
  }

  name(start: number, end: number): void {
    if (!this.#inProgram() || !this.#numberHere) return;
    this.#setName(start, end);
  }

  comment(start: number, end: number): void {
    if (this.#closed) this.#behindEnd = true;
    else if (this.#numberHere) this.#setName(start, end);
  }

  #setName(start: number, end: number): void {
    if (this.#programName === undefined) {
      const text = quotable(this.#bytes, start, end, limits.shortTextChars);
      if (text !== '') this.#programName = text;
    }
  }

  ambiguous(how: 'nested' | 'not closed' | 'not opened'): void {
    if (this.#closed) this.#behindEnd = true;
    this.#rules.ambiguous(this.#line, how);
  }

  percent(): void {
    if (this.#closed) this.#behindEnd = true;
    else if (this.#opened || this.contentLines > 0 || this.#content) this.#closed = true;
    else {
      this.#opened = true;
      this.#percentHere = true;
    }
  }

  blockSkip(): void {
    if (this.#inProgram()) this.#rules.blockSkip(this.#line);
  }

  other(): void {
    this.#inProgram();
  }

  unknown(at: number): void {
    if (this.#inProgram()) this.#remember(at);
  }

  #remember(at: number): void {
    if (this.#unknownAt === -1) this.#unknownAt = at;
  }
}

function addBounded(set: Set<number>, value: number): void {
  if (set.size < limits.factsPerProgram) set.add(value);
}
