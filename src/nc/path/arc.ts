import type { PlaneAxes, Point } from './frame.ts';

/** An arc, a full circle, several turns or a helix, in the plane of two axes. Angles in radians, counter-clockwise positive. */
export type Arc = {
  plane: PlaneAxes;
  /** In the plane's first and second axis. */
  centre: readonly [number, number];
  /** They differ where the programmed end is not on the circle: the arc is then a spiral, as controls run it. */
  startRadius: number;
  endRadius: number;
  startAngle: number;
  sweep: number;
  from: Point;
  to: Point;
};

/** Where the ends are this close, a centre makes it a full circle, and not none at all. */
const sameAngle = 1e-9;

/** `turns`: full turns beside the arc itself. */
export function arcAround(
  plane: PlaneAxes,
  from: Point,
  to: Point,
  centre: readonly [number, number],
  clockwise: boolean,
  turns = 0,
): Arc {
  const [first, second] = plane;
  const start = [from[first] - centre[0], from[second] - centre[1]] as const;
  const end = [to[first] - centre[0], to[second] - centre[1]] as const;
  const startAngle = Math.atan2(start[1], start[0]);
  let sweep = Math.atan2(end[1], end[0]) - startAngle;
  if (clockwise) {
    if (sweep >= -sameAngle) sweep -= 2 * Math.PI;
    sweep -= turns * 2 * Math.PI;
  } else {
    if (sweep <= sameAngle) sweep += 2 * Math.PI;
    sweep += turns * 2 * Math.PI;
  }
  return {
    plane,
    centre,
    startRadius: Math.hypot(...start),
    endRadius: Math.hypot(...end),
    startAngle,
    sweep,
    from,
    to,
  };
}

/** The arc of a radius: up to half a turn, with a negative radius more. Undefined where no circle of it reaches both ends. */
export function arcOfRadius(
  plane: PlaneAxes,
  from: Point,
  to: Point,
  radius: number,
  clockwise: boolean,
): Arc | undefined {
  const [first, second] = plane;
  const half = [(to[first] - from[first]) / 2, (to[second] - from[second]) / 2] as const;
  const chord = Math.hypot(...half);
  const size = Math.abs(radius);
  // Rounding of the program makes half circles a little too wide for their radius.
  if (!(chord > 0) || chord > size * (1 + 1e-3) + 1e-3) return undefined;
  const height = Math.sqrt(Math.max(0, size * size - chord * chord));
  const side = clockwise === radius > 0 ? -1 : 1;
  const centre = [
    from[first] + half[0] - (side * height * half[1]) / chord,
    from[second] + half[1] + (side * height * half[0]) / chord,
  ] as const;
  return arcAround(plane, from, to, centre, clockwise);
}

/** Of the path, with its rise. A spiral is measured by its mean radius. */
export function arcLength(arc: Arc): number {
  const along = (Math.abs(arc.sweep) * (arc.startRadius + arc.endRadius)) / 2;
  const rise = arc.to[arc.plane[2]] - arc.from[arc.plane[2]];
  return Math.hypot(along, Number.isNaN(rise) ? 0 : rise);
}

/** How many chords keep within `tolerance` (the sagitta) of the arc. */
export function chordCount(arc: Arc, tolerance: number, most: number): number {
  const radius = Math.max(arc.startRadius, arc.endRadius);
  const step = radius <= tolerance ? Math.PI / 2 : 2 * Math.acos(1 - tolerance / radius);
  return Math.max(1, Math.min(most, Math.ceil(Math.abs(arc.sweep) / Math.min(step, Math.PI / 2))));
}

/** The point at a share of 0 to 1 of the arc; exactly the programmed end at 1. */
export function pointOfArc(arc: Arc, share: number): Point {
  if (share === 1) return arc.to;
  const [first, second, third] = arc.plane;
  const angle = arc.startAngle + arc.sweep * share;
  const radius = arc.startRadius + (arc.endRadius - arc.startRadius) * share;
  const point: [number, number, number] = [0, 0, 0];
  point[first] = arc.centre[0] + radius * Math.cos(angle);
  point[second] = arc.centre[1] + radius * Math.sin(angle);
  point[third] = arc.from[third] + (arc.to[third] - arc.from[third]) * share;
  return point;
}
