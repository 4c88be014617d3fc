import { limits } from '../../domain/limits.ts';
import { wordFlag } from '../program/block.ts';
import type { BlockWords } from './block-words.ts';
import type { Point } from './frame.ts';
import type { IsoCoordinates } from './iso-coordinates.ts';
import { segmentFlag } from './toolpath.ts';

/** G74 to G76 of FANUC's lathes: grooves by pecks along Z or X, and threads in several passes. */
export class TurningCycles {
  readonly #machine: IsoCoordinates;
  /** What a first block set: the return of each peck; passes, angle and least depth of a thread. */
  #return = 0;
  #finishing = 1;
  #angle = 60;
  #leastDepth = 0;
  #allowance = 0;

  constructor(machine: IsoCoordinates) {
    this.#machine = machine;
  }

  /** G74 pecks along Z and steps in X, G75 the other way round. P and Q are in the smallest steps unless they have a point. */
  groove(words: BlockWords, along: 0 | 2): void {
    const machine = this.#machine;
    if (!machine.hasAxes(words)) {
      this.#return = machine.length(words, 'R') ?? this.#return;
      return;
    }
    const { mover } = machine;
    const from = mover.at;
    const end: Point = [machine.target(words, 0), from[1], machine.target(words, 2)];
    const [p, q] = [this.#steps(words, 'P'), this.#steps(words, 'Q')];
    machine.length(words, 'R');
    const across = along === 0 ? 2 : 0;
    const [peck, shift] = along === 2 ? [q, p] : [p, q];
    if ([...from, ...end].some((value, at) => at % 3 !== 1 && !Number.isFinite(value))) {
      this.#notKnown(along === 2 ? 'G74' : 'G75');
      return;
    }
    mover.inCycle = true;
    for (const place of steps(from[across], end[across], shift)) {
      mover.rapid(at(from, across, place));
      let reached = from[along];
      for (const depth of steps(from[along], end[along], peck).slice(1)) {
        const before = at(at(from, across, place), along, reached - Math.sign(end[along] - from[along]) * this.#return);
        if (reached !== from[along]) mover.rapid(before);
        mover.line(at(at(from, across, place), along, depth));
        reached = depth;
      }
      mover.rapid(at(from, across, place));
    }
    mover.rapid(from);
    mover.inCycle = false;
  }

  /** G76, in two blocks or, with K for the height and D for the first depth, in one. */
  thread(words: BlockWords): void {
    const machine = this.#machine;
    if (!machine.hasAxes(words)) {
      this.#threadSettings(words);
      return;
    }
    const { mover } = machine;
    const from = mover.at;
    const end: Point = [machine.target(words, 0), from[1], machine.target(words, 2)];
    const one = words.has('K');
    const taper = machine.length(words, one ? 'I' : 'R') ?? 0;
    const height = one ? Math.abs(machine.length(words, 'K') ?? Number.NaN) : this.#steps(words, 'P');
    const first = this.#steps(words, one ? 'D' : 'Q');
    const lead = words.take('F');
    if (one) this.#angle = words.take('A') ?? this.#angle;
    if (![from[0], from[2], end[0], end[2], height, first].every(Number.isFinite) || first <= 0) {
      this.#notKnown('G76');
      return;
    }
    const mode = mover.feedMode;
    if (lead !== undefined) mover.feed = lead * machine.state.scale;
    mover.feedMode = 'per-revolution';
    mover.inCycle = true;
    for (const depth of this.#depths(height, first)) this.#pass(from, end, depth - height, depth, taper);
    for (let pass = 0; pass < Math.min(this.#finishing, 99); pass++) this.#pass(from, end, 0, height, taper);
    mover.inCycle = false;
    mover.feedMode = mode;
  }

  /** `P021060`: passes for finishing, chamfer, angle. */
  #threadSettings(words: BlockWords): void {
    const machine = this.#machine;
    const p = words.take('P');
    if (p !== undefined && Number.isFinite(p)) {
      this.#finishing = Math.floor(p / 10_000) || 1;
      this.#angle = p % 100;
      if (Math.floor(p / 100) % 100 > 0)
        machine.notes.add('assumed', 'G76 chamfer', 'The chamfer at the end of the thread is not shown.');
    }
    const least = this.#steps(words, 'Q');
    if (Number.isFinite(least)) this.#leastDepth = least;
    this.#allowance = Math.abs(machine.length(words, 'R') ?? this.#allowance);
  }

  /** Each pass takes off the same area: the n-th reaches first × √n, and never less than the least depth more. */
  #depths(height: number, first: number): number[] {
    const depths: number[] = [];
    let depth = 0;
    for (let pass = 1; pass <= limits.ncPathPieces; pass++) {
      depth = Math.max(first * Math.sqrt(pass), depth + this.#leastDepth);
      if (!(depth < height - this.#allowance)) break;
      depths.push(depth);
    }
    return [...depths, height - this.#allowance];
  }

  /** `above`: how much higher than the root it cuts, which is negative. The infeed runs along one flank. */
  #pass(from: Point, end: Point, above: number, depth: number, taper: number): void {
    const { mover } = this.#machine;
    const outside = Math.sign(from[0] - end[0]) || 1;
    const flank = Math.tan(((this.#angle / 2) * Math.PI) / 180) * depth * Math.sign(end[2] - from[2]);
    const x = end[0] - outside * above;
    mover.rapid([from[0], from[1], from[2] + flank]);
    mover.rapid([x + taper, from[1], from[2] + flank]);
    mover.line([x, from[1], end[2]], undefined, segmentFlag.synchronous);
    mover.rapid([from[0], from[1], end[2]]);
    mover.rapid(from);
  }

  #steps(words: BlockWords, letter: 'P' | 'Q' | 'D'): number {
    const written = words.flags(letter) & (wordFlag.point | wordFlag.computed);
    const value = words.take(letter);
    if (value === undefined) return Number.NaN;
    const { scale } = this.#machine.state;
    return Math.abs(value * scale * (written ? 1 : scale === 1 ? 0.001 : 0.0001));
  }

  #notKnown(code: string): void {
    this.#machine.notes.add(
      'unknown',
      code,
      `${code}: its end or its depth of cut is not known, so that it is not shown.`,
    );
  }
}

/** From one value to another, both included; in one go where the step is not known. */
function steps(from: number, to: number, step: number): number[] {
  const count = step > 0 ? Math.min(Math.ceil(Math.abs(to - from) / step - 1e-9), limits.ncPathPieces) : 1;
  const places = Array.from({ length: Math.max(0, count) }, (_, at) => from + Math.sign(to - from) * step * at);
  return [...(step > 0 ? places : [from]), to].filter((place, index, all) => index === 0 || place !== all[index - 1]);
}

function at(point: Point, axis: 0 | 2, value: number): Point {
  const moved: [number, number, number] = [...point];
  moved[axis] = value;
  return moved;
}
