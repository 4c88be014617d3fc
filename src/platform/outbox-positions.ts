import { type Migration, openSqlite, type Sqlite } from './sqlite.ts';

const migrations: readonly Migration[] = [
  {
    id: 1,
    sql: `
CREATE TABLE positions (
  hook TEXT PRIMARY KEY,
  /** The next ledger entry to look at. */
  next INTEGER NOT NULL,
  /** Of the last attempt: RFC 3339 UTC, and what came of it. */
  last_time TEXT,
  last_result TEXT
) STRICT;
CREATE TABLE undelivered (
  hook TEXT NOT NULL, idx INTEGER NOT NULL, time TEXT NOT NULL, why TEXT NOT NULL, PRIMARY KEY (hook, idx)
) STRICT, WITHOUT ROWID;
`,
  },
];

export type LastResult = { time: string; result: string };
export type Undelivered = { index: number; time: string; why: string };

/**
 * How far each webhook has been told. The ledger is the outbox: a position in it is all that has to last, and one that is lost
 * means that things are told twice, which whoever listens sees by their ids.
 */
export class OutboxPositions {
  readonly #db: Sqlite;

  constructor(path: string) {
    this.#db = openSqlite(path, { synchronous: 'NORMAL', migrations });
  }

  next(hook: string): number | undefined {
    return this.#db.prepare('SELECT next FROM positions WHERE hook = ?').pluck().get(hook) as number | undefined;
  }
  last(hook: string): LastResult | undefined {
    const row = this.#db
      .prepare('SELECT last_time AS time, last_result AS result FROM positions WHERE hook = ?')
      .get(hook);
    return row && (row as LastResult).time ? (row as LastResult) : undefined;
  }
  undelivered(hook: string): Undelivered[] {
    const columns = 'idx AS "index", time, why';
    return this.#db
      .prepare(`SELECT ${columns} FROM undelivered WHERE hook = ? ORDER BY idx`)
      .all(hook) as Undelivered[];
  }

  moveTo(hook: string, next: number): void {
    const sql =
      'INSERT INTO positions (hook, next) VALUES (?, ?) ON CONFLICT (hook) DO UPDATE SET next = excluded.next';
    this.#db.prepare(sql).run(hook, next);
  }
  note(hook: string, { time, result }: LastResult): void {
    this.#db.prepare('UPDATE positions SET last_time = ?, last_result = ? WHERE hook = ?').run(time, result, hook);
  }
  giveUp(hook: string, { index, time, why }: Undelivered): void {
    this.#db
      .prepare('INSERT OR REPLACE INTO undelivered (hook, idx, time, why) VALUES (?, ?, ?, ?)')
      .run(hook, index, time, why);
  }
  forget(hook: string): void {
    for (const table of ['positions', 'undelivered']) this.#db.prepare(`DELETE FROM ${table} WHERE hook = ?`).run(hook);
  }

  close(): void {
    this.#db.close();
  }
}
