import type { PathResult } from '../nc/path/path-of.ts';
import { cycleSeconds } from '../nc/path/tool-figures.ts';
import { segmentKind, type Toolpath } from '../nc/path/toolpath.ts';

const magic = 'KWTP0001';

/** Of the header; the field `type` says how wide one value of an array is. */
export type ToolpathHeader = {
  unit: 'millimetre';
  segments: number;
  points: number;
  /** [minX, minY, minZ, maxX, maxY, maxZ] of the motion whose both ends are known; null where there is none. */
  bounds: readonly number[] | null;
  end: PathResult['end'];
  notes: readonly string[];
  tools: readonly string[];
  programs: readonly string[];
  seconds: number;
  arrays: readonly { name: string; type: 'f32' | 'u8' | 'u16' | 'u32'; offset: number; length: number }[];
};

/**
 * A toolpath as one piece of bytes that a screen maps into typed arrays without reading it, all little endian: `KWTP0001`, the
 * length of the header (u32), the header as JSON, zeros up to a multiple of 4, then each array at its `offset` from there,
 * itself a multiple of 4. Segment `i` runs from point `i` to point `i + 1`; a coordinate that is not known is NaN.
 */
export function packToolpath(result: PathResult): Uint8Array<ArrayBuffer> {
  const arrays = arraysOf(result.path);
  let offset = 0;
  const placed = arrays.map(({ name, type, values }) => {
    const at = offset;
    offset = upToFour(offset + values.byteLength);
    return { name, type, values, offset: at, length: values.length };
  });
  const header = new TextEncoder().encode(JSON.stringify(headerOf(result, placed)));
  const start = upToFour(magic.length + 4 + header.length);
  const bytes = new Uint8Array(start + offset);
  bytes.set(new TextEncoder().encode(magic));
  new DataView(bytes.buffer).setUint32(magic.length, header.length, true);
  bytes.set(header, magic.length + 4);
  for (const { values, offset: at } of placed)
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), start + at);
  return bytes;
}

const upToFour = (bytes: number): number => Math.ceil(bytes / 4) * 4;

type Named = {
  name: string;
  type: ToolpathHeader['arrays'][number]['type'];
  values: Float32Array | Uint8Array | Uint16Array | Uint32Array;
};

/** What a screen draws and looks up; a graphics card has no doubles, so that a micrometre in a metre is what is left. */
function arraysOf({ count, points, kind, flags, feed, seconds, line, program, tool }: Toolpath): Named[] {
  return [
    { name: 'points', type: 'f32', values: Float32Array.from(points.subarray(0, 3 * (count + 1))) },
    { name: 'kind', type: 'u8', values: kind.subarray(0, count) },
    { name: 'flags', type: 'u8', values: flags.subarray(0, count) },
    { name: 'line', type: 'u32', values: line.subarray(0, count) },
    { name: 'program', type: 'u16', values: program.subarray(0, count) },
    { name: 'tool', type: 'u16', values: tool.subarray(0, count) },
    { name: 'feed', type: 'f32', values: feed.subarray(0, count) },
    { name: 'seconds', type: 'f32', values: seconds.subarray(0, count) },
  ];
}

function headerOf(result: PathResult, arrays: ToolpathHeader['arrays']): ToolpathHeader {
  const { path, end, notes } = result;
  return {
    ...{ unit: 'millimetre', segments: path.count, points: path.count + 1, bounds: boundsOf(path), end },
    notes: notes.map(({ what, text, lines, times }) => `${what}: ${text} (line ${lines[0] ?? '?'}, ${times} times)`),
    ...{ tools: path.tools, programs: path.programs, seconds: cycleSeconds(result) },
    arrays: arrays.map(({ name, type, offset, length }) => ({ name, type, offset, length })),
  };
}

/** A program ends where only the machine knows one axis; how far the others go there would make the part a speck. */
function boundsOf({ points, kind, count }: Toolpath): number[] | null {
  const low = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const high = low.map((value) => -value);
  for (let at = 0; at < count; at++) {
    if ((kind[at] as number) > segmentKind.counterClockwise || !isKnown(points, at) || !isKnown(points, at + 1))
      continue;
    for (let value = 3 * at; value < 3 * at + 6; value++) {
      const axis = value % 3;
      low[axis] = Math.min(low[axis] as number, points[value] as number);
      high[axis] = Math.max(high[axis] as number, points[value] as number);
    }
  }
  const bounds = [...low, ...high];
  return bounds.every(Number.isFinite) ? bounds : null;
}

/** NaN is in the sum where it is in one of them. */
const isKnown = (points: Float64Array, at: number): boolean =>
  !Number.isNaN((points[3 * at] as number) + (points[3 * at + 1] as number) + (points[3 * at + 2] as number));
