/** Segments of one colour: of these, the first `count` are to be drawn. */
export type Stroke = { points: Float32Array; segments: Uint32Array; count: number };
/** What now stands in the buffer: so many segments of a stroke. */
export type Slice = { stroke: number; segments: number };

/**
 * The whole picture, a slice at a time, each of one stroke and each copied into `target`, six values a segment: however long
 * a path is, no more than that is handed to the graphics card at once, and nothing of it stays there. `most` is asked anew
 * for each slice.
 */
export function* slicesOf(
  strokes: readonly Stroke[],
  target: Float32Array,
  most: () => number,
): Generator<Slice, undefined> {
  const room = Math.floor(target.length / 6);
  for (const [stroke, { points, segments, count }] of strokes.entries()) {
    for (let from = 0; from < count; ) {
      const size = Math.min(count - from, room, Math.max(1, most()));
      copySegments(points, segments, { from, size }, target);
      from += size;
      yield { stroke, segments: size };
    }
  }
  return undefined;
}

function copySegments(
  points: Float32Array,
  segments: Uint32Array,
  { from, size }: { from: number; size: number },
  target: Float32Array,
): void {
  for (let n = 0; n < size; n++) {
    const source = 3 * (segments[from + n] as number);
    for (let value = 0; value < 6; value++) target[6 * n + value] = points[source + value] as number;
  }
}

/** Ends of lines by pairs of point numbers. */
export function linesOf(points: Float32Array, pairs: Uint32Array): Float32Array {
  const lines = new Float32Array(3 * pairs.length);
  for (const [at, point] of pairs.entries())
    for (let axis = 0; axis < 3; axis++) lines[3 * at + axis] = points[3 * point + axis] as number;
  return lines;
}

const smallestSlice = 2_000;
export const largestSlice = 100_000;
/** A slice that is done by the next frame may grow; one that took three may not go on like this. */
const fastMs = 25;
const slowMs = 45;

/** How many segments this computer draws in about two frames, found out while it draws. */
export class SlicePace {
  #segments = 10_000;

  get segments(): number {
    return this.#segments;
  }

  /** `ms` since the last slice was handed over until it was drawn. */
  drawn(ms: number): void {
    const factor = ms > slowMs ? 0.5 : ms < fastMs ? 1.5 : 1;
    this.#segments = Math.min(largestSlice, Math.max(smallestSlice, Math.round(this.#segments * factor)));
  }
}
