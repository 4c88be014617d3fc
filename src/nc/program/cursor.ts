import { upper } from '../syntax/bytes.ts';
import { tokenKind as kind, type Tokens } from '../syntax/token.ts';

/** Walks over the tokens of a block that mean something: blanks, comments and continuations are passed. */
export class Cursor {
  at = 0;
  bytes: Uint8Array = new Uint8Array();
  readonly tokens: Tokens;

  constructor(tokens: Tokens) {
    this.tokens = tokens;
  }

  /** The kind of the token that stands next, -1 at the end of the block. */
  kind(): number {
    const { tokens } = this;
    while (this.at < tokens.count) {
      const is = tokens.kind[this.at] as number;
      if (is !== kind.blank && is !== kind.comment && is !== kind.continuation) {
        return is === kind.lineEnd || is === kind.blockEnd ? -1 : is;
      }
      this.at++;
    }
    return -1;
  }

  /** The kind of the token directly behind the next one, blanks not passed. */
  kindBehind(): number {
    return this.at + 1 < this.tokens.count ? (this.tokens.kind[this.at + 1] as number) : -1;
  }

  value(): number {
    return this.tokens.value[this.at] as number;
  }

  /** Offsets of the next token into `bytes`. */
  start(): number {
    return this.tokens.start[this.at] as number;
  }

  end(): number {
    return this.tokens.start[this.at + 1] as number;
  }

  /** Where the last token that was taken ends. */
  passed(): number {
    return this.tokens.start[this.at] as number;
  }

  /** The next token as upper-case ASCII, 64 characters at most. */
  name(): string {
    return upper(this.bytes, this.start(), this.end());
  }

  text(): string {
    return Buffer.from(this.bytes.subarray(this.start(), this.end())).toString('latin1');
  }

  next(): void {
    this.at++;
  }

  accept(wanted: number): boolean {
    if (this.kind() !== wanted) return false;
    this.at++;
    return true;
  }

  /** Takes the next token if it is this name. */
  acceptName(name: string): boolean {
    if (this.kind() !== kind.name || this.name() !== name) return false;
    this.at++;
    return true;
  }

  isNumber(): boolean {
    const is = this.kind();
    return is === kind.integer || is === kind.decimal;
  }
}
