import { copyFileSync, existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { foldAnew } from '../../src/catalog/rebuild.ts';
import { catalogTables } from '../../src/catalog/schema.ts';
import { entriesAhead } from '../../src/ledger/entry-thread.ts';
import { catalogState } from '../helpers/catalog-state.ts';
import { loadEvent } from '../helpers/ledger-load.ts';
import { makeTestKeys, temporaryFolder } from '../helpers/test-keys.ts';
import { openTestLedger } from '../helpers/test-ledger.ts';

const place = temporaryFolder();
const file = (name: string) => join(place.folder, name);
const size = 2_300;

beforeAll(async () => {
  const at = openTestLedger({ keys: makeTestKeys(), folder: place.folder });
  const events = Array.from({ length: size }, (_, n) => loadEvent(n));
  await at.ledger.commit(() => ({ events, result: 0 }));
  at.close();
});
afterAll(() => place.remove());

/** A copy of a file of the ledger, as somebody left it. */
function edited(name: 'ledger.db' | 'catalog.db', as: string, sql: string): string {
  copyFileSync(file(name), file(as));
  const db = new Database(file(as));
  db.exec(sql);
  db.close();
  return file(as);
}

const rebuilt = (catalog: string, ledger = file('ledger.db'), to = size) =>
  foldAnew(catalog, { size: () => to, entries: (from, end) => entriesAhead(ledger, from, end) });

it('comes to what was folded entry by entry, in a file that lasts', async () => {
  const { fresh, differing } = await rebuilt(file('catalog.db'));
  expect(differing).toEqual([]);
  expect(catalogState(fresh)).toEqual(catalogState(file('catalog.db')));
  const db = new Database(fresh);
  expect([db.pragma('journal_mode', { simple: true }), db.pragma('integrity_check', { simple: true })]).toEqual([
    'wal',
    'ok',
  ]);
  db.close();
});

it('names each table of which somebody changed, added or removed a row, and no other', async () => {
  const catalog = edited(
    'catalog.db',
    'rows.db',
    `UPDATE packages SET reason = '' WHERE rowid = 1;
     DELETE FROM run_serials WHERE serial = 'SN-3';
     INSERT INTO refusals (idx, subject, about, code, message, time) VALUES (7, 'CAM-1', '', '', '', '');
     UPDATE deliveries SET size = size + 1 WHERE idx = (SELECT max(idx) FROM deliveries);`,
  );
  const { differing } = await rebuilt(catalog);
  expect(differing).toEqual(['packages', 'deliveries', 'refusals', 'run_serials']);
});

it.each([
  [
    'has a view in the place of a table',
    'ALTER TABLE refusals RENAME TO other; CREATE VIEW refusals AS SELECT * FROM other',
  ],
  ['holds more than the ledger', `UPDATE progress SET size = ${size + 1}`],
])('takes nothing of a catalogue that %s', async (_, sql) => {
  expect((await rebuilt(edited('catalog.db', 'other.db', sql))).differing).toEqual(catalogTables);
});

it('compares with a ledger that goes on meanwhile, as a running gateway’s does', async () => {
  const catalog = file('growing.db');
  copyFileSync((await rebuilt(catalog, undefined, 1_500)).fresh, catalog);
  const entries = (from: number, to: number) => entriesAhead(file('ledger.db'), from, to);
  const goesOn = () => {
    copyFileSync(file('catalog.db'), `${catalog}.later`);
    renameSync(`${catalog}.later`, catalog);
    return 1_500;
  };
  expect((await foldAnew(catalog, { size: goesOn, entries })).differing).toEqual([]);
});

it('goes on to the end of the ledger from where the catalogue stands, and compares only that', async () => {
  const catalog = file('behind.db');
  const { fresh } = await rebuilt(catalog, undefined, 1_500);
  copyFileSync(fresh, catalog);
  const whole = await rebuilt(catalog);
  expect(whole.differing).toEqual([]);
  expect(catalogState(whole.fresh)).toEqual(catalogState(file('catalog.db')));
});

const editable = 'DROP TRIGGER entries_no_update; DROP TRIGGER entries_no_delete;';

it.each([
  [
    'was changed',
    `UPDATE entries SET body = CAST(replace(body, 'HAAS', 'HAUS') AS BLOB) WHERE idx = 1702`,
    'Ledger entry 1702 is damaged.',
  ],
  ['is missing', 'DELETE FROM entries WHERE idx = 1702', 'Ledger entry 1702 is missing.'],
])('stops at an entry that %s, says which, and leaves nothing behind', async (_, sql, message) => {
  const ledger = edited('ledger.db', 'edited-ledger.db', `${editable} ${sql}`);
  await expect(rebuilt(file('catalog.db'), ledger)).rejects.toThrow(message);
  expect(existsSync(file('catalog.db.fresh'))).toBe(false);
});
