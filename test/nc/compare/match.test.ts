import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { intern, type Keys } from '../../../src/nc/compare/intern.ts';
import { Matcher } from '../../../src/nc/compare/match.ts';
import { shortestEdit } from '../../../src/nc/compare/shortest-edit.ts';
import { seeded } from '../../helpers/seeded.ts';

fc.configureGlobal({ seed: 6 });

const sequence = (most: number) => fc.array(fc.integer({ min: 0, max: most }), { maxLength: 60 });
const whole = (before: Int32Array, after: Int32Array) => ({
  beforeStart: 0,
  beforeEnd: before.length,
  afterStart: 0,
  afterEnd: after.length,
});

function match(one: readonly number[], other: readonly number[]): Int32Array {
  const [before, after] = [Int32Array.from(one), Int32Array.from(other)];
  const partner = new Int32Array(before.length).fill(-1);
  new Matcher(before, after, 1 + Math.max(0, ...one, ...other)).match(whole(before, after), partner);
  return partner;
}

/** The length of the longest common subsequence, by the table of the textbooks. */
function longestCommon(one: readonly number[], other: readonly number[]): number {
  let row = new Array<number>(other.length + 1).fill(0);
  for (const element of one) {
    const next = [0];
    other.forEach((there, j) => {
      next.push(element === there ? (row[j] ?? 0) + 1 : Math.max(row[j + 1] ?? 0, next[j] ?? 0));
    });
    row = next;
  }
  return row[other.length] ?? 0;
}

const pairsOf = (partner: Int32Array) => [...partner].filter((j) => j >= 0).length;

describe('pairs of equal blocks', () => {
  it('hold equal blocks, each at most once, in the order of both programs', () => {
    fc.assert(
      fc.property(sequence(20), sequence(20), (one, other) => {
        const partner = match(one, other);
        let last = -1;
        partner.forEach((j, i) => {
          if (j < 0) return;
          expect(other[j]).toBe(one[i]);
          expect(j).toBeGreaterThan(last);
          last = j;
        });
      }),
    );
  });

  it('are as many as can be where the edits are within the bound', () => {
    fc.assert(
      fc.property(sequence(4), sequence(4), (one, other) => {
        const [before, after] = [Int32Array.from(one), Int32Array.from(other)];
        const partner = new Int32Array(before.length).fill(-1);
        shortestEdit(before, after, whole(before, after), partner);
        expect(pairsOf(partner)).toBe(longestCommon(one, other));
      }),
    );
  });

  it('are found beyond the bound too, by going on from the best path', () => {
    const random = seeded(6);
    const one = Array.from({ length: 4_000 }, () => Math.floor(random() * 3));
    const other = one.filter((_, i) => i % 7 !== 0);
    const partner = match(one, other);
    expect(pairsOf(partner)).toBeGreaterThan(other.length * 0.8);
  });

  test('one block put in, one taken out and one replaced leave all others paired', () => {
    const one = Array.from({ length: 1_000 }, (_, i) => i % 50);
    const other = [...one.slice(0, 100), 77, ...one.slice(100, 500), ...one.slice(501, 900), 78, ...one.slice(901)];
    expect(pairsOf(match(one, other))).toBe(998);
  });
});

describe('hostile sequences', () => {
  const length = 150_000;
  const hostile: [string, (i: number) => number, (i: number) => number][] = [
    ['one block repeated, and another one repeated', () => 0, () => 1],
    ['two blocks in random order', randomOf(1, 2), randomOf(2, 2)],
    ['all blocks backwards', (i) => i, (i) => length - i],
    ['blocks that become unique one after another', (i) => i >> 1, (i) => (length - i) >> 1],
    ['a thousand blocks in random order', randomOf(3, 1_000), randomOf(4, 1_000)],
  ];

  it.each(hostile)('%s cost linear time', (_, one, other) => {
    const before = Int32Array.from({ length }, (_, i) => one(i));
    const after = Int32Array.from({ length }, (_, i) => other(i));
    const partner = new Int32Array(length).fill(-1);
    // Processor time of this thread, so that a busy machine does not fail the test.
    const began = process.threadCpuUsage();
    new Matcher(before, after, length + 1).match(whole(before, after), partner);
    const { user, system } = process.threadCpuUsage(began);
    expect((user + system) / 1000).toBeLessThan(2_000);
  });

  function randomOf(seed: number, kinds: number): () => number {
    const random = seeded(seed);
    return () => Math.floor(random() * kinds);
  }
});

it('equal keys are one number and different keys never are', () => {
  const key = fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 }));
  const keys = (list: readonly (readonly [number, number])[]): Keys => ({
    count: list.length,
    low: Uint32Array.from(list, ([low]) => low),
    high: Uint32Array.from(list, ([, high]) => high),
  });
  fc.assert(
    fc.property(fc.array(key), fc.array(key), (one, other) => {
      const { before, after, distinct } = intern(keys(one), keys(other));
      expect(distinct).toBe(new Set([...one, ...other].map(String)).size);
      one.forEach((k, i) => {
        other.forEach((l, j) => {
          expect(before[i] === after[j]).toBe(String(k) === String(l));
        });
      });
    }),
  );
});
