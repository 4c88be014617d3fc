import { existsSync } from 'node:fs';
import { DomainError } from '../../domain/errors.ts';
import { openSqlite } from '../../platform/sqlite.ts';

/** The newest checkpoint that this witness cosigned of a log: `note` as the log signed it, `root` of 32 bytes. */
export type SeenTree = { size: number; root: Buffer; note: string };

/** What a witness must never forget. */
export interface WitnessState {
  latest(origin: string): SeenTree | undefined;
  /**
   * Replaces the tree of `oldSize` (0: none yet) by this one, on stable storage when it returns. False, and nothing has
   * changed, where the stored size is another. Any error is final for this handle.
   */
  advance(origin: string, oldSize: number, tree: SeenTree): boolean;
  close(): void;
}

const migrations = [
  {
    id: 1,
    sql: `
  CREATE TABLE logs (
    origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL CHECK (length(root) = 32), note TEXT NOT NULL
  ) STRICT;
  CREATE TRIGGER logs_no_delete BEFORE DELETE ON logs BEGIN SELECT RAISE(ABORT, 'a witness does not forget'); END;
  CREATE TRIGGER logs_only_grow BEFORE UPDATE ON logs
    WHEN NEW.origin <> OLD.origin OR NEW.size < OLD.size OR (NEW.size = OLD.size AND NEW.root <> OLD.root)
    BEGIN SELECT RAISE(ABORT, 'a witness does not go back'); END;`,
  },
] as const;

/** Throws `conflict` where a witness' memory already is. */
export function createWitnessState(path: string): void {
  if (existsSync(path)) throw new DomainError('conflict', `${path} is already there: this witness is initialised.`);
  openSqlite(path, { synchronous: 'FULL', migrations }).close();
}

/** A memory that is not there is refused, not made anew: a witness that forgot would cosign a second history. */
export function openWitnessState(path: string): WitnessState {
  if (!existsSync(path)) {
    throw new DomainError(
      'config-invalid',
      `${path}: there is no witness; run "keyway witness init" once, or bring its memory back from a backup.`,
    );
  }
  const db = openSqlite(path, { synchronous: 'FULL', migrations });
  const one = db.prepare('SELECT size, root, note FROM logs WHERE origin = ?');
  // The guard is in the statement: between reading the old size and writing the new one nobody can stand.
  const first = db.prepare(
    'INSERT INTO logs (origin, size, root, note) VALUES (?, ?, ?, ?) ON CONFLICT (origin) DO NOTHING',
  );
  const grow = db.prepare('UPDATE logs SET size = ?, root = ?, note = ? WHERE origin = ? AND size = ?');
  const advance = db.transaction((origin: string, oldSize: number, { size, root, note }: SeenTree): boolean => {
    if (grow.run(size, root, note, origin, oldSize).changes === 1) return true;
    return oldSize === 0 && first.run(origin, size, root, note).changes === 1;
  });
  return {
    latest: (origin) => one.get(origin) as SeenTree | undefined,
    // A crash inside leaves the old tree; after it, a tree whose cosignature may never have left, and is given again.
    advance: (origin, oldSize, tree) => advance.immediate(origin, oldSize, tree),
    close: () => void db.close(),
  };
}
