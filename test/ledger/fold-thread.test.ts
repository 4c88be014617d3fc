import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { foldThread } from '../../src/ledger/fold-thread.ts';
import { rebuildCatalogue } from '../../src/ledger/start.ts';
import { catalogState } from '../helpers/catalog-state.ts';
import { loadEvent } from '../helpers/ledger-load.ts';
import { makeTestKeys, temporaryFolder } from '../helpers/test-keys.ts';
import { openTestLedger } from '../helpers/test-ledger.ts';

const keys = makeTestKeys();
let place: ReturnType<typeof temporaryFolder>;
const file = (name: string) => join(place.folder, name);
beforeEach(() => {
  place = temporaryFolder();
});
afterEach(() => place.remove());

const open = () => openTestLedger({ keys, folder: place.folder, startFolding: foldThread });
const started = 'SELECT count(*) FROM deliveries';

it('shows whoever has a receipt what it is for, although another thread folds it', async () => {
  const at = open();
  for (let n = 0; n < 6; n++) {
    const { receipt } = await at.ledger.commit(({ nextIndex }) => ({ events: [loadEvent(nextIndex)], result: 0 }));
    const rows = (await at.catalog.current()).prepare(
      `SELECT 1 FROM history WHERE idx = @idx UNION ALL SELECT 1 FROM deliveries WHERE @idx IN (idx, ended_idx)`,
    );
    expect(rows.all({ idx: receipt.index })).not.toEqual([]);
  }
  await at.end();
  expect(catalogState(file('catalog.db')).size).toBe(6);
});

it('shows before long also what nobody waits for', async () => {
  const at = open();
  for (const n of [0, 1]) await at.ledger.commit(() => ({ events: [loadEvent(n)], result: 0 }));
  await at.catalog.current();
  for (const n of [2, 3, 4]) await at.ledger.commit(() => ({ events: [loadEvent(n)], result: 0 }));
  await expect.poll(() => catalogState(file('catalog.db')).size, { timeout: 20_000 }).toBe(5);
  await at.end();
});

it('catches up at the next start with what a crash kept from it', async () => {
  const at = openTestLedger({
    keys,
    folder: place.folder,
    // As after a kill: the ledger holds it, the catalogue never saw it.
    startFolding: () => ({ follow() {}, reached: async () => {}, stop: async () => {} }),
  });
  const events = Array.from({ length: 500 }, (_, n) => loadEvent(n));
  await at.ledger.commit(() => ({ events, result: 0 }));
  at.close();
  expect(catalogState(file('catalog.db')).size).toBe(0);
  const again = open();
  const { length } = events.filter(({ type }) => type === 'delivery.started');
  expect((await again.catalog.current()).prepare(started).pluck().get()).toBe(length);
  await again.end();
});

it('says that folding failed, answers no query from what is behind, and ends the process', async () => {
  const at = open();
  await at.ledger.commit(() => ({ events: [loadEvent(0)], result: 0 }));
  await at.catalog.current();
  const other = new Database(file('catalog.db'));
  other.exec('DROP TABLE deliveries');
  other.close();
  await at.ledger.commit(() => ({ events: [loadEvent(1), loadEvent(2)], result: 0 }));
  await expect(at.catalog.current()).rejects.toMatchObject({ code: 'ledger-unavailable' });
  expect(at.fatal()).toMatchObject({ code: 'ledger-unavailable' });
  await at.end();
});

it('is folded anew beside a ledger that goes on', async () => {
  const at = open();
  const events = Array.from({ length: 400 }, (_, n) => loadEvent(n));
  await at.ledger.commit(() => ({ events, result: 0 }));
  await at.catalog.current();
  const other = new Database(file('catalog.db'));
  other.exec(`UPDATE deliveries SET state = 'started'`);
  other.close();
  const paths = { ledger: file('ledger.db'), catalog: file('catalog.db') };
  const rebuilding = rebuildCatalogue(paths, at.catalog);
  await at.ledger.commit(() => ({ events: [loadEvent(400), loadEvent(401), loadEvent(402)], result: 0 }));
  expect(await rebuilding).toMatchObject({ differing: ['deliveries'] });
  const db = await at.catalog.current();
  expect(db.prepare(`${started} WHERE state = 'started'`).pluck().get()).toBe(1);
  await at.end();
  expect(catalogState(file('catalog.db')).size).toBe(403);
});
