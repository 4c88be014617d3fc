import { limits } from '../../domain/limits.ts';
import type { Dialect } from '../../domain/nc.ts';
import { markOf } from '../syntax/bytes.ts';
import { Lexer } from '../syntax/lexer.ts';
import { lexicalRules } from '../syntax/rules.ts';
import { lineEnding, mark, Tokens } from '../syntax/token.ts';
import type { BlockVisitor, ReadEnd } from './block.ts';
import type { DialectReader } from './dialect-reader.ts';
import { HeidenhainIsoReader } from './heidenhain-iso-reader.ts';
import { IsoReader, MazakReader } from './iso-reader.ts';
import { KlartextReader } from './klartext-reader.ts';
import { LinuxcncReader } from './linuxcnc-reader.ts';
import { OkumaReader } from './okuma-reader.ts';
import { OpenBlock } from './open-block.ts';
import { SiemensReader } from './siemens-reader.ts';

const readers: Record<Dialect, new (tokens: Tokens) => DialectReader> = {
  iso: IsoReader,
  mazak: MazakReader,
  okuma: OkumaReader,
  siemens: SiemensReader,
  klartext: KlartextReader,
  'heidenhain-iso': HeidenhainIsoReader,
  linuxcnc: LinuxcncReader,
};

/** Reads a whole program, block by block. Never throws, whatever the bytes are, unless the visitor does. */
export function readProgram(bytes: Uint8Array, dialect: Dialect, visitor: BlockVisitor): ReadEnd {
  return new ProgramReader(dialect, visitor).end(bytes);
}

/**
 * Reads a program that comes in chunks. Between them it keeps the block that is not complete, which is no more than
 * `limits.ncLineReadBytes` and what the last chunk adds to it. A chunk may be reused once `push` returned.
 */
export class ProgramReader {
  readonly #tokens = new Tokens();
  readonly #block = new OpenBlock();
  readonly #lexer: Lexer;
  readonly #reader: DialectReader;
  readonly #visitor: BlockVisitor;
  readonly #ends: ReadEnd = { bytes: 0, lines: 0, lf: 0, crlf: 0, cr: 0, lfcrcr: 0, openLine: false };
  /** Holds the block that is not complete, in its first `#kept` bytes. */
  #carry = new Uint8Array();
  #kept = 0;
  #line = 1;
  /** Bytes of the line at the beginning of `#carry` that were passed without being kept, and their marks. */
  #dropped = 0;
  #droppedMarks = 0;
  /** Bytes before `#carry`. */
  #base = 0;

  constructor(dialect: Dialect, visitor: BlockVisitor) {
    this.#visitor = visitor;
    this.#lexer = new Lexer(lexicalRules[dialect], this.#tokens);
    this.#reader = new readers[dialect](this.#tokens);
  }

  push(chunk: Uint8Array): void {
    this.#ends.bytes += chunk.length;
    const more = this.#dropped > 0 ? this.#drop(chunk) : chunk;
    if (more.length === 0) return;
    const bytes = this.#kept === 0 ? more : this.#keep(more);
    const done = this.#blocks(bytes, false);
    this.#base += done;
    this.#kept = 0;
    this.#keep(bytes.subarray(done));
    // No block any more: its beginning is kept, and how long it was.
    const most = limits.ncLineReadBytes + 1;
    if (this.#kept > most + lookahead) {
      const rest = this.#carry.subarray(most, this.#kept);
      this.#kept = most;
      this.#drop(rest);
    }
  }

  /** Puts bytes behind those that are kept, in one buffer that is used again and again. Returns all of them. */
  #keep(bytes: Uint8Array): Uint8Array {
    const length = this.#kept + bytes.length;
    if (length > this.#carry.length) {
      const larger = new Uint8Array(length * 2);
      larger.set(this.#carry.subarray(0, this.#kept));
      larger.set(bytes, this.#kept);
      this.#carry = larger;
    } else this.#carry.set(bytes, this.#kept);
    this.#kept = length;
    return this.#carry.subarray(0, length);
  }

  /** Reads what is left, and `last` behind it. */
  end(last: Uint8Array = new Uint8Array()): ReadEnd {
    if (last.length > 0 && this.#kept + this.#dropped > 0) this.push(last);
    else this.#ends.bytes += last.length;
    this.#blocks(this.#kept > 0 ? this.#carry.subarray(0, this.#kept) : last, true);
    this.#kept = 0;
    this.#ends.lines = this.#line - 1 + (this.#ends.openLine ? 1 : 0);
    return this.#ends;
  }

  /** Passes what belongs to a line that is too long. Returns the rest, from the line's end on. */
  #drop(bytes: Uint8Array): Uint8Array {
    let at = 0;
    for (; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (byte === 0x0a || byte === 0x0d) break;
      this.#droppedMarks |= byte >= 0x80 ? mark.nonAscii : (markOf[byte] as number);
    }
    this.#dropped += at;
    return bytes.subarray(at);
  }

  /** Reads the blocks that are complete, or with `last` all. Returns how many bytes they are. */
  #blocks(bytes: Uint8Array, last: boolean): number {
    const tokens = this.#tokens;
    const block = this.#block;
    block.bytes = bytes;
    let at = 0;
    while (at < bytes.length) {
      const next = this.#lexer.line(bytes, at, bytes.length);
      // An end at the end of the bytes may go on in the next chunk: CR LF, LF CR CR, a continuation.
      if (!last && next > bytes.length - lookahead) break;
      this.#visit(bytes, at, next);
      if (tokens.ending === lineEnding.none) this.#ends.openLine = last && next === bytes.length;
      at = next;
    }
    return at;
  }

  #visit(bytes: Uint8Array, at: number, next: number): void {
    const tokens = this.#tokens;
    const block = this.#block;
    block.clear();
    block.base = this.#base;
    block.line = this.#line;
    block.start = this.#base + at;
    block.marks = tokens.marks;
    block.ending = tokens.ending;
    const endsLine = tokens.ending !== lineEnding.none;
    block.end = this.#base + (endsLine ? (tokens.start[tokens.count - 1] as number) : next);
    if (this.#dropped > 0) this.#addDropped();
    if (endsLine) this.#count(tokens.ending);
    this.#line += tokens.inner + (endsLine ? 1 : 0);
    this.#reader.read(bytes, block);
    this.#visitor.block(block);
  }

  #addDropped(): void {
    const block = this.#block;
    block.end += this.#dropped;
    block.marks |= this.#droppedMarks;
    this.#base += this.#dropped;
    this.#dropped = 0;
    this.#droppedMarks = 0;
  }

  #count(ending: number): void {
    const ends = this.#ends;
    if (ending === lineEnding.lf) ends.lf++;
    else if (ending === lineEnding.crlf) ends.crlf++;
    else if (ending === lineEnding.cr) ends.cr++;
    else ends.lfcrcr++;
  }
}

const lookahead = 3;
