import type { Block } from '../program/block.ts';
import { wordFlag } from '../program/block.ts';
import { blockKinds } from './text-key.ts';

const [g, m] = [0x47, 0x4d];
const shapes = { blank: 1, comment: 2 };

/**
 * The key of a block that is words and nothing more, from the words that its reader found. Only for finding partners: what
 * two blocks really have in common is read from their bytes later.
 */
export class WordKeys {
  low = 0;
  high = 0;
  /** Of `blockKinds`. */
  kind: number = blockKinds.blank;
  /** Letters, with the codes of G and M. */
  shape = 0;
  readonly #seed: number;
  readonly #value = new Float64Array(1);
  readonly #halves = new Uint32Array(this.#value.buffer);

  constructor(seed: number) {
    this.#seed = seed;
  }

  of(block: Block): void {
    const { words, commentStart, commentEnd } = block;
    this.low = this.#seed;
    this.high = ~this.#seed;
    this.kind = blockKinds.code;
    if (words.count > 0 || block.skip > 0) this.#words(block);
    else if (commentEnd > commentStart) this.#comment(block);
    else this.kind = blockKinds.blank;
    if (this.kind === blockKinds.blank) this.shape = shapes.blank;
    this.low >>>= 0;
    this.high >>>= 0;
  }

  #words({ words: { count, letter, index, value, flags }, skip }: Block): void {
    this.#add(skip);
    let shape = 0x811c9dc5;
    for (let i = 0; i < count; i++) {
      const address = letter[i] as number;
      // Adding 0 makes -0 and 0 one.
      this.#value[0] = (value[i] as number) + 0;
      const [first, second] = [this.#halves[0] as number, this.#halves[1] as number];
      this.#add(address ^ ((index[i] as number) << 8) ^ (((flags[i] as number) & ~wordFlag.sign) << 24));
      this.#add(first);
      this.#add(second);
      shape = Math.imul(shape ^ address, 0x01000193);
      if (address === g || address === m) shape = Math.imul(shape ^ first ^ second, 0x01000193);
    }
    this.shape = shape >>> 0;
  }

  #comment({ bytes, base, commentStart, end }: Block): void {
    this.kind = blockKinds.comment;
    this.shape = shapes.comment;
    this.low ^= 0x5bd1e995;
    for (let at = commentStart - base; at < end - base; at++) this.#add(bytes[at] as number);
  }

  #add(value: number): void {
    this.low = Math.imul(this.low ^ value, 0x01000193);
    this.low ^= this.low >>> 15;
    this.high = Math.imul((this.high << 5) ^ (this.high >>> 27) ^ value, 0x9e3779b1);
  }
}
