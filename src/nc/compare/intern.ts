/** A 64-bit key for each element of a sequence, in two halves. */
export type Keys = { count: number; low: Uint32Array; high: Uint32Array };

/** Two sequences as small numbers: equal numbers for equal keys. `distinct` is one more than the largest. */
export type Interned = { before: Int32Array; after: Int32Array; distinct: number };

/**
 * Keys are only a way to find candidates: a collision, made on purpose or not, pairs two blocks that differ, and whoever
 * uses the pairs compares their bytes. So no secret seed is needed here.
 */
export function intern(before: Keys, after: Keys): Interned {
  const table = new KeyTable(before.count + after.count);
  return { before: table.numbers(before), after: table.numbers(after), distinct: table.distinct };
}

/** Open addressing, at most half full. */
class KeyTable {
  distinct = 0;
  readonly #mask: number;
  readonly #slots: Int32Array;
  readonly #low: Uint32Array;
  readonly #high: Uint32Array;

  constructor(elements: number) {
    const size = 1 << Math.max(4, 33 - Math.clz32(Math.max(1, elements)));
    this.#mask = size - 1;
    this.#slots = new Int32Array(size);
    this.#low = new Uint32Array(elements);
    this.#high = new Uint32Array(elements);
  }

  numbers({ count, low, high }: Keys): Int32Array {
    const numbers = new Int32Array(count);
    for (let i = 0; i < count; i++) numbers[i] = this.#number(low[i] as number, high[i] as number);
    return numbers;
  }

  #number(low: number, high: number): number {
    let slot = (low ^ Math.imul(high, 0x9e3779b1)) & this.#mask;
    for (;;) {
      const held = (this.#slots[slot] as number) - 1;
      if (held < 0) break;
      if (this.#low[held] === low && this.#high[held] === high) return held;
      slot = (slot + 1) & this.#mask;
    }
    this.#low[this.distinct] = low;
    this.#high[this.distinct] = high;
    this.#slots[slot] = this.distinct + 1;
    return this.distinct++;
  }
}
