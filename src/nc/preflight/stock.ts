import type { Block } from '../program/block.ts';
import type { Tally } from './finding-list.ts';

/** In work coordinates and the program's unit: the lowest and the highest corner, X Y Z. */
export type StockBox = { low: readonly [number, number, number]; high: readonly [number, number, number] };
type Corner = [number, number, number];

const xyz = [0x58, 0x59, 0x5a];
/** Rapid moves onto the face of the stock are common. */
const margin = 1e-6;

/** Rapid moves from outside into the stock, where the job or the program (BLK FORM, G30 and G31) says where that is. */
export class Stock {
  readonly #tally: Tally;
  #low: readonly number[] | undefined;
  #high: readonly number[] | undefined;

  constructor(tally: Tally, box: StockBox | undefined) {
    this.#tally = tally;
    this.#low = box?.low;
    this.#high = box?.high;
  }

  /** A frame is not followed here: from then on nothing is said. */
  lost(): void {
    this.#low = undefined;
  }

  corner(which: 'minimum' | 'maximum' | 'other', { words }: Block): void {
    const corner = xyz.map((letter) => words.first(letter) ?? Number.NaN) as Corner;
    if (which === 'minimum') this.#low = corner;
    else if (which === 'maximum') this.#high = corner;
    else this.#low = undefined;
  }

  rapid(from: Float64Array, to: Float64Array, line: number): void {
    const [low, high] = [this.#low, this.#high];
    // A retract begins where feed moves have already cut.
    if (!low || !high || isInside(from, low, high) || !crosses(from, to, low, high)) return;
    this.#tally.at(line, () => `Line ${line} moves into the stock in rapid.`);
  }
}

/** A place that is not known is not inside. */
function isInside(place: Float64Array, low: readonly number[], high: readonly number[]): boolean {
  for (let axis = 0; axis < 3; axis++) {
    const at = place[axis] as number;
    if (!(at > (low[axis] as number) + margin && at < (high[axis] as number) - margin)) return false;
  }
  return true;
}

/** Whether the straight way has a piece inside of the box. What is not known is not inside: a place may be NaN. */
function crosses(from: Float64Array, to: Float64Array, low: readonly number[], high: readonly number[]): boolean {
  let enters = 0;
  let leaves = 1;
  for (let axis = 0; axis < 3; axis++) {
    const end = to[axis] as number;
    const start = Number.isNaN(from[axis]) ? end : (from[axis] as number);
    const [lowest, highest] = [(low[axis] as number) + margin, (high[axis] as number) - margin];
    const way = end - start;
    if (way === 0) {
      if (!(end > lowest && end < highest)) return false;
      continue;
    }
    const [first, second] = [(lowest - start) / way, (highest - start) / way];
    enters = Math.max(enters, Math.min(first, second));
    leaves = Math.min(leaves, Math.max(first, second));
    // A NaN compares as not crossing.
    if (!(enters < leaves)) return false;
  }
  return true;
}
