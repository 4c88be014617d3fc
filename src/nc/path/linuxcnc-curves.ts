import { limits } from '../../domain/limits.ts';
import type { BlockWords } from './block-words.ts';
import type { Point } from './frame.ts';
import type { IsoCoordinates } from './iso-coordinates.ts';

type Place = readonly [number, number];
type Weighted = { x: number; y: number; weight: number };

/** G5, G5.1 and G5.2 of LinuxCNC: curves in the XY plane, drawn as chords. */
export class LinuxcncCurves {
  readonly #machine: IsoCoordinates;
  /** From the end of a cubic to its last control point: the next one begins the other way. */
  #leaving: Place | undefined;
  #controls: Weighted[] = [];
  #degree = 2;

  constructor(machine: IsoCoordinates) {
    this.#machine = machine;
  }

  block(words: BlockWords, motion: 'cubic' | 'quadratic' | 'nurbs'): void {
    if (motion === 'nurbs') this.#control(words);
    else if (motion === 'cubic') this.#cubic(words);
    else this.#quadratic(words);
  }

  /** I and J lead away from the start, P and Q to the end; without I and J it goes on as the one before ended. */
  #cubic(words: BlockWords): void {
    const machine = this.#machine;
    const [x, y] = machine.mover.at;
    const to = machine.end(words);
    const way = (letter: string): number | undefined => machine.length(words, letter);
    const goesOn = !words.hasAny('IJ');
    const [i, j] = goesOn && this.#leaving ? [-this.#leaving[0], -this.#leaving[1]] : [way('I') ?? 0, way('J') ?? 0];
    const [p, q] = [way('P') ?? 0, way('Q') ?? 0];
    this.#leaving = [p, q];
    this.#draw(
      [
        [x, y],
        [x + i, y + j],
        [to[0] + p, to[1] + q],
        [to[0], to[1]],
      ],
      to,
    );
  }

  #quadratic(words: BlockWords): void {
    const machine = this.#machine;
    const [x, y] = machine.mover.at;
    const to = machine.end(words);
    const [i, j] = [machine.length(words, 'I') ?? 0, machine.length(words, 'J') ?? 0];
    this.#draw(
      [
        [x, y],
        [x + i, y + j],
        [to[0], to[1]],
      ],
      to,
    );
  }

  /** Chords of equal steps along a Bézier curve, as many as its control polygon is long in steps that keep the tolerance. */
  #draw(points: readonly Place[], to: Point): void {
    const { mover } = this.#machine;
    const z = mover.at[2];
    const pieces = this.#pieces(points);
    const chords: Point[] = [];
    for (let piece = 1; piece < pieces; piece++) {
      const [x, y] = bezier(points, piece / pieces);
      chords.push([x, y, z + ((to[2] - z) * piece) / pieces]);
    }
    mover.chords([...chords, to]);
  }

  #pieces(points: readonly Place[]): number {
    let way = 0;
    for (let at = 1; at < points.length; at++) way += distance(points[at - 1] as Place, points[at] as Place);
    const pieces = Math.ceil(Math.sqrt(way / this.#machine.options.tolerance));
    return Number.isFinite(pieces) ? Math.min(Math.max(2, pieces), limits.ncPathPieces) : 2;
  }

  #control(words: BlockWords): void {
    const machine = this.#machine;
    const { mover } = machine;
    const weight = words.take('P') ?? 1;
    this.#degree = (words.take('L') ?? this.#degree + 1) - 1;
    if (this.#controls.length === 0) this.#controls.push({ x: mover.at[0], y: mover.at[1], weight });
    if (!words.hasAny('XY') || this.#controls.length >= limits.ncPathPieces) return;
    const [x, y] = machine.end(words);
    this.#controls.push({ x, y, weight });
  }

  /** G5.3: the control points of G5.2 are a NURBS with a clamped, even knot vector. */
  end(): void {
    const { mover, state } = this.#machine;
    const controls = this.#controls;
    this.#controls = [];
    state.motion = 'none';
    const last = controls.at(-1);
    if (!last || controls.length <= this.#degree || this.#degree < 1) return;
    const pieces = this.#pieces(controls.map(({ x, y }) => [x, y] as const));
    const knots = clamped(controls.length, this.#degree);
    const most = knots.at(-1) as number;
    const z = mover.at[2];
    const chords: Point[] = [];
    for (let piece = 1; piece < pieces; piece++) {
      const [x, y] = rational(controls, this.#degree, knots, (most * piece) / pieces);
      chords.push([x, y, z]);
    }
    mover.chords([...chords, [last.x, last.y, z]]);
  }
}

const distance = (a: Place, b: Place): number => Math.hypot(b[0] - a[0], b[1] - a[1]);

/** De Casteljau's way. */
function bezier(points: readonly Place[], share: number): Place {
  let level = points;
  while (level.length > 1)
    level = level.slice(1).map((end, at): Place => {
      const begin = level[at] as Place;
      return [begin[0] + (end[0] - begin[0]) * share, begin[1] + (end[1] - begin[1]) * share];
    });
  return level[0] as Place;
}

/** 0 0 0 1 2 3 3 3 of six points and degree 2. */
const clamped = (points: number, degree: number): number[] =>
  Array.from({ length: points + degree + 1 }, (_, at) => Math.min(Math.max(0, at - degree), points - degree));

/** De Boor's way, on weighted points. */
function rational(controls: readonly Weighted[], degree: number, knots: readonly number[], at: number): Place {
  const span = Math.min(degree + Math.floor(at), controls.length - 1);
  const level = Array.from({ length: degree + 1 }, (_, index) => {
    const { x, y, weight } = controls[span - degree + index] as Weighted;
    return [x * weight, y * weight, weight] as [number, number, number];
  });
  for (let round = 1; round <= degree; round++)
    for (let index = degree; index >= round; index--) {
      const low = knots[span - degree + index] as number;
      const high = knots[span + 1 + index - round] as number;
      const share = high === low ? 0 : (at - low) / (high - low);
      const [one, two] = [level[index - 1] as [number, number, number], level[index] as [number, number, number]];
      level[index] = [0, 1, 2].map((k) => (one[k] as number) * (1 - share) + (two[k] as number) * share) as typeof two;
    }
  const [x, y, weight] = level[degree] as [number, number, number];
  return [x / weight, y / weight];
}
