import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { pathOf } from '../../src/nc/path/path-of.ts';
import { onPath } from '../debian-packages.ts';
import { runRs274 } from '../helpers/rs274.ts';
import { type Comparison, compareMoves, ourMoves } from '../helpers/rs274-compare.ts';

const nist = new URL('../../../shared/nist/nc', import.meta.url).pathname;
const samples = '/usr/share/linuxcnc/ncfiles';
/** LinuxCNC brings thirteen that move and need none of its own words, NIST seven; the NIST programs are not everywhere. */
const folders = [nist, samples, join(samples, 'plasmac')].filter((folder) => existsSync(folder));

/** What only the judge's own language has. Whatever else differs is our mistake. */
const reasons: readonly (readonly [reason: string, written: RegExp])[] = [
  [
    'O-words, its own way to loop and to call',
    /^[ \t]*(N\d+\s*)?o\s*(\d+|<[^>]*>|\[)\s*(sub|call|if|while|do|repeat|return)/im,
  ],
  ['polar coordinates written @ and ^', /[@^]\s*[-[\d#]/],
  ['a comment behind ; that says "go to": where ; ends a block, that is a jump', /^;.*\bgo to\b/im],
  ['M70 to M72, which keep and restore modes', /^M7[012]\b/im],
  ['G5.1, which is a spline there and a look-ahead on FANUC', /\bG0?5\.[123]/i],
  ['G76 with its own words', /\bG76\b/i],
  ['G70 to G72 with its own words', /\bG7[012](\.\d)?\b/i],
];
const reasonOf = (text: string): string | undefined => reasons.find(([, written]) => written.test(text))?.[0];

type Judged = { file: string; reason: string | undefined; result: Comparison };

/** Every different program that the judge accepts, two at a time. */
async function judgeAll(): Promise<Judged[]> {
  const files = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => /\.(ngc|nc)$/i.test(name))
      .map((name) => join(folder, name)),
  );
  const seen = new Set<string>();
  const different = files.filter((file) => {
    const digest = createHash('sha256').update(readFileSync(file)).digest('hex');
    return !seen.has(digest) && seen.add(digest);
  });
  const judged: Judged[] = [];
  const work = async (): Promise<void> => {
    for (let file = different.pop(); file !== undefined; file = different.pop()) {
      const one = await judge(file);
      if (one) judged.push(one);
    }
  };
  await Promise.all([work(), work()]);
  return judged;
}

async function judge(file: string): Promise<Judged | undefined> {
  const theirs = await runRs274(file);
  if (!theirs.accepted) return undefined;
  const bytes = readFileSync(file);
  const { path } = pathOf(
    { name: basename(file), bytes },
    { start: [0, 0, 0], home: [0, 0, 0], secondHome: [0, 0, 0], unitAtStart: 'inch' },
  );
  return { file, reason: reasonOf(bytes.toString('latin1')), result: compareMoves(ourMoves(path), theirs.moves) };
}

describe.skipIf(!onPath('rs274'))("LinuxCNC's rs274 and we run the same programs", () => {
  let judged: Judged[];
  beforeAll(async () => {
    judged = await judgeAll();
  });

  it('to the same end points, within 0.0001 inch, but for what is explained', () => {
    const unexplained = judged.filter(({ reason, result }) => reason === undefined && result.differences.length > 0);
    expect(unexplained.map(({ file, result }) => [basename(file), result.differences.slice(0, 3)])).toEqual([]);
  });

  it('over the same extents', () => {
    const moving = judged.filter(({ reason, result }) => reason === undefined && result.moves > 0);
    expect(moving.filter(({ result }) => !result.extentsAgree).map(({ file }) => basename(file))).toEqual([]);
    expect(moving.length).toBeGreaterThanOrEqual(13 + (existsSync(nist) ? 7 : 0));
  });

  it('for 99 of 100 of the moves that are not explained', () => {
    const plain = judged.filter(({ reason }) => reason === undefined);
    const moves = plain.reduce((sum, { result }) => sum + result.moves, 0);
    const agreed = plain.reduce((sum, { result }) => sum + result.agreed, 0);
    expect(agreed / moves).toBeGreaterThanOrEqual(0.99);
    expect(moves).toBeGreaterThan(existsSync(nist) ? 40_000 : 6_000);
  });

  it('and each explanation stands for a program', () => {
    const differing = judged.filter(({ result }) => result.differences.length > 0);
    expect(new Set(differing.map(({ reason }) => reason)).size).toBeGreaterThan(0);
    for (const { reason } of differing) expect(reasons.map(([name]) => name)).toContain(reason);
  });
});
