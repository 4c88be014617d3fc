import type { PlaneAxes, Point } from './frame.ts';

/** How the corner between two lines is cut: what it is called in the program, its plane, and its size in millimetres. */
export type Corner = {
  what: string;
  plane: PlaneAxes;
  /** `radius`: rounded. A chamfer is measured on each line (`leg`) or across the corner (`chord`). */
  by: 'radius' | 'leg' | 'chord';
  size: number;
  /** The feed of the corner alone, in the unit of the feed. */
  feed?: number | undefined;
};

/**
 * Where a corner begins on its first line and ends on its second one. Undefined where the lines run on straight or rise,
 * or where they are too short for it.
 */
export function cornerBetween(
  { plane, by, size }: Corner,
  from: Point,
  corner: Point,
  to: Point,
): { start: Point; end: Point; clockwise: boolean } | undefined {
  const [first, second, third] = plane;
  const back = [from[first] - corner[first], from[second] - corner[second]] as const;
  const on = [to[first] - corner[first], to[second] - corner[second]] as const;
  const [before, behind] = [Math.hypot(...back), Math.hypot(...on)];
  const rises = Math.abs(from[third] - corner[third]) > 1e-9 || Math.abs(to[third] - corner[third]) > 1e-9;
  const cross = back[1] * on[0] - back[0] * on[1];
  if (rises || !(size > 0) || !(Math.abs(cross) > 1e-9 * before * behind)) return undefined;
  const half = Math.atan2(Math.abs(cross), back[0] * on[0] + back[1] * on[1]) / 2;
  const leg = by === 'radius' ? size / Math.tan(half) : by === 'leg' ? size : size / 2 / Math.sin(half);
  if (!(leg <= Math.min(before, behind) + 1e-9)) return undefined;
  const along = (way: readonly [number, number], length: number): Point => {
    const point: [number, number, number] = [...corner];
    point[first] += (way[0] / length) * leg;
    point[second] += (way[1] / length) * leg;
    return point;
  };
  return { start: along(back, before), end: along(on, behind), clockwise: cross < 0 };
}
