import { DomainError } from '../domain/errors.ts';
import { hasMigratedSchema, openSqliteReadOnly, type Sqlite } from '../platform/sqlite.ts';
import { catalogMigrations, catalogTables } from './schema.ts';

/**
 * A catalogue file as it was when it was opened, whatever a gateway writes to it since: to be compared with another one,
 * which may still be in the making then.
 */
export class StoredCatalog {
  /** Entries that it holds. */
  readonly size: number;
  readonly #db: Sqlite;

  private constructor(db: Sqlite, size: number) {
    this.#db = db;
    this.size = size;
  }

  /** Undefined for a file that is missing or broken, or whose tables are not the ones that this version makes. */
  static open(path: string, other: string): StoredCatalog | undefined {
    let db: Sqlite | undefined;
    try {
      db = openSqliteReadOnly(path);
      if (!hasMigratedSchema(db, catalogMigrations)) throw new DomainError('ledger-inconsistent', 'Other tables.');
      db.prepare('ATTACH ? AS other').run(other);
      // Each file is seen as it is at the first look: this one now, the other when it is compared.
      db.exec('BEGIN');
      const size = db.prepare('SELECT size FROM main.progress').pluck().get() as number | undefined;
      return new StoredCatalog(db, size ?? 0);
    } catch {
      db?.close();
      return undefined;
    }
  }

  /** The tables that do not hold the same rows in both. Where a page cannot be read, it is this one's. */
  differing(): string[] {
    return catalogTables.filter((table) => {
      try {
        return !this.#isEqual(table);
      } catch {
        return true;
      }
    });
  }

  close(): void {
    this.#db.close();
  }

  /** As many rows here as there, each of which has its like: keys are unique, so that no row is the like of two. */
  #isEqual(table: string): boolean {
    const columns = this.#db.pragma(`other.table_info(${table})`) as { name: string; pk: number }[];
    const like = columns.map(({ name, pk }) => `here.${name} ${pk > 0 ? '=' : 'IS'} there.${name}`).join(' AND ');
    const counts = `SELECT (SELECT count(*) FROM main.${table}), (SELECT count(*) FROM other.${table}),
      (SELECT count(*) FROM main.${table} AS here JOIN other.${table} AS there ON ${like})`;
    const [here, there, both] = this.#db.prepare(counts).raw().get() as [number, number, number];
    return here === there && both === here;
  }
}
