import { SpanReader, spanKinds, type Writing } from '../canon/writing.ts';
import type { ProgramIndex } from './program-index.ts';

/** Bits: what differs between two blocks beside their code. */
export const textDifference = { number: 1, comment: 2, blanks: 4, code: 8 } as const;

/** Compares the texts of two blocks by the parts that a control reads, and those that it does not. */
export class BlockTexts {
  readonly #before: Parts;
  readonly #after: Parts;

  constructor(before: Writing, after: Writing) {
    this.#before = new Parts(before);
    this.#after = new Parts(after);
  }

  /** A sum of `textDifference`; 0 where the bytes are the same. */
  difference(before: ProgramIndex, i: number, after: ProgramIndex, j: number): number {
    const [startA, endA] = [before.start[i] as number, before.end[i] as number];
    const [startB, endB] = [after.start[j] as number, after.end[j] as number];
    if (sameBytes(before.bytes, startA, endA, after.bytes, startB, endB)) return 0;
    const [one, other] = [this.#before, this.#after];
    one.read(before.bytes, startA, endA);
    other.read(after.bytes, startB, endB);
    let found = 0;
    if (!same(one.number, other.number)) found |= textDifference.number;
    if (!same(one.comment, other.comment)) found |= textDifference.comment;
    if (!same(one.code, other.code)) found |= textDifference.code;
    return found === 0 ? textDifference.blanks : found;
  }
}

class Piece {
  bytes = new Uint8Array(256);
  length = 0;

  add(from: Uint8Array, start: number, end: number): void {
    const length = this.length + end - start;
    if (length > this.bytes.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.bytes.length));
      larger.set(this.bytes.subarray(0, this.length));
      this.bytes = larger;
    }
    for (let at = start; at < end; at++) this.bytes[this.length++] = from[at] as number;
  }
}

const space = Uint8Array.of(0x20);

class Parts {
  readonly number = new Piece();
  readonly comment = new Piece();
  /** With one blank wherever there are some inside: whether they matter is for the words to say. */
  readonly code = new Piece();
  readonly #spans: SpanReader;
  #bytes: Uint8Array = space;
  #blank = false;

  constructor(writing: Writing) {
    this.#spans = new SpanReader(writing, (kind, start, end) => this.#span(kind, start, end));
  }

  read(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes;
    this.#blank = false;
    this.number.length = 0;
    this.comment.length = 0;
    this.code.length = 0;
    let lineStart = start;
    for (let at = start; at < end; at++) {
      if (bytes[at] !== 0x0a && bytes[at] !== 0x0d) continue;
      this.#spans.line(bytes, lineStart, at);
      this.#blank = true;
      lineStart = at + 1;
    }
    this.#spans.line(bytes, lineStart, end);
  }

  #span(kind: number, start: number, end: number): void {
    if (kind === spanKinds.blank) this.#blank = true;
    else if (kind === spanKinds.number) this.number.add(this.#bytes, start, end);
    else if (kind === spanKinds.comment) this.comment.add(this.#bytes, start, end);
    else {
      if (this.#blank && this.code.length > 0) this.code.add(space, 0, 1);
      this.#blank = false;
      this.code.add(this.#bytes, start, end);
    }
  }
}

const same = (one: Piece, other: Piece): boolean => sameBytes(one.bytes, 0, one.length, other.bytes, 0, other.length);

function sameBytes(
  one: Uint8Array,
  startA: number,
  endA: number,
  other: Uint8Array,
  startB: number,
  endB: number,
): boolean {
  const length = endA - startA;
  if (length !== endB - startB) return false;
  for (let at = 0; at < length; at++) if (one[startA + at] !== other[startB + at]) return false;
  return true;
}
