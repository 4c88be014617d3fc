import { limits } from '../../domain/limits.ts';
import { tokenKind as kind } from '../syntax/token.ts';
import type { Cursor } from './cursor.ts';
import type { BinaryOperator, Expression, Variable, VariableSystem } from './expression.ts';

/** How a dialect writes expressions. */
export type Grammar = {
  /** `[ ]` or `( )`. */
  open: number;
  close: number;
  /** Operators that are words or signs of comparison, with how tightly they bind. */
  operators: ReadonlyMap<string, readonly [BinaryOperator, number]>;
  /** Letters that are a variable when a number or an index follows: `R1`, `Q10`. */
  counted: ReadonlyMap<number, VariableSystem>;
  /** Name prefixes that are a family when digits follow: `VC12`, `QL3`. */
  countedNames: ReadonlyMap<string, VariableSystem>;
  /** Functions that may stand before their operand without brackets: Klartext's `SIN Q1`. */
  prefix?: ReadonlySet<string>;
  /** Functions of texts, whose arguments are written in ways of their own: `TOCHAR( DAT+Q1 DECIMALS2 )`. */
  texts?: ReadonlySet<string>;
  /** Whether a bare name is a variable. */
  names: boolean;
  power: { sum: number; product: number };
};

const unknown: Expression = { kind: 'unknown' };
const signs: Partial<Record<number, BinaryOperator>> = {
  [kind.plus]: '+',
  [kind.minus]: '-',
  [kind.times]: '*',
  [kind.divide]: '/',
};

/**
 * Reads expressions by precedence climbing, no deeper than `limits.ncExpressionDepth` and no longer than
 * `limits.ncExpressionTerms`, so that whoever walks over one never runs out of stack.
 */
export class ExpressionReader {
  readonly #cursor: Cursor;
  readonly #grammar: Grammar;
  #depth = 0;
  #terms = 0;
  /** Offset into the bytes of what could not be read in the expression that was read last; -1 nothing. */
  failedAt = -1;
  /** The token that stands there. Who goes on behind it reads a hostile line once. */
  failedToken = -1;

  constructor(cursor: Cursor, grammar: Grammar) {
    this.#cursor = cursor;
    this.#grammar = grammar;
  }

  /** What stands at the cursor. */
  read(): Expression {
    this.#begin();
    return this.#binary(0);
  }

  /** One operand with its sign: what may stand behind an address. */
  operand(): Expression {
    this.#begin();
    return this.#unary();
  }

  /** The variable at the cursor, undefined where there is none; then nothing is taken. */
  variable(): Variable | undefined {
    this.#begin();
    const before = this.#cursor.at;
    const read = this.#isOperandStart() ? this.#primary() : unknown;
    if (read.kind === 'variable' && this.failedAt === -1) return read;
    this.#cursor.at = before;
    return undefined;
  }

  #begin(): void {
    this.failedAt = -1;
    this.#depth = 0;
    this.#terms = 0;
  }

  #isOperandStart(): boolean {
    const is = this.#cursor.kind();
    return is === kind.hash || is === kind.name || is === kind.letter || is === kind.sign;
  }

  #fail(): Expression {
    if (this.failedAt !== -1) return unknown;
    this.failedAt = this.#cursor.kind() === -1 ? this.#cursor.passed() : this.#cursor.start();
    this.failedToken = this.#cursor.at;
    return unknown;
  }

  #binary(least: number): Expression {
    if (++this.#depth > limits.ncExpressionDepth) return this.#fail();
    let left = this.#unary();
    for (;;) {
      const operator = this.#operator();
      if (!operator || operator[1] < least) break;
      if (++this.#terms > limits.ncExpressionTerms) return this.#fail();
      this.#cursor.next();
      const right = this.#binary(operator[1] + 1);
      left = { kind: 'binary', operator: operator[0], left, right };
      if (this.failedAt !== -1) break;
    }
    this.#depth--;
    return left;
  }

  #operator(): readonly [BinaryOperator, number] | undefined {
    const { operators, power } = this.#grammar;
    const is = this.#cursor.kind();
    const sign = signs[is];
    if (sign) return [sign, sign === '+' || sign === '-' ? power.sum : power.product];
    if (
      is !== kind.name &&
      is !== kind.compare &&
      is !== kind.equals &&
      is !== kind.sign &&
      is !== kind.colon &&
      is !== kind.percent
    )
      return undefined;
    return operators.get(this.#cursor.name());
  }

  #unary(): Expression {
    if (++this.#depth > limits.ncExpressionDepth) return this.#fail();
    const is = this.#cursor.kind();
    let made: Expression;
    if (is === kind.minus || is === kind.plus) {
      this.#cursor.next();
      made = { kind: 'unary', operator: is === kind.minus ? '-' : '+', operand: this.#unary() };
    } else if (is === kind.name && this.#cursor.name() === 'NOT') {
      this.#cursor.next();
      made = { kind: 'unary', operator: 'NOT', operand: this.#unary() };
    } else made = this.#primary();
    this.#depth--;
    return made;
  }

  #primary(): Expression {
    const cursor = this.#cursor;
    const { open, counted } = this.#grammar;
    const is = cursor.kind();
    if (is === kind.integer || is === kind.decimal) {
      const value = cursor.value();
      cursor.next();
      return { kind: 'number', value };
    }
    if (is === open) return this.#bracketed();
    if (is === kind.hash) return this.#hash();
    if (is === kind.string) {
      const text = cursor.text();
      cursor.next();
      // Siemens: 'HFF' and 'B101'.
      const [, base, digits = ''] = /^'([HB])([0-9A-F]+)'$/i.exec(text) ?? [];
      if (base) return { kind: 'number', value: Number.parseInt(digits, base.toUpperCase() === 'H' ? 16 : 2) };
      return { kind: 'text', value: text.slice(1, -1) };
    }
    if (is === kind.letter && counted.has(cursor.value())) return this.#counted();
    if (is === kind.name || (is === kind.letter && this.#grammar.names)) return this.#named();
    return this.#fail();
  }

  #bracketed(): Expression {
    this.#cursor.next();
    const inner = this.#binary(0);
    if (this.failedAt !== -1) return inner;
    return this.#cursor.accept(this.#grammar.close) ? inner : this.#fail();
  }

  /** `#101`, `#[…]`, `#<NAME>`, `#_NAME[…]`. */
  #hash(): Expression {
    const cursor = this.#cursor;
    cursor.next();
    const is = cursor.kind();
    if (is === kind.name || is === kind.angleName) {
      // `#<Top Of Part>` and `#<topofpart>` are one.
      const name = cursor.name().replaceAll(/[ \t]/g, '');
      cursor.next();
      return { kind: 'variable', system: '#', name, index: this.#indices() };
    }
    if (++this.#depth > limits.ncExpressionDepth) return this.#fail();
    const index = this.#primary();
    this.#depth--;
    return this.failedAt === -1 ? { kind: 'variable', system: '#', name: '', index: [index] } : unknown;
  }

  /** `R1`, `R[…]`, `Q10`. */
  #counted(): Expression {
    const cursor = this.#cursor;
    const system = this.#grammar.counted.get(cursor.value()) ?? 'name';
    const name = cursor.name();
    cursor.next();
    if (cursor.kind() === kind.integer) {
      const value = cursor.value();
      cursor.next();
      return { kind: 'variable', system, name: '', index: [{ kind: 'number', value }] };
    }
    const index = this.#indices();
    if (index.length > 0) return { kind: 'variable', system, name: '', index };
    return this.#grammar.names ? { kind: 'variable', system: 'name', name, index } : this.#fail();
  }

  #named(): Expression {
    const cursor = this.#cursor;
    const name = this.#takeName();
    if (this.#grammar.texts?.has(name) && cursor.kind() === this.#grammar.open) return this.#text(name);
    if (this.#grammar.prefix?.has(name)) return { kind: 'call', name, arguments: name === 'PI' ? [] : [this.#unary()] };
    if (cursor.kind() === this.#grammar.open && !this.#grammar.countedNames.has(name)) {
      const index = this.#list();
      if (this.failedAt !== -1) return unknown;
      // Where brackets index, whatever is no function is an array: VZOFX[1].
      if (this.#grammar.open === kind.openBracket && this.#grammar.names && !functions.has(name))
        return { kind: 'variable', system: 'name', name, index };
      return { kind: 'call', name, arguments: index };
    }
    const family = /^([A-Z]+)(\d+)$/.exec(name);
    const system = family ? this.#grammar.countedNames.get(family[1] ?? '') : this.#grammar.countedNames.get(name);
    if (system && family)
      return { kind: 'variable', system, name: '', index: [{ kind: 'number', value: Number(family[2]) }] };
    if (system) return { kind: 'variable', system, name: '', index: this.#indices() };
    if (!this.#grammar.names) return this.#fail();
    return { kind: 'variable', system: 'name', name, index: this.#indices() };
  }

  /** Up to the bracket that closes it, without what stands inside. */
  #text(name: string): Expression {
    const cursor = this.#cursor;
    const { open, close } = this.#grammar;
    for (let depth = 0; ; cursor.next()) {
      const is = cursor.kind();
      if (is === -1) return this.#fail();
      if (is === open) depth++;
      if (is === close && --depth === 0) break;
    }
    cursor.next();
    return { kind: 'call', name, arguments: [] };
  }

  /** A name, or a letter with the digits directly behind it: the axis `X1`. */
  #takeName(): string {
    const cursor = this.#cursor;
    const letter = cursor.kind() === kind.letter;
    let name = cursor.name();
    cursor.next();
    if (letter && cursor.tokens.kind[cursor.at] === kind.integer && cursor.at < cursor.tokens.count) {
      name += cursor.name();
      cursor.next();
    }
    return name;
  }

  #indices(): Expression[] {
    return this.#cursor.kind() === kind.openBracket ? this.#list() : [];
  }

  /** `(a, b, c)`: what stands between the brackets at the cursor; an empty place is an empty text. */
  #list(): Expression[] {
    const cursor = this.#cursor;
    const close = cursor.kind() === kind.openBracket ? kind.closeBracket : kind.closeRound;
    cursor.next();
    const list: Expression[] = [];
    if (cursor.accept(close)) return list;
    for (;;) {
      const is = cursor.kind();
      list.push(is === kind.comma || is === close ? { kind: 'text', value: '' } : this.#binary(0));
      if (this.failedAt !== -1) return list;
      if (cursor.accept(close)) return list;
      if (!cursor.accept(kind.comma)) {
        this.#fail();
        return list;
      }
    }
  }

  /** The arguments in the brackets at the cursor. */
  arguments(): Expression[] {
    this.#begin();
    return this.#list();
  }
}

/** Functions of the dialects whose brackets are square. */
const functions = new Set(
  (
    'SIN COS TAN ASIN ACOS ATAN SQRT SQR ABS BIN BCD ROUND RND FIX FUP FUD LN EXP POW ADP PRM MOD DROUND ' +
    'DFIX DFUP SI CO TA AS AC AT SQ AB RO FI FU BI BC'
  ).split(' '),
);

const arithmetic: Partial<Record<BinaryOperator, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
};

/** What an expression without variables is; NaN where it has some. Division by zero is left to the control: NaN. */
export function constantOf(expression: Expression): number {
  if (expression.kind === 'number') return expression.value;
  if (expression.kind === 'unary') {
    const inner = constantOf(expression.operand);
    return expression.operator === '-' ? -inner : expression.operator === '+' ? inner : Number.NaN;
  }
  if (expression.kind !== 'binary') return Number.NaN;
  const value = arithmetic[expression.operator]?.(constantOf(expression.left), constantOf(expression.right));
  return value !== undefined && Number.isFinite(value) ? value : Number.NaN;
}
