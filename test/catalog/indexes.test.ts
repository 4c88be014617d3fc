import { afterAll, expect, test } from 'vitest';
import { jobs, packageRows, packagesOfJob, waitingPackages } from '../../src/catalog/queries/package-lists.ts';
import { catalogMigrations } from '../../src/catalog/schema.ts';
import { openSqlite, type Sqlite } from '../../src/platform/sqlite.ts';

const db = openSqlite(':memory:', { synchronous: 'OFF', migrations: catalogMigrations });
afterAll(() => void db.close());

/** The index that a query goes by, in a catalogue that holds nothing: what is chosen does not hang on what is in it. */
function indexOf(ask: (db: Sqlite) => unknown): string | undefined {
  let asked = '';
  const listening = new Proxy(db, {
    get: (target, name) =>
      name === 'prepare'
        ? (sql: string) => {
            asked = sql;
            return target.prepare(sql);
          }
        : Reflect.get(target, name),
  });
  ask(listening);
  const values = Array.from(asked.matchAll(/\?/g), () => 1);
  const [step] = db.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${asked}`).all(...values);
  return /^SEARCH packages USING (?:COVERING )?INDEX (\w+)/.exec(step?.detail ?? '')?.[1];
}

test('a list of packages is read by what narrows it most, however many there are', () => {
  const job = { part: 'BRKT-1', operation: '20', machineGroup: 'HAAS-VF' };
  expect(indexOf((at) => jobs(at, 'BRKT', job, 10))).toBe('packages_job');
  expect(indexOf((at) => packagesOfJob(at, job, 10))).toBe('packages_job');
  const place = { due: '2027-01-01', index: 5 };
  expect(indexOf((at) => waitingPackages(at, {}, 'due', place, 10))).toBe('packages_due');
  expect(indexOf((at) => packageRows(at, { state: 'submitted' }, 'due', undefined, 10))).toBe('packages_due');
  expect(indexOf((at) => packageRows(at, {}, 'newest', place, 10))).toBe('packages_newest');
  for (const order of ['due', 'newest'] as const) {
    const ofPart = { state: 'submitted', part: 'BRKT-1' } as const;
    expect(indexOf((at) => packageRows(at, ofPart, order, place, 10))).toBe('packages_part');
    expect(indexOf((at) => waitingPackages(at, ofPart, order, place, 10))).toBe('packages_part');
  }
});
