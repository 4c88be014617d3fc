import { createHash } from 'node:crypto';
import { catalogTables } from '../../src/catalog/schema.ts';
import { openSqliteReadOnly } from '../../src/platform/sqlite.ts';

/** What a catalogue file holds: how far it was folded, and a digest over each table's rows in key order. */
export function catalogState(path: string): { size: number; digests: ReadonlyMap<string, string> } {
  const db = openSqliteReadOnly(path);
  try {
    const size = db.prepare('SELECT size FROM progress').pluck().get() as number | undefined;
    const digestOf = (table: string) => {
      const columns = db.pragma(`table_info(${table})`) as { name: string; pk: number }[];
      const keys = columns.filter(({ pk }) => pk > 0).map(({ name }) => name);
      const rows = db
        .prepare(`SELECT * FROM ${table} ORDER BY ${keys.join(', ')}`)
        .raw()
        .all();
      return createHash('sha256').update(JSON.stringify(rows)).digest('hex');
    };
    return { size: size ?? 0, digests: new Map(catalogTables.map((table) => [table, digestOf(table)])) };
  } finally {
    db.close();
  }
}
