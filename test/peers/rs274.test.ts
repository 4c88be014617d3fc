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

type Program = { lines: readonly string[]; notes: readonly PathNote[] };

/** Why a line may differ: what the path itself says about it. Whatever else differs is our mistake. */
const reasons: Readonly<Record<string, (line: number, program: Program) => boolean>> = {
  "a lathe cycle of LinuxCNC's, which the path names as not interpreted": (line, { lines, notes }) => {
    const cycles = notes
      .filter(({ kind, what }) => kind === 'unsupported' && /^G7[012](\.[12])?$/.test(what))
      .flatMap((note) => note.lines);
    // The judge says the line of the contour that it read last, the subprogram that Q names; and the last move of a
    // compensated contour with the block that follows the cycle.
    return cycles.some(
      (cycle) =>
        cycle === line ||
        (cycle < line && lines.slice(cycle, line - 1).every((text) => text.trim() === '')) ||
        isWithin(line, lines, /Q(\d+)/i.exec(lines[cycle - 1] ?? '')?.[1]),
    );
  },
};

function isWithin(line: number, lines: readonly string[], name: string | undefined): boolean {
  const first = lines.findIndex((text) => new RegExp(`^\\s*O${name}\\s+SUB`, 'i').test(text));
  const last = lines.findIndex((text) => new RegExp(`^\\s*O${name}\\s+ENDSUB`, 'i').test(text));
  return first !== -1 && line > first && line <= last + 1;
}

const reasonOf = (line: number, program: Program): string | undefined =>
  Object.keys(reasons).find((reason) => reasons[reason]?.(line, program));

/** What both controls read alike: no O-words, no polar coordinates, no code that means something else there. */
const isPlain = (text: string): boolean =>
  /G\s*(20|21)\b/i.test(text) &&
  !/^[ \t]*(N\d+\s*)?o\s*(\d+|<[^>]*>|\[)\s*(sub|call|if|while|do|repeat|return)/im.test(text) &&
  !/[@^]\s*[-[\d#]|\bG0?5\.[123]|\bG7[0126]\b|^M7[012]\b|^;.*\bgo to\b|\bG38|\bG9[02]\.\d/im.test(text);

type Judged = { file: string; result: Comparison; unexplained: number[]; asFanuc: Comparison | undefined };

/** Every different program that the judge accepts, two at a time. */
async function judgeAll(): Promise<Judged[]> {
  const seen = new Set<string>();
  const different = folders
    .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)))
    .filter((file) => /\.(ngc|nc)$/i.test(file))
    .map((file) => ({ file, bytes: readFileSync(file) }))
    .filter(({ bytes }) => {
      const digest = createHash('sha256').update(bytes).digest('hex');
      // It refuses what has no end: most of what it brings are subprograms alone.
      return !seen.has(digest) && seen.add(digest) && /^\s*(M0?2\b|M30\b|%)|[;\d\s]M0?2\s*$/im.test(`${bytes}`);
    });
  const judged: Judged[] = [];
  const work = async (): Promise<void> => {
    for (let one = different.pop(); one !== undefined; one = different.pop()) {
      const found = await judge(one.file, one.bytes);
      if (found) judged.push(found);
    }
  };
  await Promise.all([work(), work()]);
  return judged;
}

async function judge(file: string, bytes: Buffer): Promise<Judged | undefined> {
  const theirs = await runRs274(file);
  if (!theirs.accepted) return undefined;
  const run = (dialect: Dialect) =>
    pathOf(
      { name: basename(file), bytes },
      {
        dialect,
        start: [0, 0, 0],
        home: [0, 0, 0],
        secondHome: [0, 0, 0],
        unitAtStart: 'millimetre',
        probe: { touches: false, short: probeStopsBefore * 25.4 },
      },
    );
  const { path, notes } = run('linuxcnc');
  const result = compareMoves(ourMoves(path), theirs.moves);
  const program = { lines: bytes.toString('latin1').split('\n'), notes };
  const unexplained = result.differing.filter((line) => reasonOf(line, program) === undefined);
  const plain = result.moves > 0 && isPlain(bytes.toString('latin1'));
  const asFanuc = plain ? compareMoves(ourMoves(run('iso').path), theirs.moves) : undefined;
  return { file, result, unexplained, asFanuc };
}

describe.skipIf(!onPath('rs274'))("LinuxCNC's rs274 and we run the same programs", () => {
  let judged: Judged[];
  beforeAll(async () => {
    judged = await judgeAll();
  }, 300_000);
  const sum = (of: (result: Comparison) => number): number => judged.reduce((all, { result }) => all + of(result), 0);

  it('to the same end points, within 0.0001 inch, on every line that is not explained', () => {
    const different = judged.filter(({ unexplained }) => unexplained.length > 0);
    expect(different.map(({ file, unexplained }) => [basename(file), unexplained.slice(0, 5)])).toEqual([]);
  });

  it('over the same extents, where no line differs', () => {
    const moving = judged.filter(({ result }) => result.differing.length === 0 && result.moves > 0);
    expect(moving.filter(({ result }) => !result.extentsAgree).map(({ file }) => basename(file))).toEqual([]);
    expect(moving.length).toBeGreaterThanOrEqual(25 + (existsSync(nist) ? 7 : 0));
  });

  it('on 99 of 100 lines that move, explained or not', () => {
    const differing = sum((result) => result.differing.length);
    expect(1 - differing / sum(({ lines }) => lines)).toBeGreaterThanOrEqual(0.99);
    expect(sum(({ moves }) => moves)).toBeGreaterThan(existsSync(nist) ? 60_000 : 15_000);
    // Roughing cycles (G70 to G72) are three programs of LinuxCNC's own, and a twentieth of their moves.
    const least = existsSync(nist) ? 0.98 : 0.94;
    expect(sum(({ agreed }) => agreed) / sum(({ moves }) => moves)).toBeGreaterThanOrEqual(least);
  });

  it('and we as a FANUC what is written alike for both', () => {
    const plain = judged.flatMap(({ file, asFanuc }) => (asFanuc ? [{ file, asFanuc }] : []));
    const different = plain.filter(({ asFanuc }) => asFanuc.differences.length > 0 || !asFanuc.extentsAgree);
    expect(different.map(({ file, asFanuc }) => [basename(file), asFanuc.differences.slice(0, 3)])).toEqual([]);
    expect(plain.length).toBeGreaterThanOrEqual(11 + (existsSync(nist) ? 7 : 0));
  });
});
