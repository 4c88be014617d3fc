import { existsSync, renameSync, rmSync } from 'node:fs';
import type { Sequenced } from '../domain/events.ts';
import { type CatalogState, catalogState } from './catalog.ts';
import { CatalogFold, foldTo } from './fold.ts';

type Ledger = { size: number; entries(from: number, to: number): Iterable<Sequenced> };

const companions = (path: string) => [path, `${path}-wal`, `${path}-shm`];

/**
 * Folds the ledger into a new file beside `path`, and says in which tables the stored catalogue differs from it, as far
 * as that was folded. One that cannot be read, or is ahead of the ledger, differs everywhere.
 */
export function foldAnew(path: string, ledger: Ledger): { fresh: string; differing: string[] } {
  const fresh = `${path}.fresh`;
  discardFresh(fresh);
  const stored = existsSync(path) ? storedState(path) : undefined;
  const compared = stored && stored.size <= ledger.size ? stored.size : ledger.size;
  foldInto(fresh, ledger.entries, compared);
  const wanted = [...catalogState(fresh).digests];
  if (compared < ledger.size) foldInto(fresh, ledger.entries, ledger.size);
  return {
    fresh,
    differing: wanted.filter(([table, digest]) => stored?.digests.get(table) !== digest).map(([table]) => table),
  };
}

function foldInto(path: string, entries: Ledger['entries'], to: number): void {
  const fold = CatalogFold.open(path);
  if (!fold) throw new Error(`${path} was just made by this version`);
  try {
    foldTo(fold, to, entries);
  } finally {
    fold.close();
  }
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

/**
 * Leaves a file at `path` that folding can go on with: one of another version, ahead of the ledger or broken is thrown
 * away. Nobody may have it open.
 */
export function prepareCatalog(path: string, ledgerSize: number): void {
  const stored = tryOpen(path);
  const isUsable = stored !== undefined && stored.size <= ledgerSize;
  stored?.close();
  if (isUsable) return;
  for (const file of companions(path)) rmSync(file, { force: true });
  CatalogFold.open(path)?.close();
}

function tryOpen(path: string): CatalogFold | undefined {
  try {
    return CatalogFold.open(path);
  } catch {
    return undefined;
  }
}
