import { existsSync, renameSync, rmSync } from 'node:fs';
import type { Sequenced } from '../domain/events.ts';
import { Catalog, catalogDigests } from './catalog.ts';

const companions = (path: string) => [path, `${path}-wal`, `${path}-shm`];

/** Folds the whole ledger into a new file beside `path` and says in which tables the stored one differs from it. */
export function foldAnew(
  path: string,
  entries: Iterable<Sequenced>,
  size: number,
): { fresh: string; differing: string[] } {
  const fresh = `${path}.fresh`;
  for (const file of companions(fresh)) rmSync(file, { force: true });
  const catalog = Catalog.open(fresh);
  catalog.catchUp(entries, size);
  catalog.close();
  const wanted = catalogDigests(fresh);
  const stored = existsSync(path) ? storedDigests(path) : new Map<string, string>();
  return {
    fresh,
    differing: [...wanted].filter(([table, digest]) => stored.get(table) !== digest).map(([table]) => table),
  };
}

/** A file that is no database, or lacks a table, differs everywhere. */
function storedDigests(path: string): Map<string, string> {
  try {
    return catalogDigests(path);
  } catch {
    return new Map();
  }
}

/** Puts the fresh fold in place. Nobody may have either file open; a crash in between leaves one of the two whole. */
export function replaceCatalog(path: string, fresh: string): void {
  for (const file of companions(path)) rmSync(file, { force: true });
  renameSync(fresh, path);
}

export function discardFresh(fresh: string): void {
  for (const file of companions(fresh)) rmSync(file, { force: true });
}

/** Opens the catalogue and lets it catch up; one of another version, ahead of the ledger or broken is folded anew. */
export function openCatalog(
  path: string,
  ledger: { size: number; entries(from: number): Iterable<Sequenced> },
): Catalog {
  const usable = tryOpen(path);
  const applied = usable?.appliedSize;
  if (usable && applied !== undefined && applied <= ledger.size) {
    usable.catchUp(ledger.entries(applied), ledger.size);
    return usable;
  }
  usable?.close();
  for (const file of companions(path)) rmSync(file, { force: true });
  const catalog = Catalog.open(path);
  catalog.catchUp(ledger.entries(0), ledger.size);
  return catalog;
}

function tryOpen(path: string): Catalog | undefined {
  try {
    return Catalog.open(path);
  } catch {
    return undefined;
  }
}
