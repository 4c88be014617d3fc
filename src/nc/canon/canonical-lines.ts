import { limits } from '../../domain/limits.ts';
import type { LeftOut, ReadbackRules } from '../../domain/nc-canon.ts';
import { CanonicalLine } from './canonical-line.ts';
import { isPadding } from './padding.ts';
import type { Writing } from './writing.ts';

const lf = 0x0a;
const cr = 0x0d;
const percent = 0x25;
const tilde = 0x7e;

export type CanonicalOptions = {
  writing: Writing;
  rules: ReadbackRules;
  /** Whether rewritten sequence numbers are left out; only where nothing refers to them. */
  dropNumbers: boolean;
};

/** `bytes` from `start` to `end` are valid only during the call. */
type Output = (bytes: Uint8Array, start: number, end: number) => void;

const newLine = Uint8Array.of(lf);
const percentLine = Uint8Array.of(percent, lf);

/**
 * The canonical form as a stream: one line for each block, ended by LF. Chunks may be cut anywhere. A line above
 * `limits.canonicalLineBytes` is taken as it is, so that memory stays bounded.
 */
export class CanonicalLines {
  readonly leftOut: LeftOut = {
    blanks: 0,
    smallLetters: 0,
    sequenceNumbers: 0,
    comments: 0,
    frameLines: 0,
    padding: 0,
    emptyLines: 0,
  };
  readonly #ignoreFrame: boolean;
  /** Any kind of block end is one, and empty lines are none; otherwise only LF ends a line and CR is a byte of it. */
  readonly #anyEnd: boolean;
  #openEnd = false;
  /** Klartext: a line that ends in `~` goes on in the next one, and an empty one there ends its block. */
  readonly #tilde: boolean;
  #goesOn = false;
  #endedByCr = false;
  /** What ends now is what stands between CR and LF. */
  #secondOfEnd = false;
  readonly #line: CanonicalLine;
  readonly #output: Output;
  /** The start of a line whose end is in a later chunk. */
  #held = new Uint8Array(4096);
  #heldBytes = 0;
  /** The line under way is too long to be read. */
  #asIs = false;
  #someAsIs = false;
  /** Lines before the first `%` that may be a leader; undefined once the program has begun. */
  #leader: Uint8Array[] | undefined;
  #leaderBytes = 0;
  /** Bare `%` lines that are the end of the program, unless more follows. */
  #percents = 0;

  constructor({ writing, rules, dropNumbers }: CanonicalOptions, output: Output) {
    this.#ignoreFrame = rules.frame === 'ignored';
    this.#anyEnd = rules.blockEnds === 'any';
    this.#tilde = writing.tilde;
    this.#leader = this.#ignoreFrame ? [] : undefined;
    this.#line = new CanonicalLine(writing, rules, dropNumbers, this.leftOut);
    this.#output = output;
  }

  /** A block seems to refer to a sequence number, or a line was too long to know. */
  get refersToNumbers(): boolean {
    return this.#someAsIs || this.#line.refersToNumbers;
  }

  push(chunk: Uint8Array): void {
    let start = 0;
    const otherEnd = this.#anyEnd ? cr : lf;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at];
      if (byte !== lf && byte !== otherEnd) continue;
      this.#secondOfEnd = byte === lf && this.#endedByCr && start === at && this.#heldBytes === 0;
      this.#endedByCr = byte === cr;
      this.#lineEnds(chunk, start, at);
      start = at + 1;
    }
    if (start < chunk.length) this.#hold(chunk, start, chunk.length);
  }

  end(): void {
    this.#openEnd = !this.#anyEnd;
    if (this.#heldBytes > 0 || this.#asIs) this.#lineEnds(this.#held, 0, 0);
    this.#begin();
    if (this.#ignoreFrame) this.leftOut.frameLines += this.#percents;
    else this.#writePercents();
  }

  #lineEnds(bytes: Uint8Array, start: number, end: number): void {
    if (!this.#asIs && this.#heldBytes === 0 && end - start <= limits.canonicalLineBytes) {
      this.#whole(bytes, start, end);
      return;
    }
    this.#hold(bytes, start, end);
    if (this.#asIs) this.#endLine();
    else this.#whole(this.#held, 0, this.#heldBytes);
    this.#asIs = false;
    this.#heldBytes = 0;
  }

  #hold(bytes: Uint8Array, start: number, end: number): void {
    const length = this.#heldBytes + end - start;
    if (this.#asIs) this.#output(bytes, start, end);
    else if (length > limits.canonicalLineBytes) this.#takeAsIs(bytes, start, end);
    else {
      this.#makeRoom(length);
      this.#held.set(bytes.subarray(start, end), this.#heldBytes);
      this.#heldBytes = length;
    }
  }

  #makeRoom(length: number): void {
    if (length <= this.#held.length) return;
    const larger = new Uint8Array(Math.max(length, 2 * this.#held.length));
    larger.set(this.#held.subarray(0, this.#heldBytes));
    this.#held = larger;
  }

  #takeAsIs(bytes: Uint8Array, start: number, end: number): void {
    this.#begin();
    this.#writePercents();
    this.#output(this.#held, 0, this.#heldBytes);
    this.#output(bytes, start, end);
    this.#heldBytes = 0;
    this.#asIs = true;
    this.#someAsIs = true;
  }

  #whole(bytes: Uint8Array, lineStart: number, lineEnd: number): void {
    let [start, end] = [lineStart, lineEnd];
    if (this.#ignoreFrame) {
      while (start < end && isPadding(bytes[start] as number)) start++;
      while (start < end && isPadding(bytes[end - 1] as number)) end--;
      this.leftOut.padding += lineEnd - lineStart - (end - start);
    }
    if (this.#ignoreFrame && isBarePercent(bytes, start, end)) this.#percent();
    else if (this.#leader === undefined || !this.#mayLead(bytes, start, end)) {
      this.#begin();
      this.#write(bytes, start, end);
    }
  }

  /** The first one begins the program; one behind it may be its end. */
  #percent(): void {
    if (this.#leader === undefined) this.#percents++;
    else {
      this.leftOut.frameLines += this.#leader.length + 1;
      this.#leader = undefined;
    }
  }

  /** A leader has nothing that could be a word or an assignment: no digit, no `#`, no `=`, no bracket. */
  #mayLead(bytes: Uint8Array, start: number, end: number): boolean {
    this.#leaderBytes += end - start + 1;
    if (this.#leaderBytes > limits.canonicalLeaderBytes) return false;
    const text = bytes.slice(start, end);
    if (text.some(isOfWord)) return false;
    this.#leader?.push(text);
    return true;
  }

  #begin(): void {
    const lines = this.#leader ?? [];
    this.#leader = undefined;
    for (const line of lines) this.#write(line, 0, line.length);
  }

  #write(bytes: Uint8Array, start: number, end: number): void {
    const length = this.#line.rewrite(bytes, start, end);
    if (length === 0 && this.#anyEnd && !(this.#goesOn && !this.#secondOfEnd)) {
      this.leftOut.emptyLines++;
      return;
    }
    this.#writePercents();
    this.#output(this.#line.out, 0, length);
    this.#endLine();
    this.#goesOn = this.#tilde && length > 0 && this.#line.out[length - 1] === tilde;
  }

  /** The last line gets an end too, but where ends count and it has none. */
  #endLine(): void {
    if (!this.#openEnd) this.#output(newLine, 0, 1);
  }

  #writePercents(): void {
    for (; this.#percents > 0; this.#percents--) this.#output(percentLine, 0, 2);
  }
}

const isOfWord = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) || '#=[&$'.includes(String.fromCharCode(byte));

function isBarePercent(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end && (bytes[at] === 0x20 || bytes[at] === 0x09)) at++;
  if (at === end || bytes[at] !== percent) return false;
  at++;
  while (at < end && (bytes[at] === 0x20 || bytes[at] === 0x09)) at++;
  return at === end;
}
