import type { Pairing } from './pairing.ts';
import type { ProgramIndex } from './program-index.ts';

/** Where jumps lead in both programs: a renumbered program still jumps to the same blocks, or it does not. */
export class JumpTargets {
  readonly #before: ProgramIndex;
  readonly #after: ProgramIndex;
  readonly #pairing: Pairing;
  #places: [Map<number, number>, Map<number, number>] | undefined;
  #retargeted: Set<number> | undefined;

  constructor(before: ProgramIndex, after: ProgramIndex, pairing: Pairing) {
    this.#before = before;
    this.#after = after;
    this.#pairing = pairing;
  }

  /** Both numbers name one block, which is the other's partner. */
  same(before: number, after: number): boolean {
    this.#places ??= [placesOf(this.#before), placesOf(this.#after)];
    const [i, j] = [this.#places[0].get(before), this.#places[1].get(after)];
    if (i === undefined && j === undefined) return before === after;
    return i !== undefined && i !== repeated && this.#pairing.toAfter[i] === j;
  }

  /** Blocks of the older program whose jump is written as before but leads to another block now. */
  retargeted(): Set<number> {
    this.#retargeted ??= new Set([...this.#moved(), ...this.#computed()]);
    return this.#retargeted;
  }

  isRetargeted(block: number): boolean {
    return this.retargeted().has(block);
  }

  *#moved(): Generator<number> {
    const newer = new Map<number, number[]>();
    for (const { block, target } of this.#after.references) newer.set(block, [...(newer.get(block) ?? []), target]);
    for (const { block, target } of this.#before.references) {
      const there = newer.get(this.#pairing.toAfter[block] as number);
      if (there?.includes(target) && !this.same(target, target)) yield block;
    }
  }

  /** A computed jump may lead anywhere once a number has changed. */
  *#computed(): Generator<number> {
    if (this.#before.computedJumps.length === 0) return;
    const { toAfter } = this.#pairing;
    const changed = toAfter.findIndex((j, i) => j >= 0 && this.#before.number[i] !== this.#after.number[j]);
    if (changed >= 0) for (const block of this.#before.computedJumps) if ((toAfter[block] as number) >= 0) yield block;
  }
}

/** A number that several blocks have: which one is meant is the control's secret. */
const repeated = -2;

function placesOf({ number, count }: ProgramIndex): Map<number, number> {
  const places = new Map<number, number>();
  for (let block = 0; block < count; block++) {
    const one = number[block] as number;
    if (one >= 0) places.set(one, places.has(one) ? repeated : block);
  }
  return places;
}
