import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyLedgerFile } from '../../src/ledger/verify.ts';
import { verifyLedger } from '../../src/ledger/verify-parallel.ts';
import { loadEvent } from '../helpers/ledger-load.ts';
import { makeTestKeys, temporaryFolder } from '../helpers/test-keys.ts';
import { openTestLedger } from '../helpers/test-ledger.ts';

const keys = makeTestKeys();
/** Worth two threads; the seam is in the middle. */
const entries = 40_300;
const seam = Math.ceil(entries / 3 / 256) * 256;
const place = temporaryFolder();
const whole = join(place.folder, 'ledger.db');

beforeAll(async () => {
  const at = openTestLedger({
    keys,
    folder: place.folder,
    startFolding: () => ({ follow() {}, reached: async () => {}, stop: async () => {} }),
  });
  for (const end of [1_000, 20_000, entries]) {
    const events = Array.from({ length: end - at.ledger.size }, (_, n) => loadEvent(at.ledger.size + n));
    await at.ledger.commit(() => ({ events, result: 0 }));
    await at.publisher.covering(end, 5_000);
  }
  at.close();
});
afterAll(() => place.remove());

it('finds of a large ledger in several threads what one thread finds', async () => {
  expect(await verifyLedger(whole, keys.trust)).toEqual(verifyLedgerFile(whole, keys.trust));
  expect(await verifyLedger(whole, keys.trust)).toMatchObject({
    entries,
    covered: entries,
    checkpoints: 3,
    problems: [],
  });
});

it('can be stopped', async () => {
  const stopped = AbortSignal.abort(new Error('stopped'));
  await expect(verifyLedger(whole, keys.trust, stopped)).rejects.toThrow('stopped');
});

describe('what is wrong in any part is named as one thread names it', () => {
  const flip = (column: string, index: number) =>
    `UPDATE entries SET ${column} = CAST(replace(CAST(${column} AS TEXT), '4', '5') AS BLOB) WHERE idx = ${index}`;
  it.each([
    ['a body in the last part', flip('body', entries - 5), 'damaged'],
    ['a leaf in the first part', flip('leaf', 70), 'bad-inclusion'],
    [
      'a tile that the second part begins with',
      `UPDATE tiles SET root = zeroblob(32) WHERE level = 0 AND idx = 3`,
      'bad-inclusion',
    ],
    ['an entry at the seam', `DELETE FROM entries WHERE idx = ${seam}`, 'missing'],
    ['the end', `DELETE FROM entries WHERE idx > ${entries - 9}`, 'missing'],
    ['a checkpoint', `UPDATE checkpoints SET note = replace(note, '20000', '20001')`, 'bad-signature'],
    ['every checkpoint', 'DELETE FROM cosignatures; DELETE FROM checkpoints', 'missing'],
  ])('%s', async (_what, sql, kind) => {
    const copy = join(place.folder, 'copy.db');
    copyFileSync(whole, copy);
    const db = new Database(copy);
    const triggers = db.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").all() as Record<
      'name' | 'sql',
      string
    >[];
    for (const { name } of triggers) db.exec(`DROP TRIGGER ${name}`);
    db.exec(sql);
    for (const trigger of triggers) db.exec(trigger.sql);
    db.close();
    const { problems } = await verifyLedger(copy, keys.trust);
    expect(problems.map((problem) => problem.kind)).toContain(kind);
    expect(problems).toEqual(verifyLedgerFile(copy, keys.trust).problems);
  });
});
