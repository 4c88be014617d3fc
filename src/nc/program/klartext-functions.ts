import { tokenKind as kind } from '../syntax/token.ts';
import type { Cursor } from './cursor.ts';
import type { BinaryOperator, Expression } from './expression.ts';
import type { ExpressionReader } from './expression-reader.ts';
import { isVariable, labelName, restOf } from './klartext-text.ts';
import type { OpenBlock } from './open-block.ts';
import type { Jump, Statement } from './statement.ts';

const comparisons: Record<string, BinaryOperator> = { EQU: 'EQ', NE: 'NE', GT: 'GT', LT: 'LT' };
const sums: Record<number, BinaryOperator> = { 1: '+', 2: '-', 3: '*', 4: '/' };
const ofTwo: Record<number, string> = { 8: 'LEN', 13: 'ANG' };
/** FN numbers that send something: 15 PRINT, 16 F-PRINT, 19 PLC, 26 to 28 tables, 29 PLC, 38 SEND. */
const outputFunctions = new Set([15, 16, 19, 26, 27, 28, 29, 38]);

/** Klartext's numbered functions of variables. */
export class KlartextFunctions {
  readonly #cursor: Cursor;
  readonly #expressions: ExpressionReader;

  constructor(cursor: Cursor, expressions: ExpressionReader) {
    this.#cursor = cursor;
    this.#expressions = expressions;
  }

  #skip(): void {
    this.#cursor.at = this.#cursor.tokens.count;
  }

  #push(block: OpenBlock, statement: Statement): void {
    block.statements.push(statement);
  }

  #check(block: OpenBlock): void {
    const { failedAt } = this.#expressions;
    if (failedAt !== -1) block.unknownAt(block.base + failedAt);
    if (failedAt !== -1) this.#skip();
  }

  /** What stands behind `FN`. */
  read(block: OpenBlock): void {
    const cursor = this.#cursor;
    const number = cursor.kind() === kind.integer ? cursor.value() : -1;
    cursor.next();
    cursor.accept(kind.colon);
    if (number >= 9 && number <= 12) this.#conditionalJump(block);
    else if (number === 0 || number in sums || number in ofTwo || (number >= 5 && number <= 7))
      this.#arithmetic(number, block);
    else if (outputFunctions.has(number)) {
      this.#push(block, { kind: 'output', via: `FN ${number}`, external: true });
      this.#skip();
    } else if (number === 18) this.#systemRead(block);
    else
      this.#push(block, {
        kind: 'other',
        keyword: `FN ${number}`,
        parameters: [{ name: '', value: { kind: 'text', value: restOf(this.#cursor) } }],
      });
  }

  #conditionalJump(block: OpenBlock): void {
    this.#cursor.acceptName('IF');
    const left = this.#expressions.operand();
    const condition = this.#defined(left) ?? this.#comparison(left);
    if (!condition) return void block.unknownAt(block.base + this.#cursor.passed());
    this.#check(block);
    this.#cursor.acceptName('GOTO');
    this.#cursor.acceptName('LBL');
    const target = isVariable(this.#cursor) ? this.#expressions.operand() : labelName(this.#cursor);
    const jump: Jump = { kind: 'goto', target, direction: 'any' };
    this.#push(block, { kind: 'if', condition, body: [jump] });
  }

  #comparison(left: Expression): Expression | undefined {
    const operator = comparisons[this.#cursor.kind() === kind.name ? this.#cursor.name() : ''];
    if (!operator) return undefined;
    this.#cursor.next();
    return { kind: 'binary', operator, left, right: this.#expressions.operand() };
  }

  /** `IF Q1 IS UNDEFINED`. */
  #defined(left: Expression): Expression | undefined {
    if (!this.#cursor.acceptName('IS')) return undefined;
    const asked = left.kind === 'unary' ? left.operand : left;
    const exists: Expression = { kind: 'call', name: 'EXISTS', arguments: [asked] };
    if (this.#cursor.acceptName('DEFINED')) return exists;
    return this.#cursor.acceptName('UNDEFINED') ? { kind: 'unary', operator: 'NOT', operand: exists } : undefined;
  }

  /** `FN 1: Q1 = Q2 + Q3` and its kin; `FN 5: Q1 = SQRT Q2`, `FN 13: Q1 = Q2 ANG Q3`. */
  #arithmetic(number: number, block: OpenBlock): void {
    const target = this.#expressions.variable();
    if (!target || !this.#cursor.accept(kind.equals)) return void block.unknownAt(block.base + this.#cursor.passed());
    const left = this.#expressions.read();
    if (this.#cursor.kind() === kind.name && (number in sums || number in ofTwo)) {
      this.#cursor.next();
      const right = this.#expressions.operand();
      this.#check(block);
      const operator = sums[number];
      const value: Expression = operator
        ? { kind: 'binary', operator, left, right }
        : { kind: 'call', name: ofTwo[number] ?? '', arguments: [left, right] };
      this.#push(block, { kind: 'assign', target, value });
      return;
    }
    this.#check(block);
    this.#push(block, { kind: 'assign', target, value: left });
  }

  #systemRead(block: OpenBlock): void {
    this.#cursor.acceptName('SYSREAD');
    const target = this.#expressions.variable();
    const text = restOf(this.#cursor);
    const value: Expression = { kind: 'call', name: 'SYSREAD', arguments: [{ kind: 'text', value: text }] };
    if (target) this.#push(block, { kind: 'assign', target, value });
    else this.#push(block, { kind: 'other', keyword: 'FN 18', parameters: [] });
  }
}
