import { tokenKind as kind, type Tokens } from '../syntax/token.ts';
import { wordFlag } from './block.ts';
import type { Expression } from './expression.ts';
import { constantOf } from './expression-reader.ts';
import { siemensGrammar } from './grammars.ts';
import { SiemensStatements } from './siemens-statements.ts';
import { addresses, synchronous } from './siemens-words.ts';
import { TokenReader } from './token-reader.ts';

const code = (letter: string): number => letter.charCodeAt(0);
const [L, N, P, R, T] = [...'LNPRT'].map(code) as [number, number, number, number, number];

/** Siemens 840D and ONE. */
export class SiemensReader extends TokenReader {
  readonly #statements: SiemensStatements;

  constructor(tokens: Tokens) {
    super(tokens, siemensGrammar);
    this.#statements = new SiemensStatements(this.cursor, this.expressions);
  }

  protected content(): void {
    const { cursor } = this;
    if (cursor.kind() === kind.percent) {
      this.#header();
      return;
    }
    this.#blockHead();
    this.items((is) => {
      if (is === kind.letter) this.#letter();
      else if (is === kind.name) this.#name();
    });
    this.#repeats();
    this.#synchronousEnd();
  }

  /** `WHEN $AA_IM[X]>100 DO M30` ends nothing as it is read: the control acts on it when the time has come. */
  #synchronousEnd(): void {
    const { statements } = this.block;
    if (!statements.some((one) => one.kind === 'other' && synchronous.has(one.keyword))) return;
    const kept = statements.filter((one) => one.kind !== 'program-end' && one.kind !== 'return');
    statements.splice(0, statements.length, ...kept);
  }

  /** `%_N_PLATE_MPF` */
  #header(): void {
    const { cursor, block } = this;
    cursor.next();
    const name = this.restText();
    if (name === '') this.push({ kind: 'percent' });
    else this.push({ kind: 'program-start', name: name.replace(/^_N_/i, ''), number: undefined, units: undefined });
    if (cursor.kind() !== -1) block.unknownAt(block.base + cursor.start());
  }

  /** `/2 N100 LABEL:`; `:100` is a main block. */
  #blockHead(): void {
    const { cursor, block } = this;
    while (cursor.kind() === kind.blockSkip) cursor.next();
    const is = cursor.kind();
    const numbered = is === kind.colon || (is === kind.letter && cursor.value() === N);
    if (numbered && cursor.kindBehind() === kind.integer) {
      cursor.next();
      block.number = cursor.value();
      cursor.next();
    }
    while (cursor.kind() === kind.blockSkip) cursor.next();
    if (cursor.kind() !== kind.name || cursor.kindBehind() !== kind.colon) return;
    block.label = cursor.name();
    cursor.next();
    cursor.next();
  }

  #letter(): void {
    const { cursor, block } = this;
    const letter = cursor.value();
    const start = cursor.start();
    const direct = cursor.kindBehind();
    if (letter === R && (direct === kind.integer || direct === kind.openBracket) && this.#assigned()) return;
    if (letter === L && direct === kind.integer && block.words.count === 0) {
      this.#subprogram();
      return;
    }
    cursor.next();
    if (cursor.accept(kind.equals)) {
      this.#valued(letter, start, -1);
      return;
    }
    if (cursor.kind() === kind.integer && cursor.at + 1 < this.tokens.count) {
      const index = cursor.value();
      const here = cursor.at;
      cursor.next();
      // X1=10, S2=1000, M3=5: the digits are part of the address.
      if (cursor.accept(kind.equals)) {
        this.#valued(letter, start, index);
        return;
      }
      cursor.at = here;
    }
    const is = cursor.kind();
    if (is === kind.integer || is === kind.decimal || is === kind.minus || is === kind.plus) {
      this.word(letter, start, 0);
      this.#statements.code(letter, block);
    } else block.unknownAt(block.base + start);
  }

  /** `R1=5`. False where it is none; then nothing is taken. */
  #assigned(): boolean {
    const { cursor } = this;
    const before = cursor.at;
    const target = this.expressions.variable();
    if (!target && this.expressions.failedAt !== -1) {
      this.passFailed();
      return true;
    }
    if (!target || !cursor.accept(kind.equals)) {
      cursor.at = before;
      return false;
    }
    // POLY PO[X]=(10,1,0.5): the end and the coefficients.
    if (target.name === 'PO' && cursor.kind() === kind.openRound) {
      const [end] = this.expressions.arguments();
      if (this.expressions.failedAt !== -1) this.passFailed();
      const [of] = target.index;
      if (end && of?.kind === 'variable') this.push({ kind: 'address', name: `PO[${of.name}]`, value: end });
      return true;
    }
    const value = this.expression();
    const [axis] = target.index;
    // POS[X]=100 is an address, $P_UIFR[1,X,TR]=10 and _FIELD[3]=1 are variables.
    const of = axis?.kind === 'variable' ? axis.name : axis?.kind === 'number' ? `${axis.value}` : undefined;
    if (addresses.has(target.name) && of !== undefined)
      this.push({ kind: 'address', name: `${target.name}[${of}]`, value });
    else this.push({ kind: 'assign', target, value });
    return true;
  }

  /** `X=IC(5)`, `S2=1000`, `T="MILL"`. */
  #valued(letter: number, start: number, index: number): void {
    const { block, cursor } = this;
    const value = this.expression();
    if (letter === T && value.kind === 'text') {
      this.push({ kind: 'tool', via: 'T=', tool: value, axis: undefined, parameters: [] });
      return;
    }
    const [inner, flag] = positioned(value);
    const flags = flag | (inner.kind === 'unary' ? wordFlag.sign : 0);
    block.words.addComputed(letter, constantOf(inner), inner, block.base + start, block.base + cursor.passed(), flags);
    if (index >= 0) block.words.extend(index);
    this.#statements.code(letter, block);
  }

  /** `L10`: leading zeros count. */
  #subprogram(): void {
    const { cursor } = this;
    const name = cursor.name();
    cursor.next();
    this.push(this.#statements.call('L', `${name}${cursor.name()}`, 'program', []));
    cursor.next();
  }

  #name(): void {
    const { cursor, block } = this;
    const name = cursor.name();
    const behind = this.#behindName();
    if (behind === kind.equals) {
      this.#namedValue(name);
      return;
    }
    if (behind === kind.openBracket && this.#assigned()) return;
    // AP, I1 … without `=` where a number follows directly: I1 is written with `=` only.
    if (addresses.has(name) && this.#signFollows()) {
      this.#namedValue(name);
      return;
    }
    this.#statements.keyword(name, block);
  }

  #behindName(): number {
    const { cursor, tokens } = this;
    let at = cursor.at + 1;
    while (at < tokens.count && tokens.kind[at] === kind.blank) at++;
    return at < tokens.count ? (tokens.kind[at] as number) : -1;
  }

  #signFollows(): boolean {
    const is = this.cursor.kindBehind();
    return is === kind.minus || is === kind.plus;
  }

  #namedValue(name: string): void {
    const { cursor } = this;
    cursor.next();
    cursor.accept(kind.equals);
    const value = this.expression();
    if (addresses.has(name) && !name.startsWith('$')) this.push({ kind: 'address', name, value });
    else this.push({ kind: 'assign', target: { kind: 'variable', system: 'name', name, index: [] }, value });
  }

  /** `L10 P3` and `NAME P3` run three times. */
  #repeats(): void {
    const { statements, words } = this.block;
    const at = statements.findIndex((statement) => statement.kind === 'call');
    const call = statements[at];
    if (call?.kind !== 'call') return;
    const repeats = words.first(P);
    if (repeats !== undefined) statements[at] = { ...call, repeats };
  }
}

/** `IC(5)` and `AC(5)` say how a coordinate is meant; `DC`, `ACP` and `ACN` are absolute ways of a rotary axis. */
function positioned(value: Expression): [Expression, number] {
  if (value.kind !== 'call' || value.arguments.length !== 1) return [value, 0];
  const [inner] = value.arguments;
  if (!inner) return [value, 0];
  if (value.name === 'IC') return [inner, wordFlag.incremental];
  if (['AC', 'DC', 'ACP', 'ACN'].includes(value.name)) return [inner, wordFlag.absolute];
  return [value, 0];
}
