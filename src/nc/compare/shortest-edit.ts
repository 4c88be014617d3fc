import type { Span } from './span.ts';

/** Edits after which the best path so far is taken and the search begins anew: the bound on the work for one element. */
const editsAtMost = 256;

/**
 * Myers' greedy algorithm ("An O(ND) difference algorithm", 1986) with a bound: in a span with more edits than that the
 * result is a good pairing, not the longest one. Work and memory are at most `editsAtMost` for each element.
 */
export function shortestEdit(before: Int32Array, after: Int32Array, span: Span, partner: Int32Array): void {
  const search = new Search(before, after, span);
  while (!search.done) search.step(partner);
}

class Search {
  readonly #before: Int32Array;
  readonly #after: Int32Array;
  readonly #end: { i: number; j: number };
  #i: number;
  #j: number;
  /** How far each diagonal reached, for each number of edits, to walk the path back. */
  readonly #trace: Int32Array[] = [];

  constructor(before: Int32Array, after: Int32Array, { beforeStart, beforeEnd, afterStart, afterEnd }: Span) {
    this.#before = before;
    this.#after = after;
    this.#i = beforeStart;
    this.#j = afterStart;
    this.#end = { i: beforeEnd, j: afterEnd };
  }

  get done(): boolean {
    return this.#i >= this.#end.i || this.#j >= this.#end.j;
  }

  /** From where we stand to the end, or as far as `editsAtMost` edits reach. */
  step(partner: Int32Array): void {
    const [width, height] = [this.#end.i - this.#i, this.#end.j - this.#j];
    let diagonal = 0;
    let edits = 0;
    search: for (; ; edits++) {
      const reach = this.#reachOf(edits);
      let best = -1;
      for (let k = -edits; k <= edits; k += 2) {
        const x = this.#follow(edits, k);
        reach[k + edits] = x;
        const y = x - k;
        if (x >= width && y >= height) {
          diagonal = k;
          break search;
        }
        if (x <= width && y <= height && x + y > best) [best, diagonal] = [x + y, k];
      }
      if (edits === editsAtMost) break;
    }
    this.#walkBack(edits, diagonal, partner);
  }

  #reachOf(edits: number): Int32Array {
    const held = this.#trace[edits];
    if (held !== undefined) return held;
    const made = new Int32Array(2 * edits + 1);
    this.#trace.push(made);
    return made;
  }

  /** Of diagonal `k` after one more edit: reached by a removal from diagonal k - 1, or by an addition from k + 1. */
  #byRemoval(edits: number, k: number): boolean {
    if (k === -edits) return false;
    const older = this.#trace[edits - 1] as Int32Array;
    return k === edits || (older[k + edits - 2] as number) >= (older[k + edits] as number);
  }

  #startOf(edits: number, k: number): number {
    if (edits === 0) return 0;
    const older = this.#trace[edits - 1] as Int32Array;
    return this.#byRemoval(edits, k) ? (older[k + edits - 2] as number) + 1 : (older[k + edits] as number);
  }

  #follow(edits: number, k: number): number {
    let x = this.#startOf(edits, k);
    let [i, j] = [this.#i + x, this.#j + x - k];
    const { i: endI, j: endJ } = this.#end;
    while (i < endI && j < endJ && this.#before[i] === this.#after[j]) {
      x++;
      i++;
      j++;
    }
    return x;
  }

  #walkBack(edits: number, diagonal: number, partner: Int32Array): void {
    const [startI, startJ] = [this.#i, this.#j];
    let k = diagonal;
    let x = (this.#trace[edits] as Int32Array)[k + edits] as number;
    this.#i = startI + x;
    this.#j = startJ + x - k;
    for (let d = edits; ; d--) {
      const start = this.#startOf(d, k);
      for (; x > start; x--) partner[startI + x - 1] = startJ + x - 1 - k;
      if (d === 0) return;
      const removal = this.#byRemoval(d, k);
      x = removal ? start - 1 : start;
      k += removal ? -1 : 1;
    }
  }
}
