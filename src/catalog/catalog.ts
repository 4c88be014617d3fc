import { createHash } from 'node:crypto';
import type { Sequenced } from '../domain/events.ts';
import { limits } from '../domain/limits.ts';
import { openSqlite, openSqliteReadOnly, type Sqlite } from '../platform/sqlite.ts';
import { makeApply } from './apply/apply.ts';
import type { Apply } from './apply/table.ts';
import { catalogMigrations, catalogTables, catalogVersion } from './schema.ts';

/** Entries that one transaction of a long fold holds. */
const foldStep = 5_000;

const digestPieceChars = 64 * 1024;

const setProgress =
  'INSERT INTO progress (one, size, version) VALUES (1, @size, @version) ON CONFLICT (one) DO UPDATE SET size = @size, version = @version';

/**
 * The read model that screens and lists query, folded from the ledger in batches. It knows how many entries it has
 * applied and by which version of the fold; whoever opens it lets it catch up or folds it anew.
 */
export class Catalog {
  readonly #path: string;
  #db: Sqlite;
  #apply: Apply;
  /** Entries folded, up to the last accepted batch, that are not committed yet. */
  #accepted: number | undefined;
  /** Inside a batch that the ledger has not written yet. */
  #inBatch = false;
  #committed = 0;
  #broken: Error | undefined;
  #timer: NodeJS.Timeout | undefined;

  private constructor(path: string, db: Sqlite) {
    this.#path = path;
    this.#db = db;
    this.#apply = makeApply(db);
  }

  /** NORMAL is enough: what a crash takes from the end is folded again from the ledger. */
  static open(path: string): Catalog {
    return new Catalog(path, openSqlite(path, { synchronous: 'NORMAL', migrations: catalogMigrations }));
  }

  /** For the queries, which never write. */
  get db(): Sqlite {
    return this.#db;
  }

  /** Closes the file, lets `swap` put another in its place, and goes on with that. */
  reopenAfter(swap: (path: string) => void): void {
    this.close();
    swap(this.#path);
    this.#db = openSqlite(this.#path, { synchronous: 'NORMAL', migrations: catalogMigrations });
    this.#apply = makeApply(this.#db);
  }

  /** Entries applied, or undefined when another version of the fold wrote it. */
  get appliedSize(): number | undefined {
    const row = this.db.prepare('SELECT size, version FROM progress').get() as
      | { size: number; version: number }
      | undefined;
    if (!row) return 0;
    return row.version === catalogVersion ? row.size : undefined;
  }

  /** Starts a batch. What it folds is seen by queries here at once, and by other connections once it is committed. */
  begin(): void {
    if (this.#broken) throw this.#broken;
    if (!this.#db.inTransaction) this.#db.exec('BEGIN IMMEDIATE');
    this.#inBatch = true;
  }

  apply(entry: Sequenced): void {
    this.#apply(entry);
  }

  /**
   * The ledger holds the batch durably. Committed with the batches after it, as one costs more page writes than its
   * fold: a crash takes them from the catalogue only, which folds them again at start.
   */
  accept(size: number): void {
    this.#inBatch = false;
    this.#accepted = size;
    if (size - this.#committed >= limits.catalogCommitEntries) this.commit();
    else this.#timer ??= setTimeout(() => this.#commitLater(), limits.catalogCommitMs).unref();
  }

  /** Commits the accepted batches. Nothing where a batch is open: that one may never be in the ledger. */
  commit(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#inBatch || this.#accepted === undefined) return;
    this.#db.prepare(setProgress).run({ size: this.#accepted, version: catalogVersion });
    this.#db.exec('COMMIT');
    this.#committed = this.#accepted;
    this.#accepted = undefined;
  }

  /** Nobody waits for this commit, so that the next batch is told: what it lost must not be folded over. */
  #commitLater(): void {
    try {
      this.commit();
    } catch (error) {
      this.#broken = error as Error;
    }
  }

  /** Forgets all that is not committed: the ledger could not write the open batch, and the process is about to end. */
  abandon(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#accepted = undefined;
    if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
  }

  /** Folds entries of the ledger in transactions of a few thousand. */
  catchUp(entries: Iterable<Sequenced>, to: number): void {
    for (const entry of entries) {
      if (!this.#inBatch) this.begin();
      this.apply(entry);
      if ((entry.index + 1) % foldStep !== 0 && entry.index + 1 !== to) continue;
      this.accept(entry.index + 1);
      this.commit();
    }
  }

  close(): void {
    if (this.#inBatch) this.abandon();
    else this.commit();
    this.#db.close();
  }
}

/** What a catalogue file holds: how far it was folded, and a digest over each table's rows in key order. */
export type CatalogState = { size: number; digests: ReadonlyMap<string, string> };

/** Reads both in one transaction, so that a gateway which goes on writing does not change what is compared. */
export function catalogState(path: string): CatalogState {
  const db = openSqliteReadOnly(path);
  try {
    db.exec('BEGIN');
    const size = db.prepare('SELECT size FROM progress').pluck().get() as number | undefined;
    return { size: size ?? 0, digests: new Map(catalogTables.map((table) => [table, tableDigest(db, table)])) };
  } finally {
    db.close();
  }
}

function tableDigest(db: Sqlite, table: string): string {
  const keys = (db.pragma(`table_info(${table})`) as { name: string; pk: number }[])
    .filter((column) => column.pk > 0)
    .sort((a, b) => a.pk - b.pk)
    .map((column) => column.name);
  const hash = createHash('sha256');
  // Hashed piece by piece: a call for each of millions of short rows costs more than the rows.
  let piece = '';
  for (const row of db
    .prepare(`SELECT * FROM ${table} ORDER BY ${keys.join(', ')}`)
    .raw()
    .iterate()) {
    piece += `${JSON.stringify(row)}\n`;
    if (piece.length < digestPieceChars) continue;
    hash.update(piece);
    piece = '';
  }
  return hash.update(piece).digest('hex');
}
