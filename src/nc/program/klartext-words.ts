import { tokenKind as kind } from '../syntax/token.ts';
import { wordFlag } from './block.ts';
import type { Cursor } from './cursor.ts';
import type { Expression } from './expression.ts';
import { constantOf, type ExpressionReader } from './expression-reader.ts';
import type { OpenBlock } from './open-block.ts';
import type { Parameter, Statement } from './statement.ts';

type PathFunction = Extract<Statement, { kind: 'path-function' }>;
/** F AUTO: the feed of the tool call. */
const feedOfTool: Statement = { kind: 'address', name: 'FAUTO', value: { kind: 'number', value: 1 } };
const R = 0x52;
const F = 0x46;

/** Words that say something by standing there. */
const bare = new Set(
  'MAX AUTO MOVE STAY TURN PAT POS FMAX FAUTO RL RR SYM TABLE COORD ROT SEQ INCH MM NEXT WITHOUT SET REFERENCE TURN FUNCTION'.split(
    ' ',
  ),
);

/** Coordinates and what stands beside them in a Klartext block. */
export class KlartextWords {
  readonly #cursor: Cursor;
  readonly #expressions: ExpressionReader;
  readonly #shared = new Map<string, PathFunction>();
  #compensation: PathFunction['compensation'];
  #rotation: PathFunction['rotation'] = 0;
  #rapid = false;

  constructor(cursor: Cursor, expressions: ExpressionReader) {
    this.#cursor = cursor;
    this.#expressions = expressions;
  }

  path(name: string, block: OpenBlock): void {
    // The length of CHF stands alone.
    if (this.#cursor.isNumber()) block.statements.push({ kind: 'address', name, value: this.#operand(block) });
    this.rest(block, true);
    block.statements.unshift(this.#statement(name));
  }

  /** One object for all blocks that say the same. */
  #statement(name: string): PathFunction {
    const key = `${name} ${this.#compensation} ${this.#rotation} ${this.#rapid}`;
    let made = this.#shared.get(key);
    if (!made) {
      made = {
        kind: 'path-function',
        name,
        compensation: this.#compensation,
        rotation: this.#rotation,
        rapid: this.#rapid,
      };
      if (this.#shared.size < 1_000) this.#shared.set(key, made);
    }
    return made;
  }

  /** Words to the end of the block. `path`: R0 is no radius here but the compensation. */
  rest(block: OpenBlock, path: boolean): void {
    this.#compensation = undefined;
    this.#rotation = 0;
    this.#rapid = false;
    for (;;) {
      const is = this.#cursor.kind();
      if (is === kind.letter) this.#letter(block, path);
      else if (is === kind.name) this.#name(block);
      else return;
    }
  }

  #letter(block: OpenBlock, path: boolean): void {
    const cursor = this.#cursor;
    const start = cursor.start();
    const letter = cursor.value();
    cursor.next();
    if (letter === R && path && cursor.kind() === kind.integer && cursor.value() === 0) {
      this.#compensation = 'R0';
      cursor.next();
    } else if (letter === F && cursor.kind() === kind.name && this.#feedWord(cursor.name(), block)) cursor.next();
    else this.#value(block, letter, start, 0);
  }

  #feedWord(name: string, block: OpenBlock): boolean {
    if (name === 'MAX') this.#rapid = true;
    if (name === 'AUTO') block.statements.push(feedOfTool);
    return name === 'MAX' || name === 'AUTO';
  }

  #name(block: OpenBlock): void {
    const cursor = this.#cursor;
    const start = cursor.start();
    const name = cursor.name();
    if (name === 'RL' || name === 'RR') this.#compensation = name;
    else if (name === 'FMAX') this.#rapid = true;
    else if (name === 'FAUTO') block.statements.push(feedOfTool);
    else if (name === 'MB') {
      this.#retract(block);
      return;
    } else if (name === 'DR') {
      this.#direction(block);
      return;
    } else if (name === 'HSC' && this.#cursor.kindBehind() === kind.minus) {
      this.#hscMode(start, block);
      return;
    } else if (!bare.has(name) || this.#valueFollows()) {
      this.#address(name, start, block);
      return;
    }
    cursor.next();
  }

  /** `COORD ROT` says something by standing there; `ROT+35` has a value. */
  #valueFollows(): boolean {
    const is = this.#cursor.kindBehind();
    return is === kind.plus || is === kind.minus || is === kind.integer || is === kind.decimal;
  }

  /** `DR+` turns; `DR+0.5` is a tool's oversize. */
  #direction(block: OpenBlock): void {
    const cursor = this.#cursor;
    const start = cursor.start();
    cursor.next();
    const sign = cursor.kind();
    const number = cursor.kindBehind();
    if ((sign !== kind.plus && sign !== kind.minus) || number === kind.integer || number === kind.decimal) {
      this.#push('DR', start, block);
      return;
    }
    this.#rotation = sign === kind.plus ? 1 : -1;
    cursor.next();
  }

  /** `M140 MB 50` or `MB MAX`: how far the tool is drawn back. */
  #retract(block: OpenBlock): void {
    const cursor = this.#cursor;
    cursor.next();
    const is = cursor.kind();
    if (is !== kind.integer && is !== kind.decimal && is !== kind.plus && is !== kind.minus) return;
    block.statements.push({ kind: 'address', name: 'MB', value: this.#operand(block) });
  }

  /** `HSC-MODE:1` of CYCL DEF 32. */
  #hscMode(start: number, block: OpenBlock): void {
    const cursor = this.#cursor;
    cursor.next();
    cursor.next();
    if (!cursor.acceptName('MODE') || !cursor.accept(kind.colon)) {
      block.unknownAt(block.base + start);
      return;
    }
    block.statements.push({ kind: 'address', name: 'HSC-MODE', value: this.#operand(block) });
  }

  #address(name: string, start: number, block: OpenBlock): void {
    const cursor = this.#cursor;
    const incremental = /^I([XYZABCUVW])$/.exec(name);
    cursor.next();
    // DR2+0.05: the oversize of the corner radius.
    if (name === 'DR2') {
      this.#push(name, start, block);
      return;
    }
    if (incremental?.[1]) {
      this.#value(block, incremental[1].charCodeAt(0), start, wordFlag.incremental);
      return;
    }
    // What is written together: XQ5, IXQ5, FQ1, PRQ3, LA5, IX10.
    const joined = /^(I?)([XYZABCUVWFSM]|P[AR]|IP[AR]|LA|CC[AXY]|[A-Z]{2,8}?)(Q[LRS]?)?(\d+)$/.exec(name);
    if (!joined) {
      this.#push(name, start, block);
      return;
    }
    const [, incrementalToo = '', address = '', family, digits] = joined;
    const number: Expression = {
      kind: 'number',
      value: Number(digits) + (family === undefined ? this.#fraction() : 0),
    };
    const value: Expression =
      family === undefined
        ? number
        : { kind: 'variable', system: family as 'Q' | 'QL' | 'QR' | 'QS', name: '', index: [number] };
    const end = block.base + cursor.passed();
    if (address.length > 1) block.statements.push({ kind: 'address', name: incrementalToo + address, value });
    else {
      const flags = incrementalToo === '' ? 0 : wordFlag.incremental;
      block.words.addComputed(address.charCodeAt(0), constantOf(value), value, block.base + start, end, flags);
    }
  }

  /** Of `SCL0.9995` and `NX0.2`, whose digits up to the point belong to the name; 0 where nothing follows. */
  #fraction(): number {
    const cursor = this.#cursor;
    if (cursor.at >= cursor.tokens.count || cursor.tokens.kind[cursor.at] !== kind.decimal) return 0;
    const value = cursor.value();
    if (cursor.bytes[cursor.start()] !== 0x2e) return 0;
    cursor.next();
    return value;
  }

  #push(name: string, start: number, block: OpenBlock): void {
    const is = this.#cursor.kind();
    const hasValue = is === kind.plus || is === kind.minus || is === kind.integer || is === kind.decimal;
    const says = is === kind.equals || is === kind.colon;
    if (!hasValue && is !== kind.letter && is !== kind.name && !says) {
      block.unknownAt(block.base + start);
      return;
    }
    // `Q1=5`, `ANGLE: +15`.
    if (says) this.#cursor.next();
    // CLSD+ closes a contour clockwise or not: the sign is all there is.
    const behind = this.#cursor.kindBehind();
    if ((is === kind.plus || is === kind.minus) && (name === 'CLSD' || name === 'SEQ') && behind !== kind.integer) {
      this.#cursor.next();
      block.statements.push({ kind: 'address', name, value: { kind: 'number', value: is === kind.plus ? 1 : -1 } });
      return;
    }
    const value = this.#operand(block);
    block.statements.push({ kind: 'address', name, value });
  }

  #value(block: OpenBlock, letter: number, start: number, flags: number): void {
    const cursor = this.#cursor;
    const first = cursor.kind();
    const signed = first === kind.minus || first === kind.plus;
    if (signed) cursor.next();
    const is = cursor.kind();
    const said = flags | (signed ? wordFlag.sign : 0) | (is === kind.decimal ? wordFlag.point : 0);
    if (is === kind.integer || is === kind.decimal) {
      const value = first === kind.minus ? -cursor.value() : cursor.value();
      cursor.next();
      block.words.add(letter, value, block.base + start, block.base + cursor.passed(), said);
      return;
    }
    if (this.#standsAlone(is)) {
      block.words.add(letter, Number.NaN, block.base + start, block.base + cursor.passed(), said);
      return;
    }
    const operand = this.#operand(block);
    const value: Expression = first === kind.minus ? { kind: 'unary', operator: '-', operand } : operand;
    block.words.addComputed(letter, constantOf(value), value, block.base + start, block.base + cursor.passed(), said);
  }

  /** An axis without a value: `L X R0 FMAX` takes over the tool's position, `CYCL DEF 8.1 X Y` mirrors. */
  #standsAlone(is: number): boolean {
    if (is === -1) return true;
    return (is === kind.letter || is === kind.name) && !this.#cursor.name().startsWith('Q');
  }

  #operand(block: OpenBlock): Expression {
    const read = this.#expressions.operand();
    if (this.#expressions.failedAt !== -1) {
      block.unknownAt(block.base + this.#expressions.failedAt);
      if (this.#cursor.kind() !== -1) this.#cursor.next();
    }
    return read;
  }

  /** `Q200=2 Q201=-20`, with comments between. */
  parameters(block: OpenBlock): Parameter[] {
    const list: Parameter[] = [];
    for (;;) {
      const target = this.#expressions.variable();
      if (!target || !this.#cursor.accept(kind.equals)) return list;
      const value = this.#expressions.read();
      if (this.#expressions.failedAt !== -1) {
        block.unknownAt(block.base + this.#expressions.failedAt);
        return list;
      }
      const [index] = target.index;
      list.push({ name: `${target.system}${index?.kind === 'number' ? index.value : ''}`, value });
    }
  }
}
