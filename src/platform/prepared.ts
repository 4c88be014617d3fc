import type { Statement } from 'better-sqlite3';
import { limits } from '../domain/limits.ts';
import type { Sqlite } from './sqlite.ts';

type Compiled = Map<string, Statement<unknown[]>>;
const rowsOf = new WeakMap<Sqlite, Compiled>();
const valuesOf = new WeakMap<Sqlite, Compiled>();

/**
 * The statement of this text, compiled once for a connection: compiling takes longer than most queries do. Texts are ours, never
 * a stranger's. The statements used last are kept; a connection that is closed takes its own along.
 */
export const prepared = (db: Sqlite, sql: string): Statement<unknown[]> =>
  remembered(rowsOf, db, sql, () => db.prepare(sql));

/** As `prepared`, for the first column alone. */
export const plucked = (db: Sqlite, sql: string): Statement<unknown[]> =>
  remembered(valuesOf, db, sql, () => db.prepare<unknown[]>(sql).pluck());

function remembered(
  all: WeakMap<Sqlite, Compiled>,
  db: Sqlite,
  sql: string,
  compile: () => Statement<unknown[]>,
): Statement<unknown[]> {
  const of = all.get(db) ?? new Map<string, Statement<unknown[]>>();
  all.set(db, of);
  const found = of.get(sql) ?? compile();
  of.delete(sql);
  of.set(sql, found);
  if (of.size > limits.sqliteStatements) of.delete(of.keys().next().value ?? sql);
  return found;
}
