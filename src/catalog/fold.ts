import type { Sequenced } from '../domain/events.ts';
import { keepDatabase, openSqlite, type Sqlite } from '../platform/sqlite.ts';
import { makeApply } from './apply/apply.ts';
import type { Apply } from './apply/table.ts';
import { catalogMigrations, catalogVersion } from './schema.ts';

const setProgress =
  'INSERT INTO progress (one, size, version) VALUES (1, @size, @version) ON CONFLICT (one) DO UPDATE SET size = @size, version = @version';

/**
 * The one writer of a catalogue file: folds entries of the ledger in order, and commits them when told. A crash takes what
 * was not committed from the catalogue only, and whoever opens it next folds that again by the same way.
 */
export class CatalogFold {
  readonly #db: Sqlite;
  readonly #apply: Apply;
  #size: number;
  #committed: number;

  private constructor(db: Sqlite, size: number) {
    this.#db = db;
    this.#apply = makeApply(db);
    this.#size = size;
    this.#committed = size;
  }

  /** NORMAL is enough, as the ledger has it all. Undefined where another version of the fold wrote the file. */
  static open(path: string): CatalogFold | undefined {
    const db = openSqlite(path, { synchronous: 'NORMAL', migrations: catalogMigrations });
    const size = appliedSize(db);
    if (size === undefined) db.close();
    return size === undefined ? undefined : new CatalogFold(db, size);
  }

  /** Into a new file, which nobody else uses before `keep`: whoever is interrupted begins with another one. */
  static create(path: string): CatalogFold {
    return new CatalogFold(openSqlite(path, { synchronous: 'OFF', migrations: catalogMigrations }), 0);
  }

  /** Entries folded, committed or not. */
  get size(): number {
    return this.#size;
  }
  /** Entries that other connections see. */
  get committed(): number {
    return this.#committed;
  }

  /** Takes the entries from `size` up to `to`. Throws what they or the database say; then only `close` may follow. */
  fold(entries: Iterable<Sequenced>, to: number): void {
    if (!this.#db.inTransaction) this.#db.exec('BEGIN IMMEDIATE');
    for (const entry of entries) {
      if (entry.index !== this.#size)
        throw new Error(`entry ${entry.index} does not follow ${this.#size} that are folded`);
      this.#apply(entry);
      this.#size += 1;
    }
    if (this.#size !== to) throw new Error(`entry ${this.#size} is missing from the ledger`);
  }

  commit(): void {
    if (!this.#db.inTransaction) return;
    this.#db.prepare(setProgress).run({ size: this.#size, version: catalogVersion });
    this.#db.exec('COMMIT');
    this.#committed = this.#size;
  }

  /** Commits and closes a file that `create` made, on disk with all that is in it. */
  keep(): void {
    this.commit();
    keepDatabase(this.#db);
  }

  /** Forgets what is not committed. */
  close(): void {
    this.#db.close();
  }
}

function appliedSize(db: Sqlite): number | undefined {
  const row = db.prepare('SELECT size, version FROM progress').get() as { size: number; version: number } | undefined;
  if (!row) return 0;
  return row.version === catalogVersion ? row.size : undefined;
}
