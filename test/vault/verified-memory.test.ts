import { expect, it } from 'vitest';
import { digestOf } from '../../src/platform/hash.ts';
import { ChunkMacs } from '../../src/vault/chunk-macs.ts';
import { ChunkTables, HeldContents } from '../../src/vault/verified-memory.ts';

const [a, b, c] = [digestOf('a'), digestOf('b'), digestOf('c')];

it('forgets the chunk table that was used longest ago when there are too many', async () => {
  const tables = new ChunkTables(2 * new ChunkMacs(2).bytes);
  const made: string[] = [];
  const use = (digest: typeof a) =>
    tables.get(digest, async () => {
      made.push(digest);
      return new ChunkMacs(2);
    });
  await use(a);
  await use(b);
  await use(a);
  await use(c);
  await use(a);
  await use(b);
  expect(made).toEqual([a, b, c, b]);
});

it('makes one table for all who ask at once, and asks again after a failure', async () => {
  const tables = new ChunkTables(2 * new ChunkMacs(2).bytes);
  let makings = 0;
  const fail = async () => {
    makings++;
    throw new Error('changed');
  };
  const results = await Promise.allSettled([tables.get(a, fail), tables.get(a, fail)]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(makings).toBe(1);
  const mended = new ChunkMacs(2);
  expect(await tables.get(a, async () => mended)).toBe(mended);
});

it('holds content while someone has it open, within its room', async () => {
  const held = new HeldContents(10);
  let loads = 0;
  const load = async () => {
    loads++;
    return Buffer.from('123456');
  };
  expect(await held.acquire(a, 6, load)).toEqual(Buffer.from('123456'));
  await held.acquire(a, 6, load);
  expect(loads).toBe(1);
  expect(held.acquire(b, 6, load)).toBeUndefined();

  held.release(a);
  expect(held.acquire(b, 6, load)).toBeUndefined();
  held.release(a);
  expect(await held.acquire(b, 6, load)).toEqual(Buffer.from('123456'));
});
