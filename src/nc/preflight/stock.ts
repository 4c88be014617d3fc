import type { Block } from '../program/block.ts';
import type { Tally } from './finding-list.ts';

/** In work coordinates and the program's unit: the lowest and the highest corner, X Y Z. */
export type StockBox = { low: readonly [number, number, number]; high: readonly [number, number, number] };
type Corner = [number, number, number];

const xyz = [0x58, 0x59, 0x5a];
/** Rapid moves onto the face of the stock are common. */
const margin = 1e-6;

/** Rapid moves that end inside of the stock, where the job or the program (BLK FORM, G30 and G31) says where that is. */
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

  rapid(position: Float64Array, line: number): void {
    const [low, high] = [this.#low, this.#high];
    if (!low || !high) return;
    for (let axis = 0; axis < 3; axis++) {
      const at = position[axis] as number;
      // Not known is not inside.
      if (!(at > (low[axis] as number) + margin && at < (high[axis] as number) - margin)) return;
    }
    this.#tally.at(line, () => `Line ${line} ends a rapid move inside of the stock.`);
  }
}
