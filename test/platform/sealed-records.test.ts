import { createSecretKey } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { SealedRecords } from '../../src/platform/sealed-records.ts';
import { temporaryFolder } from '../helpers/test-keys.ts';

const Body = z.strictObject({ may: z.string() });
let place: ReturnType<typeof temporaryFolder>;
let records: SealedRecords;
const path = () => join(place.folder, 'accounts.db');
beforeEach(() => {
  place = temporaryFolder();
  records = new SealedRecords(path(), createSecretKey(Buffer.alloc(32, 1)));
  records.put('session', 'one', { person: 'QA-1', expires: 5_000 }, { may: 'look' });
});
afterEach(() => {
  records.close();
  place.remove();
});

test('a record is found as it was put, by its name and by its person, until it expires', () => {
  expect(records.get('session', 'one', Body)).toEqual({
    id: 'one',
    person: 'QA-1',
    expires: 5_000,
    value: { may: 'look' },
  });
  expect(records.of('session', 'QA-1', Body)).toHaveLength(1);
  expect(records.of('password', 'QA-1', Body)).toEqual([]);
  records.removeExpired(4_999);
  expect(records.count('session')).toBe(1);
  records.removeExpired(5_000);
  expect(records.get('session', 'one', Body)).toBeUndefined();
});

test.each([
  ['another person', `UPDATE records SET person = 'ADM-1'`],
  ['another name', `UPDATE records SET id = 'mine'`],
  ['another kind', `UPDATE records SET kind = 'password'`],
  ['a longer life', 'UPDATE records SET expires = 9999999999999'],
  ['another content', `UPDATE records SET body = '{"may":"administer"}'`],
  ['a seal of its own', `UPDATE records SET seal = 'AAAA'`],
  ['a seal that is no ASCII', `UPDATE records SET seal = 'é' || substr(seal, 3)`],
  [
    'a copy for somebody else',
    `INSERT INTO records SELECT kind, 'mine', 'ADM-1', expires, body, seal FROM records WHERE id = 'one'; DELETE FROM records WHERE id = 'one'`,
  ],
])('a record that somebody gave %s by hand is as one that is not there', (_what, sql) => {
  const other = new Database(path());
  other.exec(sql);
  other.close();
  for (const kind of ['session', 'password'])
    for (const id of ['one', 'mine']) expect(records.get(kind, id, Body)).toBeUndefined();
  for (const person of ['QA-1', 'ADM-1']) expect(records.of('session', person, Body)).toEqual([]);
});

test('under another key nothing is there, and a secret has another name', () => {
  const name = records.nameOf('link', 'secret');
  expect(records.nameOf('api-key', 'secret')).not.toBe(name);
  const other = new SealedRecords(path(), createSecretKey(Buffer.alloc(32, 2)));
  expect(other.nameOf('link', 'secret')).not.toBe(name);
  expect(other.get('session', 'one', Body)).toBeUndefined();
  other.close();
});
