import { tokenKind as kind, type Tokens } from '../syntax/token.ts';
import { wordFlag } from './block.ts';
import { Cursor } from './cursor.ts';
import type { DialectReader } from './dialect-reader.ts';
import type { Expression } from './expression.ts';
import { constantOf, ExpressionReader, type Grammar } from './expression-reader.ts';
import { OpenBlock } from './open-block.ts';
import type { Statement } from './statement.ts';

/** What the readers of the languages with keywords share. */
export abstract class TokenReader implements DialectReader {
  protected readonly tokens: Tokens;
  protected readonly cursor: Cursor;
  protected readonly expressions: ExpressionReader;
  protected block = new OpenBlock();

  constructor(tokens: Tokens, grammar: Grammar) {
    this.tokens = tokens;
    this.cursor = new Cursor(tokens);
    this.expressions = new ExpressionReader(this.cursor, grammar);
  }

  read(bytes: Uint8Array, block: OpenBlock): void {
    this.block = block;
    this.cursor.bytes = bytes;
    this.cursor.at = 0;
    this.#asides();
    this.content();
  }

  /** Reads from the cursor, which stands before the first token, to the block's end. */
  protected abstract content(): void;

  /** Comments, block skips and brackets that do not match. */
  #asides(): void {
    const { tokens, block } = this;
    for (let at = 0; at < tokens.count; at++) {
      const is = tokens.kind[at];
      if (is === kind.comment && block.commentEnd === 0) {
        block.commentStart = block.base + (tokens.start[at] as number);
        block.commentEnd = block.base + (tokens.start[at + 1] as number);
      } else if (is === kind.blockSkip) {
        block.skip = Math.max(block.skip, tokens.value[at] as number);
        block.skips++;
      } else if (is === kind.brokenComment)
        block.ambiguous = (['nested', 'not closed', 'not opened'] as const)[tokens.value[at] as number];
    }
  }

  /** Item by item to the block's end. One that takes nothing is unknown, so that the end is always reached. */
  protected items(item: (is: number) => void): void {
    for (let is = this.cursor.kind(); is !== -1; is = this.cursor.kind()) {
      const before = this.cursor.at;
      item(is);
      if (this.cursor.at === before) this.unknown();
    }
  }

  protected push(statement: Statement | undefined): void {
    if (statement) this.block.statements.push(statement);
  }

  /** What stands at the cursor is not understood; one token is passed. */
  protected unknown(): void {
    if (this.cursor.kind() === -1) return;
    this.block.unknownAt(this.block.base + this.cursor.start());
    this.cursor.next();
  }

  /** Behind what the expression that was read last could not make sense of; one token at least. */
  protected passFailed(): void {
    const { failedAt, failedToken } = this.expressions;
    this.block.unknownAt(this.block.base + failedAt);
    this.cursor.at = Math.max(this.cursor.at + 1, failedToken);
  }

  protected isLetter(letter: number): boolean {
    return this.cursor.kind() === kind.letter && this.cursor.value() === letter;
  }

  /** The expression at the cursor; what cannot be read of it is marked. */
  protected expression(): Expression {
    return this.#checked(this.expressions.read());
  }

  protected operand(): Expression {
    return this.#checked(this.expressions.operand());
  }

  #checked(read: Expression): Expression {
    const { failedAt } = this.expressions;
    if (failedAt !== -1) this.block.unknownAt(this.block.base + failedAt);
    return read;
  }

  /** A word whose value stands at the cursor as a number, a sign and a number, or an operand. `start` is in the bytes. */
  protected word(letter: number, start: number, flags: number): void {
    const { cursor, block } = this;
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
    const operand = this.operand();
    const value: Expression = first === kind.minus ? { kind: 'unary', operator: '-', operand } : operand;
    block.words.addComputed(letter, constantOf(value), value, block.base + start, block.base + cursor.passed(), said);
  }

  /** The block's bytes from the cursor to its end, comments aside, trimmed. */
  protected restText(): string {
    const { cursor, tokens } = this;
    const parts: string[] = [];
    for (; cursor.kind() !== -1; cursor.next())
      parts.push(tokens.kind[cursor.at - 1] === kind.blank ? ' ' : '', cursor.text());
    return parts.join('').trim();
  }
}
