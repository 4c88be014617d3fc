import { type Hash, hashBytes } from '../merkle/hashes.ts';

/** Six bytes of index, then the leaf hash. */
const indexBytes = 6;
const recordBytes = indexBytes + hashBytes;

/** Which entries say what is in force, in order, each by its index and leaf hash: 38 bytes for each of them. */
export class StandingEntries {
  #packed: Buffer;
  #count: number;

  /** `packed` is what `upTo` gave. Throws for anything else. */
  constructor(packed = Buffer.alloc(0)) {
    if (packed.length % recordBytes !== 0) throw new Error('a list of entries is cut off');
    this.#packed = packed;
    this.#count = packed.length / recordBytes;
  }

  add(index: number, leafHash: Hash): void {
    const at = this.#count * recordBytes;
    if (at === this.#packed.length) {
      const larger = Buffer.alloc(Math.max(64 * recordBytes, at * 2));
      larger.set(this.#packed);
      this.#packed = larger;
    }
    this.#packed.writeUIntBE(index, at, indexBytes);
    this.#packed.set(leafHash, at + indexBytes);
    this.#count += 1;
  }

  *[Symbol.iterator](): Generator<{ index: number; leafHash: Hash }> {
    for (let at = 0; at < this.#count * recordBytes; at += recordBytes) {
      const leafHash = this.#packed.subarray(at + indexBytes, at + recordBytes);
      yield { index: this.#packed.readUIntBE(at, indexBytes), leafHash };
    }
  }

  /** Those among the first `size` entries of the ledger. */
  upTo(size: number): Buffer {
    let count = this.#count;
    while (count > 0 && this.#packed.readUIntBE((count - 1) * recordBytes, indexBytes) >= size) count -= 1;
    return Buffer.from(this.#packed.subarray(0, count * recordBytes));
  }
}
