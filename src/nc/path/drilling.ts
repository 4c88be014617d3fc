import { limits } from '../../domain/limits.ts';
import type { PlaneAxes, Point } from './frame.ts';
import type { DrillCycle } from './iso-codes.ts';
import type { Mover } from './mover.ts';
import { segmentFlag } from './toolpath.ts';

/** One hole, in program coordinates along the axis that stands on the plane. Lengths in millimetres. */
export type Hole = {
  cycle: DrillCycle;
  bottom: number;
  /** Down to here it is rapid. */
  clearance: number;
  /** From here the depth of pecks counts: the R level, or the surface of the workpiece. */
  surface: number;
  /** Where the tool goes when it is done. */
  retract: number;
  /** Depth of a peck; NaN or 0: in one go. */
  peck: number;
  /** How much each peck is less than the one before (Klartext, Siemens), down to `leastPeck`. */
  lessPeck: number;
  leastPeck: number;
  /** What each peck is of the one before. */
  peckShare?: number | undefined;
  /** Seconds at the bottom. */
  dwell: number;
  /** What is left to the last depth before feed starts again. */
  advance: number;
  /** Retract feed of reaming and boring; undefined: as the cycle has it. */
  outFeed: number | undefined;
};

/** From where the tool stands: over the hole at its level, down, and out. */
export function drillHole(mover: Mover, plane: PlaneAxes, over: Point, hole: Hole, rotary?: Point): void {
  mover.inCycle = true;
  mover.rapid(over, rotary);
  const run = new HoleRun(mover, plane[2], over, hole);
  run.approach();
  run.cut();
  run.leave();
  mover.inCycle = false;
}

class HoleRun {
  readonly #mover: Mover;
  readonly #axis: number;
  readonly #over: Point;
  readonly #hole: Hole;

  constructor(mover: Mover, axis: number, over: Point, hole: Hole) {
    this.#mover = mover;
    this.#axis = axis;
    this.#over = over;
    this.#hole = hole;
  }

  approach(): void {
    if (this.#mover.at[this.#axis] !== this.#hole.clearance) this.#rapid(this.#hole.clearance);
  }

  cut(): void {
    const { cycle, bottom, dwell } = this.#hole;
    if (cycle === 'back-bore') {
      this.#mover.notes.add('unsupported', 'back boring', 'Back boring is shown as its positions only.');
      return;
    }
    if (cycle === 'peck' || cycle === 'chip-break') this.#pecks(cycle === 'peck');
    else this.#feed(bottom, cycle === 'tap' || cycle === 'tap-left' ? segmentFlag.synchronous : 0);
    if (dwell > 0) this.#mover.dwell(dwell);
    if (cycle === 'fine-bore')
      this.#mover.notes.add('assumed', 'fine boring', 'The shift off the wall at the bottom is not shown.');
    if (cycle === 'bore-unlike')
      this.#mover.notes.add('assumed', 'boring', 'This boring cycle is shown as down at feed and out in rapid.');
    if (cycle === 'bore-manual')
      this.#mover.notes.add('assumed', 'boring by hand', 'The retract by hand is shown as a rapid.');
  }

  /** Taps, reamers and boring bars feed out. */
  leave(): void {
    const { cycle, clearance, retract, outFeed } = this.#hole;
    const synchronous = cycle === 'tap' || cycle === 'tap-left' ? segmentFlag.synchronous : 0;
    const feedsOut = synchronous !== 0 || cycle === 'bore' || cycle === 'bore-dwell';
    if (feedsOut) this.#feedOut(clearance, synchronous, outFeed);
    if (this.#mover.at[this.#axis] !== retract) this.#rapid(retract);
  }

  #feedOut(to: number, flags: number, outFeed: number | undefined): void {
    const { feed } = this.#mover;
    if (outFeed !== undefined && outFeed > 0) this.#mover.feed = outFeed;
    this.#feed(to, flags);
    this.#mover.feed = feed;
  }

  #pecks(out: boolean): void {
    const { bottom, clearance, surface, peck, lessPeck, leastPeck, peckShare = 1, advance } = this.#hole;
    const down = Math.sign(bottom - clearance);
    let step = peck > 0 ? peck : Math.abs(bottom - clearance);
    let depth = surface;
    for (let piece = 0; piece < limits.ncPathPieces; piece++) {
      depth += down * step;
      if (!(Math.abs(bottom - depth) > 1e-9 && (bottom - depth) * down > 0)) break;
      this.#feed(depth, 0);
      if (out) {
        this.#rapid(clearance);
        this.#rapid(depth - down * advance);
      } else this.#rapid(depth - down * advance);
      step = Math.max(step * peckShare - lessPeck, leastPeck > 0 ? Math.min(leastPeck, step) : 1e-3);
      if (lessPeck === 0 && peckShare === 1) step = peck;
    }
    this.#feed(bottom, 0);
  }

  #level(level: number): Point {
    const point: [number, number, number] = [...this.#over];
    point[this.#axis] = level;
    return point;
  }

  #rapid(level: number): void {
    this.#mover.rapid(this.#level(level));
  }

  #feed(level: number, flags: number): void {
    this.#mover.line(this.#level(level), undefined, flags);
  }
}
