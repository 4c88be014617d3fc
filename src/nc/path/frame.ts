/** A point or a direction in X, Y, Z; millimetres. NaN: not known. */
export type Point = readonly [number, number, number];

/** An affine map, row by row: x' = f[0] x + f[1] y + f[2] z + f[3], and so on. */
export type Frame = readonly number[];

export const identity: Frame = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];
export const origin: Point = [0, 0, 0];

/** The axes of the working planes G17, G18, G19: first, second, and the one that stands on them. */
export const planes = {
  17: [0, 1, 2],
  18: [2, 0, 1],
  19: [1, 2, 0],
} as const;
export type PlaneCode = keyof typeof planes;
export type PlaneAxes = (typeof planes)[PlaneCode];

export const translation = ([x, y, z]: Point): Frame => [1, 0, 0, x, 0, 1, 0, y, 0, 0, 1, z];

/** Scales by axis; -1 mirrors. */
export const scaling = ([x, y, z]: Point): Frame => [x, 0, 0, 0, 0, y, 0, 0, 0, 0, z, 0];

/** Turns counter-clockwise in a plane, seen from the end of its third axis. */
export function rotation([first, second]: PlaneAxes, degrees: number): Frame {
  const [sine, cosine] = sineCosine(degrees);
  const frame = [...identity];
  frame[first * 4 + first] = cosine;
  frame[first * 4 + second] = -sine;
  frame[second * 4 + first] = sine;
  frame[second * 4 + second] = cosine;
  return frame;
}

/** Exact at quarter turns, where controls are exact too. */
export function sineCosine(degrees: number): [number, number] {
  const quarters = degrees / 90;
  if (!Number.isInteger(quarters)) {
    const radians = (degrees * Math.PI) / 180;
    return [Math.sin(radians), Math.cos(radians)];
  }
  const quarter = ((quarters % 4) + 4) % 4;
  return [quarter === 1 ? 1 : quarter === 3 ? -1 : 0, quarter === 0 ? 1 : quarter === 2 ? -1 : 0];
}

/** First `inner`, then `outer`. */
export function compose(outer: Frame, inner: Frame): Frame {
  const made: number[] = [];
  for (let row = 0; row < 12; row += 4)
    for (let column = 0; column < 4; column++) {
      let sum = column === 3 ? at(outer, row + 3) : 0;
      for (let k = 0; k < 3; k++) sum += at(outer, row + k) * at(inner, k * 4 + column);
      made.push(sum);
    }
  return made;
}

/** `map` about a point that stays where it is. */
export const about = (centre: Point, map: Frame): Frame =>
  compose(translation(centre), compose(map, translation([-centre[0], -centre[1], -centre[2]])));

/** Axes that do not take part do not matter: an unknown Z leaves X and Y known while no map mixes them. */
export const apply = (frame: Frame, point: Point): Point => [
  rowOf(frame, 0, point),
  rowOf(frame, 4, point),
  rowOf(frame, 8, point),
];

function rowOf(frame: Frame, row: number, point: Point): number {
  let sum = at(frame, row + 3);
  for (let axis = 0; axis < 3; axis++) {
    const factor = at(frame, row + axis);
    if (factor !== 0) sum += factor * (point[axis] as number);
  }
  return sum;
}

/** Undefined for a map that flattens. */
export function inverse(f: Frame): Frame | undefined {
  const m = (row: number, column: number): number => at(f, (row % 3) * 4 + (column % 3));
  const cofactor = (row: number, column: number): number =>
    m(row + 1, column + 1) * m(row + 2, column + 2) - m(row + 1, column + 2) * m(row + 2, column + 1);
  const determinant = m(0, 0) * cofactor(0, 0) + m(0, 1) * cofactor(0, 1) + m(0, 2) * cofactor(0, 2);
  if (!Number.isFinite(determinant) || Math.abs(determinant) < 1e-12) return undefined;
  const linear: number[] = [];
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 3; column++) linear.push(cofactor(column, row) / determinant);
    linear.push(0);
  }
  const back = apply(linear, [-at(f, 3), -at(f, 7), -at(f, 11)]);
  linear[3] = back[0];
  linear[7] = back[1];
  linear[11] = back[2];
  return linear;
}

/** The largest factor by which a length grows. */
export function stretch(frame: Frame): number {
  const column = (c: number): number => Math.hypot(at(frame, c), at(frame, 4 + c), at(frame, 8 + c));
  return Math.max(column(0), column(1), column(2));
}

function at(frame: Frame, index: number): number {
  return frame[index] as number;
}
