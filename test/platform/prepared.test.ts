import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { limits } from '../../src/domain/limits.ts';
import { plucked, prepared } from '../../src/platform/prepared.ts';

const open = (name: string) => {
  const db = new Database(':memory:');
  db.exec('CREATE TABLE jobs (part TEXT) STRICT');
  db.prepare('INSERT INTO jobs VALUES (?)').run(name);
  return db;
};
const sql = 'SELECT part FROM jobs';

describe('a statement that is asked again and again', () => {
  test('is compiled once, and gives rows to whoever wants rows and values to whoever wants values', () => {
    const db = open('BRKT-1');
    expect(prepared(db, sql)).toBe(prepared(db, sql));
    expect(plucked(db, sql).get()).toBe('BRKT-1');
    expect(prepared(db, sql).get()).toEqual({ part: 'BRKT-1' });
  });

  test('answers from its own connection alone', () => {
    const [one, other] = [open('BRKT-1'), open('BRKT-2')];
    expect([plucked(one, sql).get(), plucked(other, sql).get()]).toEqual(['BRKT-1', 'BRKT-2']);
  });

  test('is let go once as many others were asked since, and one that is asked in between stays', () => {
    const db = open('BRKT-1');
    const [kept, dropped] = [prepared(db, sql), prepared(db, `${sql} LIMIT 0`)];
    for (let n = 1; n < limits.sqliteStatements; n++) {
      prepared(db, `${sql} LIMIT ${n}`);
      prepared(db, sql);
    }
    expect(prepared(db, sql)).toBe(kept);
    expect(prepared(db, `${sql} LIMIT 0`)).not.toBe(dropped);
  });
});
