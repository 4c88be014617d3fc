import { segmentKind, type Toolpath } from './pack.ts';

/** Which segments are drawn in one colour, as pairs of point numbers, in the order of the program. */
export type Layer = {
  name: LayerName;
  /** Every segment. */
  exact: Uint32Array;
  /** Few enough to be drawn in every frame while something moves. */
  coarse: Uint32Array;
};
export type LayerName = 'rapid' | 'cut' | 'changed';
/** Lines of the main program, both ends included. */
export type LineSpan = { from: number; to: number };

/** What software GL draws in some 20 ms. */
const coarseSegments = 30_000;

/**
 * Cuts and rapids apart, and what `changed` names from both. Segments whose ends are not known, and what is no motion, are
 * left out: they have no place.
 */
export function layersOf(path: Toolpath, changed: readonly LineSpan[]): Layer[] {
  const names: readonly LayerName[] = ['rapid', 'cut', 'changed'];
  const isChanged = lineMarks(path, changed);
  const layerOf = new Uint8Array(path.segments).fill(255);
  const counts = [0, 0, 0];
  for (let at = 0; at < path.segments; at++) {
    const kind = path.kind[at] as number;
    if (kind > segmentKind.counterClockwise || !isKnown(path.points, at) || !isKnown(path.points, at + 1)) continue;
    const isMarked = path.program[at] === 0 && isChanged[path.line[at] as number] === 1;
    const layer = isMarked && kind !== segmentKind.rapid ? 2 : kind === segmentKind.rapid ? 0 : 1;
    layerOf[at] = layer;
    counts[layer] = (counts[layer] as number) + 1;
  }
  const all = counts.reduce((sum, count) => sum + count, 0);
  const stride = Math.max(1, Math.ceil(all / coarseSegments));
  return names.map((name, layer) => ({
    name,
    exact: pairsOf(layerOf, layer, counts[layer] as number),
    // What changed is what people look for: it is thinned out last.
    coarse: thinned(layerOf, layer, name === 'changed' ? Math.ceil(stride / 4) : stride),
  }));
}

/** How many values of `pairs` belong to the segments before `segment`. */
export function valuesBefore(pairs: Uint32Array, segment: number): number {
  let low = 0;
  let high = pairs.length / 2;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((pairs[2 * middle] as number) < segment) low = middle + 1;
    else high = middle;
  }
  return 2 * low;
}

const isKnown = (points: Float32Array, at: number): boolean =>
  !Number.isNaN(points[3 * at] as number) &&
  !Number.isNaN(points[3 * at + 1] as number) &&
  !Number.isNaN(points[3 * at + 2] as number);

function lineMarks(path: Toolpath, spans: readonly LineSpan[]): Uint8Array {
  let last = 0;
  for (let at = 0; at < path.segments; at++) last = Math.max(last, path.line[at] as number);
  const marks = new Uint8Array(last + 2);
  for (const { from, to } of spans) marks.fill(1, Math.min(from, last + 1), Math.min(to, last) + 1);
  return marks;
}

function pairsOf(layerOf: Uint8Array, layer: number, count: number): Uint32Array {
  const pairs = new Uint32Array(2 * count);
  let next = 0;
  for (let at = 0; at < layerOf.length; at++) {
    if (layerOf[at] !== layer) continue;
    pairs[next++] = at;
    pairs[next++] = at + 1;
  }
  return pairs;
}

/** Runs of neighbours are drawn with one line for `stride` of them; a run keeps its ends, so that nothing comes apart. */
function thinned(layerOf: Uint8Array, layer: number, stride: number): Uint32Array {
  const pairs: number[] = [];
  for (let at = 0; at < layerOf.length; ) {
    if (layerOf[at] !== layer) {
      at++;
      continue;
    }
    let end = at + 1;
    while (end < layerOf.length && end - at < stride && layerOf[end] === layer) end++;
    pairs.push(at, end);
    at = end;
  }
  return Uint32Array.from(pairs);
}
