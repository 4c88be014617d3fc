import { tokenKind as kind, type Tokens } from '../syntax/token.ts';
import { wordFlag } from './block.ts';
import { Cursor } from './cursor.ts';
import type { DialectReader } from './dialect-reader.ts';
import type { Expression } from './expression.ts';
import { constantOf, ExpressionReader } from './expression-reader.ts';
import { isoGrammar } from './grammars.ts';
import { IsoStatements } from './iso-statements.ts';
import type { OpenBlock } from './open-block.ts';

const [G, M, N, O] = [...'GMNO'].map((letter) => letter.charCodeAt(0)) as [number, number, number, number];

/** M and G codes that are more than a word. */
const specialM = new Uint8Array(1024);
for (const code of [2, 30, 96, 97, 98, 99, 198, 998, 999]) specialM[code] = 1;
const specialG = new Uint8Array(256);
for (const code of [65, 66, 67]) specialG[code] = 1;

/** FANUC, Haas and Hurco: address words and custom macro B. */
export class IsoReader implements DialectReader {
  readonly #tokens: Tokens;
  readonly #cursor: Cursor;
  readonly #expressions: ExpressionReader;
  readonly #statements: IsoStatements;
  #special = false;

  /** `transfers`: M998 and M999 hand over to another program. */
  constructor(tokens: Tokens, transfers = false) {
    this.#tokens = tokens;
    this.#cursor = new Cursor(tokens);
    this.#expressions = new ExpressionReader(this.#cursor, isoGrammar);
    this.#statements = new IsoStatements(this.#cursor, this.#expressions, transfers);
  }

  read(bytes: Uint8Array, block: OpenBlock): void {
    const tokens = this.#tokens;
    const { kind: kinds, count } = tokens;
    this.#cursor.bytes = bytes;
    this.#special = false;
    let at = 0;
    while (at < count) {
      const is = kinds[at];
      if (is === kind.letter) at = this.#word(at, block);
      else if (is === kind.blank) at++;
      else if (is === kind.lineEnd || is === kind.blockEnd) break;
      else at = this.#other(at, is as number, block);
    }
    if (this.#special) this.#statements.codes(block);
  }

  /** A letter and its number, which is nearly everything in most programs. */
  #word(at: number, block: OpenBlock): number {
    const { kind: kinds, start, value, count } = this.#tokens;
    const letter = value[at] as number;
    let next = at + 1;
    while (next < count && kinds[next] === kind.blank) next++;
    let flags = 0;
    let sign = 1;
    if (kinds[next] === kind.minus && next < count) {
      flags = wordFlag.sign;
      sign = -1;
      next++;
    } else if (kinds[next] === kind.plus && next < count) {
      flags = wordFlag.sign;
      next++;
    }
    const is = next < count ? kinds[next] : -1;
    if (is === kind.decimal) flags |= wordFlag.point;
    else if (is !== kind.integer) return this.#computed(at, letter, block);
    const number = value[next] as number;
    if (letter === N) return this.#blockNumber(next, number, block);
    if (letter === O) return this.#programNumber(at, next, number, block);
    if (letter === M) {
      if (number < 1024 && specialM[number]) this.#special = true;
    } else if (letter === G && number < 256 && specialG[number | 0]) this.#special = true;
    block.words.add(
      letter,
      sign * number,
      block.base + (start[at] as number),
      block.base + (start[next + 1] as number),
      flags,
    );
    return next + 1;
  }

  #blockNumber(at: number, number: number, block: OpenBlock): number {
    if (block.number === -1 && this.#tokens.kind[at] === kind.integer) block.number = number;
    else block.unknownAt(block.base + (this.#tokens.start[at] as number));
    return at + 1;
  }

  #programNumber(at: number, next: number, number: number, block: OpenBlock): number {
    const whole = this.#tokens.kind[next] === kind.integer && this.#tokens.kind[next - 1] !== kind.minus;
    if (block.words.count > 0 || !whole) block.unknownAt(block.base + (this.#tokens.start[at] as number));
    else block.statements.push({ kind: 'program-start', name: undefined, number, units: undefined });
    return next + 1;
  }

  /** A letter whose value is no plain number. */
  #computed(at: number, letter: number, block: OpenBlock): number {
    const cursor = this.#cursor;
    const start = block.base + (this.#tokens.start[at] as number);
    cursor.at = at + 1;
    const is = cursor.kind();
    if (is === kind.angleName) return this.#angleName(letter, start, block);
    if (is !== kind.hash && is !== kind.openBracket && is !== kind.minus && is !== kind.plus) {
      block.unknownAt(start);
      return at + 1;
    }
    const expression = this.#expressions.operand();
    if (this.#expressions.failedAt !== -1) {
      block.unknownAt(block.base + this.#expressions.failedAt);
      return Math.max(cursor.at, at + 1);
    }
    this.#addComputed(letter, expression, start, block.base + cursor.passed(), block);
    return cursor.at;
  }

  #addComputed(letter: number, expression: Expression, start: number, end: number, block: OpenBlock): void {
    if (letter === M || letter === G) this.#special = true;
    const flags = expression.kind === 'unary' ? wordFlag.sign : 0;
    block.words.addComputed(letter, constantOf(expression), expression, start, end, flags);
  }

  /** `O<NAME>` names the program, `M98 P<NAME>` calls one. */
  #angleName(letter: number, start: number, block: OpenBlock): number {
    const name = this.#cursor.text().slice(1, -1);
    const end = block.base + this.#cursor.end();
    this.#cursor.next();
    if (letter === O && block.words.count === 0)
      block.statements.push({ kind: 'program-start', name, number: undefined, units: undefined });
    else this.#addComputed(letter, { kind: 'text', value: name }, start, end, block);
    return this.#cursor.at;
  }

  #other(at: number, is: number, block: OpenBlock): number {
    const { start, value } = this.#tokens;
    const here = block.base + (start[at] as number);
    switch (is) {
      case kind.comment:
        if (block.commentEnd === 0) {
          block.commentStart = here;
          block.commentEnd = block.base + (start[at + 1] as number);
        }
        return at + 1;
      case kind.brokenComment:
        block.ambiguous = (['nested', 'not closed', 'not opened'] as const)[value[at] as number];
        return at + 1;
      case kind.blockSkip:
        block.skip = Math.max(block.skip, value[at] as number);
        block.skips++;
        return at + 1;
      case kind.percent:
        block.statements.push({ kind: 'percent' });
        return at + 1;
      case kind.divide:
        block.ambiguous ??= 'skip inside';
        return at + 1;
      default:
        this.#cursor.at = at;
        this.#statements.statement(is, block);
        return Math.max(this.#cursor.at, at + 1);
    }
  }
}

/** Mazak's EIA/ISO, which differs in how a program hands over to the next one: `M998 <NEXT> Q1`. */
export class MazakReader extends IsoReader {
  constructor(tokens: Tokens) {
    super(tokens, true);
  }
}
