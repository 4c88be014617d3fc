import type { LeftOut, ReadbackRules } from '../../domain/nc-canon.ts';
import { NumberReferences } from './number-references.ts';
import { SpanReader, spanKinds, type Writing } from './writing.ts';

const space = 0x20;
const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
const isSmall = (byte: number): boolean => byte >= 0x61 && byte <= 0x7a;
const isLetter = (byte: number): boolean => (byte >= 0x41 && byte <= 0x5a) || isSmall(byte) || byte === 0x5f;
const ofNumber = (byte: number): boolean => isDigit(byte) || byte === 0x2e;

/** Rewrites one line after another into its canonical form. */
export class CanonicalLine {
  readonly #rules: ReadbackRules;
  readonly #dropNumbers: boolean;
  readonly #leftOut: LeftOut;
  readonly #spans: SpanReader;
  /** Undefined where blocks are never named by their numbers, or where these are kept anyway. */
  readonly #references: NumberReferences | undefined;
  #bytes: Uint8Array = new Uint8Array();
  #out = new Uint8Array(1024);
  #length = 0;
  /** A blank was passed since the last byte that was written. */
  #blank = false;
  /** The line seems to call a program, so that what stands in its brackets may name it. */
  #calls = false;
  #looked = 0;

  constructor(writing: Writing, rules: ReadbackRules, dropNumbers: boolean, leftOut: LeftOut) {
    this.#rules = rules;
    this.#dropNumbers = dropNumbers;
    this.#leftOut = leftOut;
    const watched = writing.sequence === 'N' && rules.sequenceNumbers === 'rewritten';
    this.#references = watched ? new NumberReferences() : undefined;
    this.#spans = new SpanReader(writing, (kind, start, end) => this.#span(kind, start, end));
  }

  /** A block seems to refer to a sequence number. */
  get refersToNumbers(): boolean {
    return this.#references?.found ?? false;
  }

  /** The result of the last `rewrite`: its first bytes. */
  get out(): Uint8Array {
    return this.#out;
  }

  /** Returns the length of the line in `out`, without an end; 0 where nothing is left. */
  rewrite(bytes: Uint8Array, start: number, end: number): number {
    if (start === end) return 0;
    this.#bytes = bytes;
    this.#length = 0;
    this.#blank = false;
    this.#calls = false;
    this.#looked = 0;
    // A blank may be written before each span.
    if (this.#out.length < 2 * (end - start) + 2) this.#out = new Uint8Array(2 * (end - start) + 1024);
    this.#references?.beginLine();
    this.#spans.line(bytes, start, end);
    this.#references?.endLine();
    return this.#length;
  }

  #span(kind: number, start: number, end: number): void {
    if (kind === spanKinds.code) this.#code(start, end);
    else if (kind === spanKinds.blank && this.#rules.blanks !== 'kept') this.#passBlanks(end - start);
    else if (kind === spanKinds.number && this.#dropNumbers) this.#leftOut.sequenceNumbers++;
    else if (kind === spanKinds.comment && this.#rules.comments === 'dropped' && !this.#callsBefore())
      this.#leftOut.comments++;
    else {
      this.#write(start, end);
      if (kind === spanKinds.number) this.#capitals(end - start);
    }
  }

  #passBlanks(count: number): void {
    this.#blank = true;
    this.#leftOut.blanks += count;
  }

  #write(start: number, end: number): void {
    this.#separate(this.#bytes[start] as number);
    // A copy by hand: spans are a few bytes long, and a view for each costs more.
    for (let at = start; at < end; at++) this.#out[this.#length++] = this.#bytes[at] as number;
  }

  /** One blank is left where words need it: always where they collapse, else where two numbers or names would grow together. */
  #separate(next: number): void {
    if (!this.#blank) return;
    this.#blank = false;
    if (this.#length === 0) return;
    const last = this.#out[this.#length - 1] as number;
    const growsTogether = (ofNumber(last) && ofNumber(next)) || (isLetter(last) && isLetter(next));
    if (this.#rules.blanks === 'ignored' && !growsTogether) return;
    this.#out[this.#length++] = space;
    this.#leftOut.blanks--;
  }

  #code(start: number, end: number): void {
    this.#references?.code(this.#bytes, start, end);
    this.#write(start, end);
    this.#capitals(end - start);
  }

  /** Haas names the program that it calls in brackets: `M98 (Parts/POCKET.NC)`. Looks at each byte of the line once. */
  #callsBefore(): boolean {
    const from = Math.max(0, this.#looked - 5);
    if (this.#calls || this.#looked === this.#length) return this.#calls;
    this.#looked = this.#length;
    const text = Buffer.from(this.#out.buffer, this.#out.byteOffset + from, this.#length - from).toString('latin1');
    this.#calls = /M ?1?98|G ?6[56]/i.test(text);
    return this.#calls;
  }

  #capitals(count: number): void {
    if (this.#rules.smallLetters === 'kept') return;
    for (let at = this.#length - count; at < this.#length; at++) {
      if (!isSmall(this.#out[at] as number)) continue;
      this.#out[at] = (this.#out[at] as number) - 0x20;
      this.#leftOut.smallLetters++;
    }
  }
}
