import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import Database from 'better-sqlite3';
import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { fsyncFile } from './durable-file.ts';

export type Sqlite = Database.Database;

/** A numbered, forward-only step. Once released its text never changes: the hash is checked at every start. */
export type Migration = { id: number; sql: string };

type OpenOptions = {
  /**
   * FULL: every commit is on disk when it returns. NORMAL: derived data that may lose its tail but not its order. OFF: a
   * new file that nobody has a use for before `keepDatabase`; nothing brings it back after a crash or an error.
   */
  synchronous: 'FULL' | 'NORMAL' | 'OFF';
  migrations: readonly Migration[];
};

/** Opens a database for writing, in WAL mode where it is to last, and brings its schema up to date. */
export function openSqlite(path: string, options: OpenOptions): Sqlite {
  const db = new Database(path);
  const { open, rebuilt } = limits.sqliteCacheKiB;
  db.pragma(`journal_mode = ${options.synchronous === 'OFF' ? 'OFF' : 'WAL'}`);
  // A page that many commits change is then copied back once for more of them.
  db.pragma(`wal_autocheckpoint = ${limits.walPages}`);
  db.pragma(`cache_size = -${options.synchronous === 'OFF' ? rebuilt : open}`);
  // better-sqlite3 would run WAL at synchronous=1, which acknowledges before the fsync.
  db.pragma(`synchronous = ${options.synchronous}`);
  db.pragma('foreign_keys = ON');
  db.pragma('trusted_schema = OFF');
  migrate(db, options.migrations, path);
  return db;
}

/** Closes a file that was opened with OFF as one that lasts: its content is on disk when this returns. */
export function keepDatabase(db: Sqlite): void {
  db.pragma('journal_mode = WAL');
  const { name } = db;
  db.close();
  fsyncFile(name);
}

/** Opens an existing database so that nothing in this process can change it. */
export function openSqliteReadOnly(path: string): Sqlite {
  const db = new Database(path, { readonly: true, fileMustExist: true });
  db.pragma('trusted_schema = OFF');
  return db;
}

/**
 * Whether the schema of an open file, triggers included, is the one that the migrations it names make. What somebody
 * dropped or rewrote there is no row of any table.
 */
export function hasMigratedSchema(db: Sqlite, migrations: readonly Migration[]): boolean {
  const applied = new Set(db.prepare('SELECT id FROM migrations').pluck().all());
  return isDeepStrictEqual(schemaOf(db), schemaAfter(migrations.filter(({ id }) => applied.has(id))));
}

const schemaOf = (db: Sqlite): unknown[] =>
  [
    'SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name',
    'SELECT id, sha256 FROM migrations ORDER BY id',
  ].map((sql) => db.prepare(sql).all());

/** A function of our own text alone, so that it is made once for each. */
const schemasMade = new Map<string, unknown[]>();
function schemaAfter(migrations: readonly Migration[]): unknown[] {
  const text = JSON.stringify(migrations);
  const before = schemasMade.get(text);
  if (before) return before;
  const db = new Database(':memory:');
  try {
    migrate(db, migrations, ':memory:');
    const made = schemaOf(db);
    schemasMade.set(text, made);
    return made;
  } finally {
    db.close();
  }
}

function migrate(db: Sqlite, migrations: readonly Migration[], path: string): void {
  db.exec('CREATE TABLE IF NOT EXISTS migrations (id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL) STRICT');
  const applied = new Map(
    (db.prepare('SELECT id, sha256 FROM migrations').all() as { id: number; sha256: string }[]).map((r) => [
      r.id,
      r.sha256,
    ]),
  );
  const known = new Set(migrations.map((m) => m.id));
  for (const id of applied.keys()) {
    if (!known.has(id))
      throw new DomainError('config-invalid', `${path} was written by a newer Keyway (migration ${id}).`);
  }
  for (const { id, sql } of migrations) {
    const sha256 = hash('sha256', sql, 'hex');
    const before = applied.get(id);
    if (before === sha256) continue;
    if (before !== undefined)
      throw new DomainError('config-invalid', `${path}: migration ${id} differs from the one that ran.`);
    db.transaction(() => {
      db.exec(sql);
      db.prepare('INSERT INTO migrations (id, sha256) VALUES (?, ?)').run(id, sha256);
    })();
  }
}

/**
 * Holds an exclusive lock until the process ends, by whatever end: an open transaction on a database of its own, so
 * that the kernel lets go and no stale lock file remains. Throws `ledger-locked` when another process holds it.
 */
export function holdLock(path: string): { release(): void } {
  const db = new Database(path, { timeout: 0 });
  try {
    db.pragma('journal_mode = DELETE');
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if ((error as { code?: string }).code?.startsWith('SQLITE_BUSY')) {
      throw new DomainError('ledger-locked', `Another Keyway process works on this data (${path}). Stop it first.`);
    }
    throw error;
  }
  return { release: () => void db.close() };
}
