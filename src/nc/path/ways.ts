import { limits } from '../../domain/limits.ts';
import { type Arc, arcLength, chordCount, pointOfArc } from './arc.ts';
import type { Point } from './frame.ts';

/** The ends of an arc's chords. */
export function chordsOf(arc: Arc, tolerance: number): Point[] {
  const known = Number.isFinite(arcLength(arc));
  const pieces = known ? chordCount(arc, tolerance, limits.ncPathPieces) : 1;
  return Array.from({ length: pieces }, (_, at) => pointOfArc(arc, (at + 1) / pieces));
}

/** A share of 0 to 1 of the way; exactly the end at 1. */
export const between = (from: Point, to: Point, share: number): Point =>
  share === 1 || from === to
    ? to
    : ([0, 1, 2].map((axis) => (from[axis] as number) + ((to[axis] as number) - (from[axis] as number)) * share) as [
        number,
        number,
        number,
      ]);

export const direction = (from: Point, to: Point): Point => [to[0] - from[0], to[1] - from[1], to[2] - from[2]];

/** In millimetres; in degrees where only rotary axes move. */
export function distanceOf(from: Point, to: Point, rotaryFrom: Point, rotaryTo: Point): number {
  const linear = Math.hypot(to[0] - from[0], to[1] - from[1], to[2] - from[2]);
  if (linear > 0 || rotaryFrom === rotaryTo) return linear;
  let turned = 0;
  for (let axis = 0; axis < 3; axis++) {
    const turn = (rotaryTo[axis] as number) - (rotaryFrom[axis] as number);
    if (!Number.isNaN(turn)) turned = Math.hypot(turned, turn);
  }
  return Number.isNaN(linear) ? linear : turned;
}
