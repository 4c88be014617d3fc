import { type Arc, arcAround } from './arc.ts';
import type { PlaneAxes, Point } from './frame.ts';

/** An arc that runs on from `from` in the direction `heading`. Undefined where that is a straight line. */
export function arcTangent(plane: PlaneAxes, from: Point, heading: Point, to: Point): [Arc, boolean] | undefined {
  const [first, second] = plane;
  const [tx, ty] = [heading[first], heading[second]];
  const size = Math.hypot(tx, ty);
  const chord = [to[first] - from[first], to[second] - from[second]] as const;
  const across = (tx * chord[1] - ty * chord[0]) / size;
  if (!(Math.abs(across) > 1e-9)) return undefined;
  const radius = (chord[0] ** 2 + chord[1] ** 2) / (2 * across);
  const centre = [from[first] - (ty / size) * radius, from[second] + (tx / size) * radius] as const;
  const clockwise = across < 0;
  return [arcAround(plane, from, to, centre, clockwise), clockwise];
}

/** An arc over a point between its ends. Undefined where the three are in a line. */
export function arcThrough(plane: PlaneAxes, from: Point, middle: Point, to: Point): [Arc, boolean] | undefined {
  const [first, second] = plane;
  const [ax, ay] = [middle[first] - from[first], middle[second] - from[second]];
  const [bx, by] = [to[first] - from[first], to[second] - from[second]];
  const cross = ax * by - ay * bx;
  if (!(Math.abs(cross) > 1e-9)) return undefined;
  const [a2, b2] = [ax * ax + ay * ay, bx * bx + by * by];
  const centre = [
    from[first] + (by * a2 - ay * b2) / (2 * cross),
    from[second] + (ax * b2 - bx * a2) / (2 * cross),
  ] as const;
  const clockwise = cross < 0;
  return [arcAround(plane, from, to, centre, clockwise), clockwise];
}

/** An arc by the angle that it sweeps, in degrees; more than 360 makes a helix of several turns. */
export function arcOfSweep(
  plane: PlaneAxes,
  from: Point,
  centre: readonly [number, number],
  degrees: number,
  depth: number,
): Arc {
  const [first, second, third] = plane;
  const start = [from[first] - centre[0], from[second] - centre[1]] as const;
  const startAngle = Math.atan2(start[1], start[0]);
  const radius = Math.hypot(...start);
  const sweep = (degrees * Math.PI) / 180;
  const to: [number, number, number] = [...from];
  to[first] = centre[0] + radius * Math.cos(startAngle + sweep);
  to[second] = centre[1] + radius * Math.sin(startAngle + sweep);
  to[third] = depth;
  return { plane, centre, startRadius: radius, endRadius: radius, startAngle, sweep, from, to };
}

/** The direction in which an arc arrives. */
export function headingOf({ plane, startAngle, sweep }: Arc): Point {
  const [first, second] = plane;
  const angle = startAngle + sweep;
  const turn = Math.sign(sweep);
  const heading: [number, number, number] = [0, 0, 0];
  heading[first] = -Math.sin(angle) * turn;
  heading[second] = Math.cos(angle) * turn;
  return heading;
}
