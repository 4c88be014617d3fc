import { createHash, type Hash } from 'node:crypto';
import { digestFromHex } from '../../domain/digest.ts';
import type { CanonicalDigests, ReadbackRules } from '../../domain/nc-canon.ts';
import { CanonicalLines } from './canonical-lines.ts';
import type { Writing } from './writing.ts';

/** Lines are hashed in pieces of this size: a call into the hash for each line costs more than the hash. */
const pieceBytes = 64 * 1024;

/**
 * Both digests of a program, streamed. Where sequence numbers are declared rewritten, only the end of the program tells
 * whether something refers to one, so that both forms are hashed until then.
 */
export class CanonicalForm {
  readonly #rules: ReadbackRules;
  readonly #raw = createHash('sha256');
  readonly #numbered: HashedLines;
  readonly #numberless: HashedLines | undefined;
  #bytes = 0;

  constructor(writing: Writing, rules: ReadbackRules) {
    this.#rules = rules;
    this.#numbered = new HashedLines(writing, rules, false);
    this.#numberless = rules.sequenceNumbers === 'rewritten' ? new HashedLines(writing, rules, true) : undefined;
  }

  push(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    this.#raw.update(chunk);
    this.#numbered.lines.push(chunk);
    this.#numberless?.lines.push(chunk);
  }

  end(): CanonicalDigests {
    const numbered = this.#numbered.end();
    const numberless = this.#numberless?.end();
    const numbersReferredTo = numberless !== undefined && this.#numbered.lines.refersToNumbers;
    const used = numbersReferredTo ? numbered : (numberless ?? numbered);
    return {
      bytes: this.#bytes,
      raw: digestFromHex(this.#raw.digest('hex')),
      canonical: digestFromHex(used.hex),
      rules: this.#rules,
      numbersReferredTo,
      leftOut: used.leftOut,
    };
  }
}

class HashedLines {
  readonly lines: CanonicalLines;
  readonly #hash: Hash = createHash('sha256');
  readonly #piece = new Uint8Array(pieceBytes);
  #length = 0;

  constructor(writing: Writing, rules: ReadbackRules, dropNumbers: boolean) {
    this.lines = new CanonicalLines({ writing, rules, dropNumbers }, (bytes, start, end) =>
      this.#add(bytes, start, end),
    );
  }

  end() {
    this.lines.end();
    this.#flush();
    return { hex: this.#hash.digest('hex'), leftOut: this.lines.leftOut };
  }

  #add(bytes: Uint8Array, start: number, end: number): void {
    if (this.#length + end - start > pieceBytes) this.#flush();
    if (end - start > pieceBytes) this.#hash.update(bytes.subarray(start, end));
    else for (let at = start; at < end; at++) this.#piece[this.#length++] = bytes[at] as number;
  }

  #flush(): void {
    this.#hash.update(this.#piece.subarray(0, this.#length));
    this.#length = 0;
  }
}

export function canonicalDigests(bytes: Uint8Array, writing: Writing, rules: ReadbackRules): CanonicalDigests {
  const form = new CanonicalForm(writing, rules);
  form.push(bytes);
  return form.end();
}

/** The canonical form itself, for people to look at; for large programs stream `CanonicalLines`. */
export function canonicalBytes(bytes: Uint8Array, writing: Writing, rules: ReadbackRules): Uint8Array {
  const { numbersReferredTo } = canonicalDigests(bytes, writing, rules);
  const pieces: Uint8Array[] = [];
  const dropNumbers = rules.sequenceNumbers === 'rewritten' && !numbersReferredTo;
  const lines = new CanonicalLines({ writing, rules, dropNumbers }, (piece, start, end) =>
    pieces.push(piece.slice(start, end)),
  );
  lines.push(bytes);
  lines.end();
  return Buffer.concat(pieces);
}
