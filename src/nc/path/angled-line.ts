import { type PlaneAxes, type Point, sineCosine } from './frame.ts';
import type { Notes } from './notes.ts';

/** Where a line ends that is written as one coordinate of its end and its angle from the plane's first axis. */
export function angledEnd([first, second]: PlaneAxes, at: Point, end: Point, degrees: number, notes: Notes): Point {
  const [sine, cosine] = sineCosine(degrees);
  const moved: [number, number, number] = [...end];
  if (end[first] !== at[first] && cosine !== 0) moved[second] = at[second] + ((end[first] - at[first]) * sine) / cosine;
  else if (end[second] !== at[second] && sine !== 0)
    moved[first] = at[first] + ((end[second] - at[second]) * cosine) / sine;
  else {
    moved[first] = Number.NaN;
    moved[second] = Number.NaN;
    notes.add('unsupported', 'angle', 'A line by its angle alone is not interpreted: its end is not known.');
  }
  return moved;
}
