import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DomainError } from '../../src/domain/errors.ts';
import { SpaceGuard } from '../../src/ledger/space.ts';
import type { LedgerStore } from '../../src/ledger/store.ts';
import { verifyLedgerFile } from '../../src/ledger/verify.ts';
import { catalogState } from '../helpers/catalog-state.ts';
import { makeTestKeys, temporaryFolder } from '../helpers/test-keys.ts';
import { openTestLedger, someEvent } from '../helpers/test-ledger.ts';

const keys = makeTestKeys();
let place: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  place = temporaryFolder();
});
afterEach(() => place.remove());

const open = (options: Partial<Parameters<typeof openTestLedger>[0]> = {}) =>
  openTestLedger({ keys, folder: place.folder, ...options });
const commit = (at: ReturnType<typeof open>, number: number) =>
  at.ledger.commit(() => ({ events: [someEvent(number)], result: number }));
const edit = (sql: string) => {
  const db = new Database(join(place.folder, 'ledger.db'));
  for (const table of ['entries', 'tiles', 'batches', 'checkpoints']) {
    db.exec(`DROP TRIGGER IF EXISTS ${table}_no_update; DROP TRIGGER IF EXISTS ${table}_no_delete;`);
  }
  db.exec('DROP TRIGGER IF EXISTS entries_dense');
  db.exec(sql);
  db.close();
};

describe('the ledger', () => {
  it('gives receipts in order and a checkpoint that a verifier in another place accepts', async () => {
    const at = open();
    const receipts = await Promise.all(Array.from({ length: 600 }, (_, n) => commit(at, n)));
    expect(receipts.map(({ receipt }) => receipt.index)).toEqual(Array.from({ length: 600 }, (_, n) => n));
    await at.publisher.covering(600, 5_000);
    at.close();
    const report = verifyLedgerFile(join(place.folder, 'ledger.db'), keys.trust);
    expect(report).toMatchObject({ entries: 600, covered: 600, problems: [] });
  });

  it('lets each decision see what the one before it in the same batch decided', async () => {
    const at = open();
    const once = () =>
      at.ledger.commit(() => {
        if (at.standing.person('P-1')) throw new DomainError('conflict', 'already there');
        return { events: [someEvent(1)], result: 'first' };
      });
    const [first, second] = await Promise.allSettled([once(), once()]);
    expect(first.status).toBe('fulfilled');
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'conflict' } });
    expect(at.ledger.size).toBe(1);
    at.close();
  });

  it('refuses an event that its schema does not allow before anything is hashed', async () => {
    const at = open();
    const bad = { ...someEvent(1), surplus: true } as unknown as ReturnType<typeof someEvent>;
    await expect(at.ledger.commit(() => ({ events: [bad], result: 0 }))).rejects.toMatchObject({
      code: 'request-invalid',
    });
    expect(at.ledger.size).toBe(0);
    at.close();
  });

  it('records that the clock stepped back, and keeps the order', async () => {
    let now = 1_800_000_000_000;
    const at = open({ clock: () => now });
    await commit(at, 1);
    now -= 60_000;
    await commit(at, 2);
    await commit(at, 3);
    const types = [...at.reader.leaves(0, 4)].map((leaf) => JSON.parse(leaf.toString()).type);
    expect(types).toEqual(['person.enrolled', 'gateway.clock-stepped-back', 'person.enrolled', 'person.enrolled']);
    at.close();
  });

  it('refuses UPDATE and DELETE on every table', async () => {
    const at = open();
    await commit(at, 1);
    await at.publisher.covering(1, 5_000);
    at.close();
    const db = new Database(join(place.folder, 'ledger.db'));
    for (const table of ['entries', 'batches', 'checkpoints']) {
      expect(() => db.exec(`DELETE FROM ${table}`)).toThrow(/append-only/);
      expect(() => db.exec(`UPDATE ${table} SET rowid = rowid + 1`)).toThrow(/append-only/);
    }
    db.close();
  });

  it('acknowledges nothing more after a storage failure, and holds after a restart what it acknowledged', async () => {
    let failing = false;
    const wrapStore = (store: LedgerStore): LedgerStore => ({
      ...store,
      append(batch) {
        if (failing) throw new Error('EIO');
        store.append(batch);
      },
    });
    const at = open({ wrapStore });
    await commit(at, 1);
    failing = true;
    await expect(commit(at, 2)).rejects.toMatchObject({ code: 'ledger-unavailable' });
    failing = false;
    await expect(commit(at, 3)).rejects.toMatchObject({ code: 'ledger-unavailable' });
    expect(at.fatal()).toBeInstanceOf(Error);
    at.close();
    const again = open();
    expect(again.ledger.size).toBe(1);
    expect(again.standing.person('P-1')).toBeDefined();
    expect(again.standing.person('P-2')).toBeUndefined();
    again.close();
  });

  it('takes up a batch that was written but never acknowledged', async () => {
    const wrapStore = (store: LedgerStore): LedgerStore => ({
      ...store,
      append(batch) {
        store.append(batch);
        throw new Error('the answer of the disk was lost');
      },
    });
    const at = open({ wrapStore });
    await expect(commit(at, 1)).rejects.toMatchObject({ code: 'ledger-unavailable' });
    at.close();
    const again = open();
    expect(again.ledger.size).toBe(1);
    expect((await again.catalog.current()).prepare('SELECT count(*) FROM people').pluck().get()).toBe(1);
    again.close();
  });

  it('folds the catalogue to the same content from any point', async () => {
    const at = open();
    await Promise.all(Array.from({ length: 300 }, (_, n) => commit(at, n)));
    at.close();
    const before = catalogState(join(place.folder, 'catalog.db'));
    copyFileSync(join(place.folder, 'catalog.db'), join(place.folder, 'kept.db'));
    const db = new Database(join(place.folder, 'catalog.db'));
    db.exec('UPDATE progress SET version = 0');
    db.close();
    open().close();
    expect(catalogState(join(place.folder, 'catalog.db'))).toEqual(before);
  });
});

describe('a ledger file that somebody edited does not open', () => {
  const tampered: [string, string][] = [
    [
      'an entry was changed',
      `UPDATE entries SET leaf = CAST(replace(CAST(leaf AS TEXT), 'person', 'persom') AS BLOB) WHERE idx = 3`,
    ],
    [
      'a body was changed',
      `UPDATE entries SET body = CAST(replace(CAST(body AS TEXT), 'P-3', 'P-9') AS BLOB) WHERE idx = 3`,
    ],
    ['the end was cut off', `DELETE FROM entries WHERE idx >= 290; DELETE FROM batches WHERE size >= 290`],
    ['a tile was changed', `UPDATE tiles SET hashes = zeroblob(8192)`],
    [
      'entries were swapped',
      `UPDATE entries SET idx = 1000 WHERE idx = 5; UPDATE entries SET idx = 5 WHERE idx = 6; UPDATE entries SET idx = 6 WHERE idx = 1000`,
    ],
    [
      'an entry was added behind the checkpoint',
      `INSERT INTO entries SELECT 300, leaf, body, salt FROM entries WHERE idx = 3`,
    ],
    [
      'a checkpoint was made up',
      `UPDATE checkpoints SET note = replace(note, 'test.example/ledger' || char(10) || '300', 'test.example/ledger' || char(10) || '299')`,
    ],
  ];
  it.each(tampered)('%s', async (_name, sql) => {
    const at = open();
    await Promise.all(Array.from({ length: 300 }, (_, n) => commit(at, n)));
    await at.publisher.covering(300, 5_000);
    at.close();
    edit(sql);
    expect(() => open().close()).toThrow();
    const report = (() => {
      try {
        return verifyLedgerFile(join(place.folder, 'ledger.db'), keys.trust);
      } catch {
        return undefined;
      }
    })();
    // The cut and the addition behind the last checkpoint: the outside verifier sees what is covered, start sees the seal.
    if (!sql.startsWith('INSERT')) expect(report?.problems ?? ['unreadable']).not.toEqual([]);
  });
});

describe('a disk that fills up', () => {
  it('is recorded once, refuses what is new, lets what was begun end, and goes on by itself', async () => {
    const space = { isFull: false };
    const at = open({ space });
    await commit(at, 1);
    space.isFull = true;
    await expect(commit(at, 2)).rejects.toMatchObject({ code: 'storage-full' });
    await expect(commit(at, 3)).rejects.toMatchObject({ code: 'storage-full' });
    await at.ledger.commit(() => ({ events: [someEvent(4)], result: 4 }), { ending: true });
    space.isFull = false;
    await commit(at, 5);
    const types = [...at.reader.leaves(0, at.ledger.size)].map((leaf) => JSON.parse(leaf.toString()).type);
    expect(types).toEqual([
      'person.enrolled',
      'gateway.storage-full',
      'person.enrolled',
      'gateway.storage-recovered',
      'person.enrolled',
    ]);
    at.close();
  });

  it('is full below the reserve, and has room again above twice of it', () => {
    let [free, now] = [100 * 1024 * 1024, 0];
    const guard = new SpaceGuard(
      '/',
      () => now,
      () => free,
    );
    const look = (bytes: number) => {
      [free, now] = [bytes * 1024 * 1024, now + 1_000];
      return guard.isFull;
    };
    expect([look(20), look(15), look(20), look(33), look(20)]).toEqual([false, true, true, false, false]);
  });
});
