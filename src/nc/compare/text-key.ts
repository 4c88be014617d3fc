import { SpanReader, spanKinds, type Writing } from '../canon/writing.ts';

export const blockKinds = { blank: 0, comment: 1, code: 2 } as const;

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
const [zero, point, plus] = [0x30, 0x2e, 0x2b];

/**
 * A key of the text that two blocks share when they do the same: over the code without sequence number, blanks and comments,
 * small letters as capitals and numbers without zeros at their ends. It asks no reader, so that it can check one.
 */
export class TextKeys {
  low = 0;
  high = 0;
  /** Of `blockKinds`. */
  kind: number = blockKinds.blank;
  readonly #seed: number;
  readonly #spans: SpanReader;
  #bytes: Uint8Array = new Uint8Array();
  #code = false;
  #comment = false;
  /** Of the comments, used where there is nothing else. */
  #commentLow = 0;

  /** `seed` comes from the content of both programs, so that nobody can prepare keys that collide. */
  constructor(writing: Writing, seed: number) {
    this.#seed = seed;
    this.#spans = new SpanReader(writing, (kind, start, end) => this.#span(kind, start, end));
  }

  /** `bytes` from `start` to `end` are one block, of several lines where a line joins the next. */
  of(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes;
    this.low = this.#seed;
    this.high = ~this.#seed;
    this.#commentLow = this.#seed ^ 0x5bd1e995;
    this.#code = false;
    this.#comment = false;
    let lineStart = start;
    for (let at = start; at < end; at++) {
      const byte = bytes[at];
      if (byte !== 0x0a && byte !== 0x0d) continue;
      this.#spans.line(bytes, lineStart, at);
      lineStart = at + 1;
    }
    this.#spans.line(bytes, lineStart, end);
    this.#finish();
  }

  #finish(): void {
    this.kind = this.#code ? blockKinds.code : this.#comment ? blockKinds.comment : blockKinds.blank;
    if (!this.#code && this.#comment) this.low = this.#commentLow;
    this.low >>>= 0;
    this.high >>>= 0;
  }

  #span(kind: number, start: number, end: number): void {
    if (kind === spanKinds.comment) {
      this.#comment = true;
      for (let at = start; at < end; at++)
        this.#commentLow = Math.imul(this.#commentLow ^ (this.#bytes[at] as number), 0x01000193);
    } else if (kind === spanKinds.code || kind === spanKinds.text) {
      this.#code = true;
      this.#hashCode(start, end);
    }
  }

  #hashCode(start: number, end: number): void {
    let at = start;
    while (at < end) {
      const byte = this.#bytes[at] as number;
      if (isDigit(byte) || byte === point) at = this.#hashNumber(at, end);
      else {
        const next = at + 1 < end ? (this.#bytes[at + 1] as number) : 0;
        if (byte !== plus || !(isDigit(next) || next === point))
          this.#add(byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte);
        at++;
      }
    }
  }

  /** Without zeros at its ends; whether it has a point counts, because `X100` and `X100.` are worlds apart on many controls. */
  #hashNumber(start: number, end: number): number {
    let stop = start;
    let hasPoint = false;
    for (; stop < end; stop++) {
      const byte = this.#bytes[stop] as number;
      if (byte === point && !hasPoint) hasPoint = true;
      else if (!isDigit(byte)) break;
    }
    let [from, to] = [start, stop];
    while (from < to && this.#bytes[from] === zero) from++;
    if (hasPoint) while (to > from && this.#bytes[to - 1] === zero) to--;
    for (let at = from; at < to; at++) this.#add(this.#bytes[at] as number);
    // So that `X1Y2` and `X12Y`, and `1.` and `1`, are told apart.
    this.#add(hasPoint ? 1 : 2);
    return stop;
  }

  #add(byte: number): void {
    this.low = Math.imul(this.low ^ byte, 0x01000193);
    this.high = Math.imul((this.high << 5) ^ (this.high >>> 27) ^ byte, 0x9e3779b1);
  }
}
