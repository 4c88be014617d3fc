import { othersFirst } from '../turn.ts';
import { segmentKind, type Toolpath } from './pack.ts';

/** Which segments are drawn in one colour, in the order of the program. */
export type Layer = {
  name: LayerName;
  /** Every segment, by its number. */
  segments: Uint32Array;
  /** Pairs of point numbers: lines that stand for the segments between them while something moves, few enough for any frame. */
  coarse: Uint32Array;
};
export type LayerName = 'rapid' | 'cut' | 'changed';
/** Lines of the main program, both ends included. */
export type LineSpan = { from: number; to: number };

export const layerNames: readonly LayerName[] = ['rapid', 'cut', 'changed'];
const none = 255;
/** What changed is what people look for: it gets so much more of the lines than its segments are. */
const changedWeight = 4;

/**
 * Cuts and rapids apart, and what `changed` names from both. Segments whose ends are not known, and what is no motion, are
 * left out: they have no place. All coarse lines together are at most `coarseLines` and one a layer, whatever the program does.
 * A million segments take a tenth of a second the first time, so that the page has its turn in between.
 */
export async function layersOf(path: Toolpath, changed: readonly LineSpan[], coarseLines: number): Promise<Layer[]> {
  const marks = lineMarks(path, changed);
  await othersFirst();
  const { layerOf, counts } = layerOfEach(path, marks);
  const weights = counts.map((count, layer) => count * (layerNames[layer] === 'changed' ? changedWeight : 1));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const layers: Layer[] = [];
  for (const [layer, name] of layerNames.entries()) {
    await othersFirst();
    const segments = segmentsOf(layerOf, layer, counts[layer] as number);
    await othersFirst();
    const most = Math.ceil((coarseLines * (weights[layer] as number)) / Math.max(1, all));
    layers.push({ name, segments, coarse: coarseOf(segments, most) });
  }
  return layers;
}

/** How many of `segments` come before this one. */
export const segmentsBefore = (segments: Uint32Array, segment: number): number => countBefore(segments, segment, 1);
/** How many pairs of `coarse` begin before this segment. */
export const pairsBefore = (coarse: Uint32Array, segment: number): number => countBefore(coarse, segment, 2);

function countBefore(sorted: Uint32Array, value: number, step: number): number {
  let low = 0;
  let high = sorted.length / step;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[step * middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function layerOfEach(path: Toolpath, isChanged: Uint8Array): { layerOf: Uint8Array; counts: number[] } {
  const { points, kind, line, program, segments } = path;
  const layerOf = new Uint8Array(segments).fill(none);
  const counts = [0, 0, 0];
  let isKnown = hasPlace(points, 0);
  for (let at = 0; at < segments; at++) {
    const wasKnown = isKnown;
    isKnown = hasPlace(points, at + 1);
    const how = kind[at] as number;
    if (!wasKnown || !isKnown || how > segmentKind.counterClockwise) continue;
    const isMarked = program[at] === 0 && isChanged[line[at] as number] === 1;
    const layer = how === segmentKind.rapid ? 0 : isMarked ? 2 : 1;
    layerOf[at] = layer;
    counts[layer] = (counts[layer] as number) + 1;
  }
  return { layerOf, counts };
}

/** NaN is in the sum where it is in one of them. */
const hasPlace = (points: Float32Array, at: number): boolean => {
  const sum = (points[3 * at] as number) + (points[3 * at + 1] as number) + (points[3 * at + 2] as number);
  return !Number.isNaN(sum);
};

function lineMarks({ line, segments }: Toolpath, spans: readonly LineSpan[]): Uint8Array {
  let last = 0;
  for (let at = 0; at < segments; at++) last = Math.max(last, line[at] as number);
  const marks = new Uint8Array(last + 2);
  for (const { from, to } of spans) marks.fill(1, Math.min(from, last + 1), Math.min(to, last) + 1);
  return marks;
}

function segmentsOf(layerOf: Uint8Array, layer: number, count: number): Uint32Array {
  const segments = new Uint32Array(count);
  let next = 0;
  for (let at = 0; next < count; at++) if (layerOf[at] === layer) segments[next++] = at;
  return segments;
}

/**
 * One line for each `stride` neighbours, which keeps the ends of a run, so that nothing comes apart. A path that changes all
 * the time between cuts and rapids has more runs than there may be lines: then some of them are left out, evenly.
 */
function coarseOf(segments: Uint32Array, most: number): Uint32Array {
  const stride = Math.max(1, Math.ceil(segments.length / Math.max(1, most)));
  let lines = 0;
  for (let at = 0; at < segments.length; at = pieceEnd(segments, at, stride)) lines++;
  const every = Math.max(1, Math.ceil(lines / Math.max(1, most)));
  const pairs = new Uint32Array(2 * Math.ceil(lines / every));
  for (let at = 0, line = 0, next = 0; at < segments.length; line++) {
    const end = pieceEnd(segments, at, stride);
    if (line % every === 0) {
      pairs[next++] = segments[at] as number;
      pairs[next++] = (segments[end - 1] as number) + 1;
    }
    at = end;
  }
  return pairs;
}

/** Behind the neighbours that begin at `at`, `stride` of them at most. */
function pieceEnd(segments: Uint32Array, at: number, stride: number): number {
  const end = Math.min(segments.length, at + stride);
  let next = at + 1;
  while (next < end && segments[next] === (segments[next - 1] as number) + 1) next++;
  return next;
}
