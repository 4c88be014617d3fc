import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { Statement } from 'better-sqlite3';
import type { z } from 'zod';
import { canonicalJson } from './hash.ts';
import { type Migration, openSqlite, type Sqlite } from './sqlite.ts';

const migrations: readonly Migration[] = [
  {
    id: 1,
    sql: `
CREATE TABLE records (
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  person TEXT NOT NULL,
  /** Milliseconds since the epoch. */
  expires INTEGER NOT NULL,
  body TEXT NOT NULL,
  seal TEXT NOT NULL,
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX records_of_person ON records (person, kind);
CREATE INDEX records_that_expire ON records (expires);
`,
  },
];

/** `expires`: milliseconds since the epoch. */
type About = { person: string; expires?: number };
type Row = { kind: string; id: string; person: string; expires: number; body: string; seal: string };
export type SealedRecord<T> = { id: string; person: string; expires: number; value: T };

/** As far as a date goes: what does not expire. */
const never = 8_640_000_000_000_000;

/**
 * Small records, each under an HMAC of a key that is kept elsewhere. One that somebody wrote or changed by hand is as one
 * that is not there, so that whoever can write the file can take a record away, or put back an older one, and no more.
 */
export class SealedRecords {
  readonly #db: Sqlite;
  readonly #key: KeyObject;
  /** Asked for by every request of somebody who is signed in. */
  readonly #get: Statement;

  /** `key`: at least 32 bytes. */
  constructor(path: string, key: KeyObject) {
    this.#db = openSqlite(path, { synchronous: 'FULL', migrations });
    this.#get = this.#db.prepare('SELECT * FROM records WHERE kind = ? AND id = ?');
    this.#key = createSecretKey(createHmac('sha256', key).update('keyway records 1').digest());
  }

  /** Under what name a secret is kept: whoever reads the file cannot try out what it may be without the key. */
  nameOf(kind: string, secret: string): string {
    return createHmac('sha256', this.#key).update(`name ${kind} ${secret}`).digest('base64url');
  }

  get<T>(kind: string, id: string, schema: z.ZodType<T>): SealedRecord<T> | undefined {
    const row = this.#get.get(kind, id);
    return row === undefined ? undefined : this.#open(row as Row, schema);
  }

  of<T>(kind: string, person: string, schema: z.ZodType<T>): SealedRecord<T>[] {
    const rows = this.#db.prepare('SELECT * FROM records WHERE person = ? AND kind = ?').all(person, kind) as Row[];
    return rows.flatMap((row) => this.#open(row, schema) ?? []);
  }

  count(kind: string): number {
    return this.#db.prepare('SELECT count(*) FROM records WHERE kind = ?').pluck().get(kind) as number;
  }

  put(kind: string, id: string, { person, expires = never }: About, value: unknown): void {
    const body = canonicalJson(value).toString('utf8');
    const row = { kind, id, person, expires, body };
    this.#db
      .prepare('INSERT OR REPLACE INTO records VALUES (@kind, @id, @person, @expires, @body, @seal)')
      .run({ ...row, seal: this.#sealOf(row) });
  }

  /** Takes away what expires first, so that there is room for one more. */
  makeRoom(kind: string, most: number): void {
    if (this.count(kind) < most) return;
    this.#db
      .prepare(
        'DELETE FROM records WHERE kind = ? AND id = (SELECT id FROM records WHERE kind = ? ORDER BY expires LIMIT 1)',
      )
      .run(kind, kind);
  }

  /** Whether it was there. */
  remove(kind: string, id: string): boolean {
    return this.#db.prepare('DELETE FROM records WHERE kind = ? AND id = ?').run(kind, id).changes > 0;
  }

  removeOf(kind: string, person: string): number {
    return this.#db.prepare('DELETE FROM records WHERE person = ? AND kind = ?').run(person, kind).changes;
  }

  removeExpired(nowMs: number): void {
    this.#db.prepare('DELETE FROM records WHERE expires <= ?').run(nowMs);
  }

  close(): void {
    this.#db.close();
  }

  #open<T>(row: Row, schema: z.ZodType<T>): SealedRecord<T> | undefined {
    const [made, found] = [Buffer.from(this.#sealOf(row)), Buffer.from(row.seal)];
    if (made.length !== found.length || !timingSafeEqual(made, found)) return undefined;
    return { id: row.id, person: row.person, expires: row.expires, value: schema.parse(JSON.parse(row.body)) };
  }

  #sealOf({ kind, id, person, expires, body }: Omit<Row, 'seal'>): string {
    const text = JSON.stringify([kind, id, person, expires, body]);
    return createHmac('sha256', this.#key).update(`row ${text}`).digest('base64url');
  }
}
