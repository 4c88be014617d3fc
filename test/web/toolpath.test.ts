import { describe, expect, test } from 'vitest';
import { pathOf } from '../../src/nc/path/path-of.ts';
import { packToolpath } from '../../src/services/toolpath-pack.ts';
import { type Layer, layersOf, pairsBefore, segmentsBefore } from '../../src/web/parts/toolpath/layers.ts';
import { parseToolpath, segmentKind, type Toolpath } from '../../src/web/parts/toolpath/pack.ts';
import { largestSlice, linesOf, SlicePace, type Stroke, slicesOf } from '../../src/web/parts/toolpath/slices.ts';

const { rapid, feed } = segmentKind;

/** Along X, one segment a line. */
function pathOfKinds(kinds: readonly number[]): Toolpath {
  const segments = kinds.length;
  return {
    ...{ segments, tools: [''], programs: ['O1'], notes: [], bounds: undefined, totalSeconds: 0 },
    points: Float32Array.from({ length: 3 * (segments + 1) }, (_, at) => (at % 3 === 0 ? at / 3 : 0)),
    ...{ kind: Uint8Array.from(kinds), flags: new Uint8Array(segments) },
    line: Uint32Array.from(kinds, (_, at) => at + 1),
    ...{ program: new Uint16Array(segments), tool: new Uint16Array(segments), seconds: new Float32Array(segments) },
  };
}
const layer = (layers: readonly Layer[], name: string): Layer => {
  const found = layers.find((one) => one.name === name);
  if (!found) throw new Error(`no ${name}`);
  return found;
};

describe('what is drawn of a toolpath', () => {
  test('is every segment once: rapids, cuts, and the cuts of lines that changed', async () => {
    const path = pathOfKinds([rapid, feed, feed, rapid, feed, 9]);
    path.points[3 * 4] = Number.NaN;
    const layers = await layersOf(path, [{ from: 1, to: 2 }], 100);
    expect([...layer(layers, 'rapid').segments]).toEqual([0]);
    expect([...layer(layers, 'changed').segments]).toEqual([1]);
    expect([...layer(layers, 'cut').segments]).toEqual([2]);
    expect([...layer(layers, 'cut').coarse]).toEqual([2, 3]);
  });

  test('while it moves is few lines that join where the path does', async () => {
    const { coarse } = layer(await layersOf(pathOfKinds(new Array(10_000).fill(feed)), [], 100), 'cut');
    expect(coarse.length / 2).toBe(100);
    expect(coarse[0]).toBe(0);
    expect(coarse.at(-1)).toBe(10_000);
    for (let at = 2; at < coarse.length; at += 2) expect(coarse[at]).toBe(coarse[at - 1]);
  });

  test('is few lines too where each hole is a rapid and a feed', async () => {
    const drilled = pathOfKinds(Array.from({ length: 30_000 }, (_, at) => (at % 2 ? feed : rapid)));
    const layers = await layersOf(drilled, [], 200);
    const lines = layers.map(({ coarse }) => coarse.length / 2);
    expect(lines.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(203);
    expect(lines[0]).toBeGreaterThan(50);
    expect(lines[1]).toBeGreaterThan(50);
    expect(layer(layers, 'cut').coarse.at(-1)).toBeGreaterThan(29_000);
  });

  test('up to where the tool stands is what begins before', async () => {
    const { coarse, segments } = layer(await layersOf(pathOfKinds(new Array(1_000).fill(feed)), [], 100), 'cut');
    expect(segmentsBefore(segments, 500)).toBe(500);
    expect(pairsBefore(coarse, 500)).toBe(50);
    expect(pairsBefore(coarse, 501)).toBe(51);
    expect(segmentsBefore(segments, 0)).toBe(0);
  });
});

describe('the exact picture', () => {
  const strokeOf = (kinds: readonly number[], count = kinds.length): Stroke => {
    const path = pathOfKinds(kinds);
    return { points: path.points, segments: Uint32Array.from(kinds, (_, at) => at), count };
  };

  test('comes whole and in order, and never more of it at once than the computer draws in a frame', () => {
    const target = new Float32Array(6 * 40);
    const seen: number[][] = [[], []];
    let most = 7;
    for (const { stroke, segments } of slicesOf(
      [strokeOf(Array(100).fill(feed)), strokeOf([rapid])],
      target,
      () => most,
    )) {
      expect(segments).toBeLessThanOrEqual(Math.max(1, Math.min(40, most)));
      for (let at = 0; at < segments; at++) {
        const [fromX = -1, , , toX = -1] = target.subarray(6 * at);
        expect(toX).toBe(fromX + 1);
        seen[stroke]?.push(fromX);
      }
      // More than there is room for, and then nothing at all, is still drawn to the end.
      most = most === 7 ? 1_000 : 0;
    }
    expect(seen).toEqual([Array.from({ length: 100 }, (_, at) => at), [0]]);
  });

  test('stops where the tool stands', () => {
    const slices = [...slicesOf([strokeOf(Array(100).fill(feed), 60)], new Float32Array(6 * 50), () => 50)];
    expect(slices).toEqual([
      { stroke: 0, segments: 50 },
      { stroke: 0, segments: 10 },
    ]);
  });

  test('is cut finer by a computer that is slow, and never coarser than its buffer', () => {
    const pace = new SlicePace();
    const before = pace.segments;
    pace.drawn(120);
    expect(pace.segments).toBe(before / 2);
    for (let frame = 0; frame < 50; frame++) pace.drawn(16);
    expect(pace.segments).toBe(largestSlice);
    for (let frame = 0; frame < 50; frame++) pace.drawn(500);
    expect(pace.segments).toBeGreaterThan(0);
  });

  test('has the ends of each line that stands for others', () => {
    const path = pathOfKinds([feed, feed, feed]);
    expect([...linesOf(path.points, Uint32Array.from([0, 3]))]).toEqual([0, 0, 0, 3, 0, 0]);
  });
});

test('the picture is as large as what it shows, wherever the axes go that are known in part', () => {
  const program = 'G21 G90\nG0 X0. Y0. Z5.\nG1 Z-2. F200.\nX40. Y20.\nG0 Z5.\nG91 G28 Z0.\nG90 X300. Y500.\nM30\n';
  const result = pathOf({ name: 'O1.NC', bytes: Buffer.from(program) });
  const { bounds } = parseToolpath(packToolpath(result).buffer);
  expect(bounds).toEqual([0, 0, -2, 40, 20, 5]);
});
