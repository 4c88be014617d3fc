import type { Span } from './match.ts';

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
  find({ beforeStart, beforeEnd, afterStart, afterEnd }: Span): number[] {
    this.#span++;
    for (let i = beforeStart; i < beforeEnd; i++) this.#see(this.#before[i] as number, this.#inBefore);
    for (let j = afterStart; j < afterEnd; j++) {
      const element = this.#after[j] as number;
      this.#see(element, this.#inAfter);
      this.#place[element] = j;
    }
    const [befores, afters]: [number[], number[]] = [[], []];
    for (let i = beforeStart; i < beforeEnd; i++) {
      const element = this.#before[i] as number;
      if (this.#inBefore[element] !== 1 || this.#inAfter[element] !== 1) continue;
      befores.push(i);
      afters.push(this.#place[element] as number);
    }
    return longestRising(befores, afters);
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
function longestRising(befores: readonly number[], afters: readonly number[]): number[] {
  const count = afters.length;
  const previous = new Int32Array(count);
  const tops = new Int32Array(count);
  let piles = 0;
  for (let i = 0; i < count; i++) {
    let [low, high] = [0, piles];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((afters[tops[middle] as number] as number) < (afters[i] as number)) low = middle + 1;
      else high = middle;
    }
    previous[i] = low > 0 ? (tops[low - 1] as number) : -1;
    tops[low] = i;
    if (low === piles) piles++;
  }
  const row: number[] = [];
  for (let i = piles > 0 ? (tops[piles - 1] as number) : -1; i >= 0; i = previous[i] as number)
    row.push(afters[i] as number, befores[i] as number);
  return row.reverse();
}
