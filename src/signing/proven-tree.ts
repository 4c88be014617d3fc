import { DomainError } from '../domain/errors.ts';
import { leafHash, nodeHash } from '../merkle/hashes.ts';
import { type HashReader, rangeRoot, splitPoint } from '../merkle/tree.ts';

/**
 * A signed tree whose stored hashes nobody believes: an entry is in it once hashes lead from the root down to its leaf
 * (RFC 6962 2.1). What was proven on the way is not proven again for the entries beside it.
 */
export class ProvenTree {
  readonly size: number;
  readonly #hashes: HashReader;
  /** By `start-end`: roots over these leaves, each proven under the tree's own. */
  readonly #proven = new Map<string, Buffer>();

  constructor({ size, root }: { size: number; root: Buffer }, hashes: HashReader) {
    this.size = size;
    this.#hashes = hashes;
    this.#proven.set(`0-${size}`, root);
  }

  /** Throws `not-verified` unless this leaf is entry `index`. */
  require(index: number, leaf: Uint8Array): void {
    if (index >= this.size || !this.#leafAt(index)?.equals(leafHash(leaf)))
      throw new DomainError('not-verified', `Ledger entry ${index} is not in the signed tree of ${this.size} entries.`);
  }

  #leafAt(index: number): Buffer | undefined {
    let [start, end] = [0, this.size];
    while (end - start > 1) {
      const middle = start + splitPoint(end - start);
      if (!this.#proves(start, middle, end)) return undefined;
      if (index < middle) end = middle;
      else start = middle;
    }
    return this.#proven.get(`${start}-${end}`);
  }

  /** Whether both halves of a proven part are what it was made of. */
  #proves(start: number, middle: number, end: number): boolean {
    const [left, right] = [`${start}-${middle}`, `${middle}-${end}`];
    if (this.#proven.has(left)) return true;
    const halves = [rangeRoot(start, middle, this.#hashes), rangeRoot(middle, end, this.#hashes)] as const;
    if (!this.#proven.get(`${start}-${end}`)?.equals(nodeHash(...halves))) return false;
    this.#proven.set(left, halves[0]);
    this.#proven.set(right, halves[1]);
    return true;
  }
}
