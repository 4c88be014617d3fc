import { segmentKind, type Toolpath } from '../path/toolpath.ts';

/** Points of one polyline that are measured against another; between them the path is taken as straight. */
const pointsAtMost = 400;

/** Consecutive segments of a toolpath, in millimetres. */
export class Polyline {
  readonly steps: number;
  readonly #path: Toolpath;
  readonly #first: number;

  constructor(path: Toolpath, first: number, last: number) {
    this.#path = path;
    this.#first = first;
    this.steps = last - first + 1;
  }

  /** Coordinate `axis` of point `at`; point 0 is where the first segment starts. */
  coordinate(at: number, axis: number): number {
    return this.#path.points[3 * (this.#first + at) + axis] as number;
  }

  /** The largest distance between the ends of like steps. NaN where an axis is known on one side only. */
  stepwise(other: Polyline): number {
    let largest = 0;
    for (let at = 1; at <= this.steps; at++) {
      if (!this.#moves(at) && !other.#moves(at)) continue;
      let square = 0;
      for (let axis = 0; axis < 3; axis++) {
        const [a, b] = [this.coordinate(at, axis), other.coordinate(at, axis)];
        if (Number.isNaN(a) && Number.isNaN(b)) continue;
        square += (a - b) ** 2;
      }
      if (Number.isNaN(square)) return Number.NaN;
      largest = Math.max(largest, square);
    }
    return Math.sqrt(largest) + this.#turned(other);
  }

  /** A dwell or a tool change happens wherever the move before ended. */
  #moves(at: number): boolean {
    return (this.#path.kind[this.#first + at - 1] as number) < segmentKind.dwell;
  }

  /** Turned axes are degrees and no length: any difference makes the comparison impossible, unless there is none. */
  #turned(other: Polyline): number {
    const [one, two] = [this.#path.rotary, other.#path.rotary];
    if (one === undefined && two === undefined) return 0;
    for (let at = 3; at < 3 * (this.steps + 1); at++) {
      const [a, b] = [one?.[3 * this.#first + at] ?? Number.NaN, two?.[3 * other.#first + at] ?? Number.NaN];
      if (a !== b && !(Number.isNaN(a) && Number.isNaN(b))) return Number.NaN;
    }
    return 0;
  }

  /** The largest distance of this one's points from the other's path. Points that are not known in every axis are left out. */
  farthestFrom(other: Polyline): number {
    const stride = Math.ceil((this.steps + 1) / pointsAtMost);
    let largest = 0;
    let seen = false;
    for (let at = 0; at <= this.steps; at += at + stride > this.steps && at < this.steps ? this.steps - at : stride) {
      const distance = other.#distanceTo(this.coordinate(at, 0), this.coordinate(at, 1), this.coordinate(at, 2));
      if (Number.isNaN(distance)) continue;
      seen = true;
      largest = Math.max(largest, distance);
    }
    return seen ? largest : Number.NaN;
  }

  #distanceTo(x: number, y: number, z: number): number {
    const stride = Math.ceil(this.steps / pointsAtMost);
    let smallest = Number.POSITIVE_INFINITY;
    for (let at = 0; at < this.steps; at += stride) {
      const square = this.#toSegment(at, Math.min(this.steps, at + stride), x, y, z);
      if (square < smallest) smallest = square;
    }
    return Number.isFinite(smallest) && !Number.isNaN(x + y + z) ? Math.sqrt(smallest) : Number.NaN;
  }

  /** The square of the distance from a point to the straight line between points `from` and `to`. */
  #toSegment(from: number, to: number, x: number, y: number, z: number): number {
    const [ax, ay, az] = [this.coordinate(from, 0), this.coordinate(from, 1), this.coordinate(from, 2)];
    const [dx, dy, dz] = [this.coordinate(to, 0) - ax, this.coordinate(to, 1) - ay, this.coordinate(to, 2) - az];
    const length = dx * dx + dy * dy + dz * dz;
    const along = length === 0 ? 0 : ((x - ax) * dx + (y - ay) * dy + (z - az) * dz) / length;
    const t = Math.min(1, Math.max(0, along));
    return (x - ax - t * dx) ** 2 + (y - ay - t * dy) ** 2 + (z - az - t * dz) ** 2;
  }
}

/** How far two paths go apart at most, measured both ways (Hausdorff). */
export const largestDistance = (one: Polyline, other: Polyline): number =>
  Math.max(one.farthestFrom(other), other.farthestFrom(one));
