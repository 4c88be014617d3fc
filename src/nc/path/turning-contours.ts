import { limits } from '../../domain/limits.ts';
import { wordFlag } from '../program/block.ts';
import type { BlockWords } from './block-words.ts';
import type { Point } from './frame.ts';
import type { IsoCoordinates } from './iso-coordinates.ts';

/** What a roughing cycle takes off: along the spindle (G71), towards it (G72), or in copies of the contour (G73). */
export type Roughing = 'along' | 'across' | 'copies';
type Place = readonly [x: number, z: number];

/**
 * Roughing cycles of FANUC's lathes: a block with the depth of cut and the retract, then one that names the contour and
 * what is left for finishing; or one block with D for the depth. X is a radius here, U a diameter as it is written.
 */
export class TurningContours {
  readonly #machine: IsoCoordinates;
  /** Depth and retract (G71, G72); the ways in X and Z and the number of copies (G73). They stay. */
  #depth = Number.NaN;
  #retract = 0;
  #away: Place = [0, 0];
  #copies = Number.NaN;

  constructor(machine: IsoCoordinates) {
    this.#machine = machine;
  }

  /** The block that only sets depth, retract and copies. */
  set(roughing: Roughing, words: BlockWords): void {
    const machine = this.#machine;
    const [u, w, r] = [machine.length(words, 'U'), machine.length(words, 'W'), words.take('R')];
    if (roughing === 'copies') {
      this.#away = [u ?? this.#away[0], w ?? this.#away[1]];
      this.#copies = r ?? this.#copies;
      return;
    }
    this.#depth = Math.abs((roughing === 'along' ? u : w) ?? this.#depth);
    this.#retract = r === undefined ? this.#retract : Math.abs(r * machine.state.scale);
  }

  /** The cut of a block that names a contour; to be called with the points of the contour when they are known. */
  cut(asked: Roughing, words: BlockWords): (contour: readonly Point[], across: boolean) => void {
    const machine = this.#machine;
    const left: Place = [(machine.length(words, 'U') ?? 0) / 2, machine.length(words, 'W') ?? 0];
    const feed = words.take('F');
    if (words.has('D')) this.#oneBlock(asked, words);
    const [depth, retract, away, copies] = [this.#depth, this.#retract, this.#away, this.#copies];
    const deep = machine.options.dialect === 'okuma' ? depth * 2 : depth;
    return (contour, across) => {
      const roughing = asked === 'along' && across ? 'across' : asked;
      const { mover } = machine;
      const programmed = mover.feed;
      if (feed !== undefined) mover.feed = feed * machine.state.scale;
      const stock = new Stock(machine, contour, left);
      mover.inCycle = true;
      if (!stock.known || (roughing === 'copies' && !Number.isFinite(copies))) this.#notKnown(roughing);
      else if (roughing === 'copies') stock.copies(away, copies);
      // OSP writes the depth of a pass along the spindle as a diameter.
      else if (depth > 0) stock.passes(roughing === 'along' ? 0 : 1, roughing === 'along' ? depth : deep, retract);
      else this.#notKnown(roughing);
      mover.inCycle = false;
      mover.feed = programmed;
    };
  }

  /** The format of older controls: D is the depth, or how many copies; I and K the ways of the copies. */
  #oneBlock(roughing: Roughing, words: BlockWords): void {
    const machine = this.#machine;
    if (machine.options.dialect === 'okuma') {
      // OSP writes it as a diameter.
      this.#depth = Math.abs(machine.length(words, 'D') ?? Number.NaN) / 2;
      return;
    }
    const written = words.flags('D') & (wordFlag.point | wordFlag.computed);
    const value = words.take('D') ?? Number.NaN;
    if (roughing === 'copies') {
      this.#copies = value;
      this.#away = [machine.length(words, 'I') ?? 0, machine.length(words, 'K') ?? 0];
      return;
    }
    const step = machine.state.scale === 1 ? 0.001 : 0.0001;
    this.#depth = Math.abs(value * machine.state.scale * (written ? 1 : step));
    if (!written)
      machine.notes.add('assumed', 'D', 'D without a point is read as the depth of cut in the smallest steps.');
  }

  #notKnown(roughing: Roughing): void {
    const code = { along: 'G71', across: 'G72', copies: 'G73' }[roughing];
    this.#machine.notes.add(
      'unknown',
      `roughing like ${code}`,
      `Roughing like ${code}: its contour or its depth of cut is not known, so that the passes are not shown.`,
    );
  }
}

/** What stands before the contour, from the point at which the cycle was called. */
class Stock {
  readonly #machine: IsoCoordinates;
  readonly #start: Point;
  /** With what is left for finishing. */
  readonly #contour: readonly Place[];
  readonly known: boolean;

  constructor(machine: IsoCoordinates, contour: readonly Point[], left: Place) {
    this.#machine = machine;
    this.#start = machine.mover.at;
    this.#contour = contour.map(([x, , z]): Place => [x + left[0], z + left[1]]);
    const all = [...this.#contour.flat(), this.#start[0], this.#start[2]];
    this.known = this.#contour.length > 1 && all.every(Number.isFinite);
  }

  /** Passes side by side; `axis` is the one in which the depth goes: X (0) or Z (1). Then once along the contour. */
  passes(axis: 0 | 1, depth: number, retract: number): void {
    const { mover } = this.#machine;
    const [from, along] = axis === 0 ? [this.#start[0], this.#start[2]] : [this.#start[2], this.#start[0]];
    const deepest = this.#deepest(axis, from);
    const side = Math.sign(deepest - from);
    const count = Math.min(Math.ceil(Math.abs(deepest - from) / depth - 1e-9), limits.ncPathPieces);
    for (let pass = 1; pass < count; pass++) {
      const level = from + side * depth * pass;
      for (const { begin, stop } of this.#spans(axis, level, side)) {
        const into = begin ?? along;
        // Into a pocket the tool comes from above, as far as the contour leaves room.
        if (begin !== undefined) mover.rapid(this.#at(axis, from, into));
        if (begin === undefined) mover.rapid(this.#at(axis, level, into));
        else mover.line(this.#at(axis, level, into));
        mover.line(this.#at(axis, level, stop));
        const back = stop + Math.sign(into - stop) * retract;
        mover.line(this.#at(axis, level - side * retract, back));
        mover.rapid(
          this.#at(axis, begin === undefined ? level - side * retract : from, begin === undefined ? along : back),
        );
      }
    }
    this.#finish();
  }

  /** The contour, each time nearer. */
  copies(away: Place, count: number): void {
    const copies = Math.min(Math.max(1, Math.round(count)), limits.ncPathPieces);
    for (let copy = 0; copy < copies; copy++) {
      const share = copies === 1 ? 0 : 1 - copy / (copies - 1);
      this.#follow(away[0] * share, away[1] * share);
    }
    this.#machine.mover.rapid(this.#start);
  }

  /** The last pass leaves an even allowance. */
  #finish(): void {
    this.#follow(0, 0);
    this.#machine.mover.rapid(this.#start);
  }

  #follow(dx: number, dz: number): void {
    const { mover } = this.#machine;
    for (const [at, [x, z]] of this.#contour.entries()) {
      const to: Point = [x + dx, this.#start[1], z + dz];
      if (at === 0) mover.rapid(to);
      else mover.line(to);
    }
  }

  #deepest(axis: 0 | 1, from: number): number {
    let deepest = from;
    for (const place of this.#contour)
      if (Math.abs(place[axis] - from) > Math.abs(deepest - from)) deepest = place[axis];
    return deepest;
  }

  /**
   * What lies between the contour and a level, followed from the contour's beginning: from the outside (`begin` undefined)
   * or from where the contour goes down into a pocket, up to where it comes up again.
   */
  #spans(axis: 0 | 1, level: number, side: number): { begin: number | undefined; stop: number }[] {
    const other = axis === 0 ? 1 : 0;
    const spans: { begin: number | undefined; stop: number }[] = [];
    const [first] = this.#contour;
    let begin: number | undefined;
    let below = first !== undefined && (first[axis] - level) * side >= 0;
    for (let at = 1; at < this.#contour.length; at++) {
      const [one, two] = [this.#contour[at - 1] as Place, this.#contour[at] as Place];
      const [a, b] = [(one[axis] - level) * side, (two[axis] - level) * side];
      if (below === b >= 0) continue;
      const crossing = one[other] + ((two[other] - one[other]) * a) / (a - b);
      if (below) spans.push({ begin, stop: crossing });
      else {
        begin = crossing;
        this.#pocket();
      }
      below = !below;
    }
    return spans;
  }

  #pocket(): void {
    const text = 'A contour with pockets (type II) is cut level by level here; controls cut pocket by pocket.';
    this.#machine.notes.add('assumed', 'pockets', text);
  }

  #at(axis: 0 | 1, level: number, other: number): Point {
    return axis === 0 ? [level, this.#start[1], other] : [other, this.#start[1], level];
  }
}
