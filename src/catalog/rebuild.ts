import { existsSync, renameSync, rmSync } from 'node:fs';
import type { Sequenced } from '../domain/events.ts';
import { Catalog, type CatalogState, catalogState } from './catalog.ts';

const companions = (path: string) => [path, `${path}-wal`, `${path}-shm`];

/**
 * Folds the ledger into a new file beside `path`, and says in which tables the stored catalogue differs from it, as far
 * as that was folded. One that cannot be read, or is ahead of the ledger, differs everywhere.
 */
export function foldAnew(
  path: string,
  ledger: { size: number; entries(from: number, to: number): Iterable<Sequenced> },
): { fresh: string; differing: string[] } {
  const fresh = `${path}.fresh`;
  discardFresh(fresh);
  const stored = existsSync(path) ? storedState(path) : undefined;
  const compared = stored && stored.size <= ledger.size ? stored.size : ledger.size;
  foldInto(fresh, ledger.entries(0, compared), compared);
  const wanted = [...catalogState(fresh).digests];
  if (compared < ledger.size) foldInto(fresh, ledger.entries(compared, ledger.size), ledger.size);
  return {
    fresh,
    differing: wanted.filter(([table, digest]) => stored?.digests.get(table) !== digest).map(([table]) => table),
  };
}

function foldInto(path: string, entries: Iterable<Sequenced>, to: number): void {
  const catalog = Catalog.open(path);
  catalog.catchUp(entries, to);
  catalog.close();
}

function storedState(path: string): CatalogState | undefined {
  try {
    return catalogState(path);
  } catch {
    return undefined;
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
