import type { Span } from './span.ts';

/** Finds elements that are in a span exactly once on each side, and of those the longest row that rises on both. */
export class Anchors {
  readonly #before: Int32Array;
  readonly #after: Int32Array;
  /** By element: how often it was seen in the span under way, and where; older spans are told apart by their stamp. */
  readonly #stamp: Int32Array;
  readonly #inBefore: Uint8Array;
  readonly #inAfter: Uint8Array;
  readonly #place: Int32Array;
  #span = 0;

  constructor(before: Int32Array, after: Int32Array, distinct: number) {
    this.#before = before;
    this.#after = after;
    this.#stamp = new Int32Array(distinct);
    this.#inBefore = new Uint8Array(distinct);
    this.#inAfter = new Uint8Array(distinct);
    this.#place = new Int32Array(distinct);
  }

  /** Indices of before and after, in turns. */
  find({ beforeStart, beforeEnd, afterStart, afterEnd }: Span): Int32Array {
    this.#span++;
    for (let i = beforeStart; i < beforeEnd; i++) this.#see(this.#before[i] as number, this.#inBefore);
    for (let j = afterStart; j < afterEnd; j++) {
      const element = this.#after[j] as number;
      this.#see(element, this.#inAfter);
      this.#place[element] = j;
    }
    const most = Math.min(beforeEnd - beforeStart, afterEnd - afterStart);
    const [befores, afters] = [new Int32Array(most), new Int32Array(most)];
    let count = 0;
    for (let i = beforeStart; i < beforeEnd; i++) {
      const element = this.#before[i] as number;
      if (this.#inBefore[element] !== 1 || this.#stamp[element] !== this.#span || this.#inAfter[element] !== 1)
        continue;
      befores[count] = i;
      afters[count++] = this.#place[element] as number;
    }
    return longestRising(befores.subarray(0, count), afters.subarray(0, count));
  }

  #see(element: number, counts: Uint8Array): void {
    if (this.#stamp[element] !== this.#span) {
      this.#stamp[element] = this.#span;
      this.#inBefore[element] = 0;
      this.#inAfter[element] = 0;
    }
    const count = counts[element] as number;
    if (count < 2) counts[element] = count + 1;
  }
}

/** Patience sorting: the longest subsequence in which `afters` rises (`befores` does already), in O(n log n). */
function longestRising(befores: Int32Array, afters: Int32Array): Int32Array {
  const count = afters.length;
  const previous = new Int32Array(count);
  const tops = new Int32Array(count);
  let piles = 0;
  for (let i = 0; i < count; i++) {
    const pile = pileOf(afters[i] as number, afters, tops, piles);
    previous[i] = pile > 0 ? (tops[pile - 1] as number) : -1;
    tops[pile] = i;
    if (pile === piles) piles++;
  }
  const row = new Int32Array(2 * piles);
  let at = piles > 0 ? (tops[piles - 1] as number) : -1;
  for (let turn = 2 * (piles - 1); turn >= 0; turn -= 2) {
    row[turn] = befores[at] as number;
    row[turn + 1] = afters[at] as number;
    at = previous[at] as number;
  }
  return row;
}

/** The first pile whose top is not below `value`; most often a new one, because programs keep their order. */
function pileOf(value: number, afters: Int32Array, tops: Int32Array, piles: number): number {
  if (piles === 0 || (afters[tops[piles - 1] as number] as number) < value) return piles;
  let [low, high] = [0, piles - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((afters[tops[middle] as number] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
