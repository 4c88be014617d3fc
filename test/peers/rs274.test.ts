import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Dialect } from '../../src/domain/nc.ts';
import type { PathNote } from '../../src/nc/path/notes.ts';
import { pathOf } from '../../src/nc/path/path-of.ts';
import { onPath } from '../debian-packages.ts';
import { probeStopsBefore, runRs274 } from '../helpers/rs274.ts';
import { type Comparison, compareMoves, ourMoves } from '../helpers/rs274-compare.ts';

const nist = new URL('../../../shared/nist/nc', import.meta.url).pathname;
const samples = '/usr/share/linuxcnc/ncfiles';
/** All that LinuxCNC brings, and the NIST programs where they are. */
const folders = [nist, samples].filter((folder) => existsSync(folder));

/** Why a line of ours may differ: what the path itself says about it. Whatever else differs is our mistake. */
const reasons: readonly (readonly [reason: string, note: (note: PathNote) => boolean])[] = [
  [
    "a lathe cycle of LinuxCNC's, which the path names as not interpreted",
    ({ kind, what }) => kind === 'unsupported' && /^G7[012](\.[12])?$/.test(what),
  ],
];
const reasonOf = (notes: readonly PathNote[], line: number): string | undefined =>
  reasons.find(([, speaks]) => notes.some((note) => note.lines.includes(line) && speaks(note)))?.[0];

type Judged = { file: string; result: Comparison; unexplained: number[] };

/** Every different program that the judge accepts, two at a time. */
async function judgeAll(dialect: Dialect, wanted: (text: string) => boolean): Promise<Judged[]> {
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ngc|nc)$/i.test(name))
      .map((name) => join(folder, name)),
  );
  const seen = new Set<string>();
  const different = files.filter((file) => {
    const bytes = readFileSync(file);
    const digest = createHash('sha256').update(bytes).digest('hex');
    return wanted(bytes.toString('latin1')) && !seen.has(digest) && seen.add(digest);
  });
  const judged: Judged[] = [];
  const work = async (): Promise<void> => {
    for (let file = different.pop(); file !== undefined; file = different.pop()) {
      const one = await judge(file, dialect);
      if (one) judged.push(one);
    }
  };
  await Promise.all([work(), work()]);
  return judged;
}

async function judge(file: string, dialect: Dialect): Promise<Judged | undefined> {
  const theirs = await runRs274(file);
  if (!theirs.accepted) return undefined;
  const { path, notes } = pathOf(
    { name: basename(file), bytes: readFileSync(file) },
    {
      dialect,
      start: [0, 0, 0],
      home: [0, 0, 0],
      secondHome: [0, 0, 0],
      unitAtStart: 'millimetre',
      probe: { touches: false, short: probeStopsBefore * 25.4 },
    },
  );
  const result = compareMoves(ourMoves(path), theirs.moves);
  return { file, result, unexplained: result.differing.filter((line) => reasonOf(notes, line) === undefined) };
}

describe.skipIf(!onPath('rs274'))("LinuxCNC's rs274 and we run the same programs", () => {
  let judged: Judged[];
  beforeAll(async () => {
    judged = await judgeAll('linuxcnc', () => true);
  });
  const sum = (of: (result: Comparison) => number): number => judged.reduce((all, { result }) => all + of(result), 0);

  it('to the same end points, within 0.0001 inch, on every line that is not explained', () => {
    const different = judged.filter(({ unexplained }) => unexplained.length > 0);
    expect(different.map(({ file, unexplained }) => [basename(file), unexplained.slice(0, 5)])).toEqual([]);
  });

  it('over the same extents, where no line differs', () => {
    const moving = judged.filter(({ result }) => result.differing.length === 0 && result.moves > 0);
    expect(moving.filter(({ result }) => !result.extentsAgree).map(({ file }) => basename(file))).toEqual([]);
    expect(moving.length).toBeGreaterThanOrEqual(30 + (existsSync(nist) ? 7 : 0));
  });

  it('on 99 of 100 lines that move, explained or not', () => {
    const differing = sum(({ differing }) => differing.length);
    expect(1 - differing / sum(({ lines }) => lines)).toBeGreaterThanOrEqual(0.99);
    expect(sum(({ moves }) => moves)).toBeGreaterThan(existsSync(nist) ? 60_000 : 20_000);
    expect(sum(({ agreed }) => agreed) / sum(({ moves }) => moves)).toBeGreaterThanOrEqual(0.98);
  });
});

describe.skipIf(!onPath('rs274'))("LinuxCNC's rs274 and we as a FANUC run what is written alike for both", () => {
  /** No O-words, no polar coordinates, no codes that mean something else there. */
  const plain = (text: string): boolean =>
    /^[^o(;]*\b[GX]/im.test(text) &&
    /G\s*(20|21)\b/i.test(text) &&
    !/^[ \t]*(N\d+\s*)?o\s*(\d+|<[^>]*>|\[)\s*(sub|call|if|while|do|repeat|return)/im.test(text) &&
    !/[@^]\s*[-[\d#]|\bG0?5\.[123]|\bG7[0126]\b|^M7[012]\b|^;.*\bgo to\b|\bG38/im.test(text);

  it('to the same end points and over the same extents', async () => {
    const judged = (await judgeAll('iso', plain)).filter(({ result }) => result.moves > 0);
    const different = judged.filter(({ result }) => result.differences.length > 0 || !result.extentsAgree);
    expect(different.map(({ file, result }) => [basename(file), result.differences.slice(0, 3)])).toEqual([]);
    expect(judged.length).toBeGreaterThanOrEqual(13 + (existsSync(nist) ? 7 : 0));
  });
});
