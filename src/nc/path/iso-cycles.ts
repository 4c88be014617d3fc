import { wordFlag } from '../program/block.ts';
import type { BlockWords } from './block-words.ts';
import type { Hole } from './drilling.ts';
import type { DrillCycle } from './iso-codes.ts';
import type { IsoCoordinates } from './iso-coordinates.ts';
import { type ActiveCycle, axisLetters } from './iso-state.ts';

/** Canned cycles whose values are words that stay until the cycle is cancelled. */
export class IsoCycles {
  readonly #machine: IsoCoordinates;

  constructor(machine: IsoCoordinates) {
    this.#machine = machine;
  }

  start(cycle: DrillCycle): void {
    const { state, mover, drillPlane: plane } = this.#machine;
    const depth = mover.at[plane[2]] as number;
    const before = state.cycle;
    const initial = before?.initial ?? depth;
    state.cycle = {
      cycle,
      z: before?.z ?? Number.NaN,
      r: before?.r ?? Number.NaN,
      peck: before?.peck ?? 0,
      lessPeck: 0,
      leastPeck: 0,
      dwell: 0,
      initial,
    };
  }

  /** The hole of this block: what it says anew and what the cycle keeps. */
  hole(words: BlockWords): Hole | undefined {
    const machine = this.#machine;
    const { state, drillPlane: plane } = machine;
    const active = state.cycle;
    if (!active) return undefined;
    this.#updateCycle(words);
    const tapping = active.cycle === 'tap' || active.cycle === 'tap-left';
    if (tapping && words.has('Q'))
      machine.notes.add('assumed', 'tapping with pecks', 'Tapping with pecks (Q) is shown as going down in one.');
    const retract =
      state.returnLevel ??
      (state.returnsToInitial || machine.options.lathe ? this.#initialLevel(active.initial, active.r) : active.r);
    if (Number.isNaN(active.z) || Number.isNaN(active.r))
      machine.notes.add(
        'unknown',
        'cycle depth',
        `The depth or the R level (${axisLetters[plane[2]]}) of this cycle is not known.`,
      );
    return {
      cycle: active.cycle,
      bottom: active.z,
      clearance: active.r,
      surface: active.r,
      retract,
      peck: active.cycle === 'peck' || active.cycle === 'chip-break' ? active.peck : 0,
      lessPeck: active.lessPeck,
      leastPeck: active.leastPeck,
      dwell: tapping || active.cycle === 'drill' ? 0 : active.dwell,
      advance: machine.options.peckClearance,
      outFeed: undefined,
    };
  }

  /** Haas: I is the first peck, each is J less than the one before, down to K. */
  #shrinkingPecks(words: BlockWords, active: ActiveCycle): void {
    const machine = this.#machine;
    const pecks = active.cycle === 'peck' || active.cycle === 'chip-break';
    if (!pecks || !words.has('I') || machine.options.dialect !== 'iso' || machine.options.lathe) return;
    active.peck = Math.abs(machine.length(words, 'I') ?? 0);
    active.lessPeck = Math.abs(machine.length(words, 'J') ?? 0);
    active.leastPeck = Math.abs(machine.length(words, 'K') ?? 0);
  }

  /** An initial level below R: the tool comes back to R, as it came from there. */
  #initialLevel(initial: number, r: number): number {
    return initial < r ? r : initial;
  }

  #updateCycle(words: BlockWords): void {
    const machine = this.#machine;
    const { state, drillPlane: plane, options } = machine;
    const active = state.cycle;
    if (!active) return;
    const letter = axisLetters[plane[2]] as string;
    const r = machine.length(words, 'R');
    const relative = options.lathe || !state.absolute;
    if (r !== undefined) active.r = relative ? active.initial + r : r;
    else if (Number.isNaN(active.r)) active.r = active.initial;
    const z = machine.length(words, letter);
    if (z !== undefined) active.z = machine.isAbsolute(words, letter) ? z : active.r + z;
    const q = machine.length(words, 'Q');
    // A lathe counts it in the smallest steps unless it has a point.
    const stepped = options.lathe && !(words.flags('Q') & (wordFlag.point | wordFlag.computed));
    const step = stepped && options.smallestStep === undefined ? (state.scale === 1 ? 0.001 : 0.0001) : 1;
    if (q !== undefined) active.peck = Math.abs(q) * step;
    this.#shrinkingPecks(words, active);
    const p = words.take('P');
    const milliseconds = options.dialect === 'iso' || options.dialect === 'mazak';
    const whole = milliseconds && !(words.flags('P') & (wordFlag.point | wordFlag.computed));
    if (p !== undefined) active.dwell = whole ? p / 1000 : p;
  }
}
