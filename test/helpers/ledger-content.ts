import Database from 'better-sqlite3';
import { makeLedgerReader } from '../../src/ledger/store.ts';

/** Reads a ledger file beside whoever writes it. */
export function openLedgerReader(path: string) {
  const db = new Database(path, { readonly: true });
  return { ...makeLedgerReader(db), close: () => void db.close() };
}

/** Every row of every table, and the schema. Throws what SQLite says of a damaged file. */
export function rowsOf(path: string): Map<string, unknown[][]> {
  const db = new Database(path, { readonly: true });
  try {
    const tables = ['sqlite_master', 'migrations', 'entries', 'tiles', 'batches', 'checkpoints'];
    return new Map(tables.map((table) => [table, db.prepare(`SELECT * FROM ${table}`).raw().all() as unknown[][]]));
  } finally {
    db.close();
  }
}
