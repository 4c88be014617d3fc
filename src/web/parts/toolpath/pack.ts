/** A toolpath as the gateway packs it: typed arrays over the very bytes that arrived, nothing copied. Lengths in millimetres. */
export type Toolpath = {
  segments: number;
  /** X, Y, Z of each point; segment `i` runs from point `i` to point `i + 1`. NaN is "not known". */
  points: Float32Array;
  kind: Uint8Array;
  flags: Uint8Array;
  /** 1-based line of `programs[program[i]]`. */
  line: Uint32Array;
  program: Uint16Array;
  tool: Uint16Array;
  seconds: Float32Array;
  tools: readonly string[];
  programs: readonly string[];
  notes: readonly string[];
  bounds: readonly [number, number, number, number, number, number] | undefined;
  totalSeconds: number;
};

/** Of `kind`; what comes behind these is no motion. */
export const segmentKind = { rapid: 0, feed: 1, clockwise: 2, counterClockwise: 3 } as const;

/** Of `flags`: the program counts in inches there. */
export const inchFlag = 128;

const magic = 'KWTP0001';
type ArrayPlace = { name: string; type: string; offset: number; length: number };
type Header = {
  segments: number;
  bounds: number[] | null;
  notes: string[];
  tools: string[];
  programs: string[];
  seconds: number;
  arrays: ArrayPlace[];
};

/** Throws where the bytes are none. */
export function parseToolpath(bytes: ArrayBuffer): Toolpath {
  const text = new TextDecoder();
  if (text.decode(new Uint8Array(bytes, 0, Math.min(magic.length, bytes.byteLength))) !== magic)
    throw new Error('What arrived is no toolpath.');
  const headerBytes = new DataView(bytes).getUint32(magic.length, true);
  const header = JSON.parse(text.decode(new Uint8Array(bytes, magic.length + 4, headerBytes))) as Header;
  const start = Math.ceil((magic.length + 4 + headerBytes) / 4) * 4;
  const place = (name: string): [ArrayBuffer, number, number] => {
    const found = header.arrays.find((array) => array.name === name);
    if (!found) throw new Error(`The toolpath has no ${name}.`);
    return [bytes, start + found.offset, found.length];
  };
  const { segments, tools, programs, notes, seconds, bounds } = header;
  return {
    ...{ segments, tools, programs, notes, totalSeconds: seconds },
    bounds: bounds?.length === 6 ? (bounds as [number, number, number, number, number, number]) : undefined,
    points: new Float32Array(...place('points')),
    kind: new Uint8Array(...place('kind')),
    flags: new Uint8Array(...place('flags')),
    line: new Uint32Array(...place('line')),
    program: new Uint16Array(...place('program')),
    tool: new Uint16Array(...place('tool')),
    seconds: new Float32Array(...place('seconds')),
  };
}
