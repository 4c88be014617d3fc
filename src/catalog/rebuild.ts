import { renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Sequenced } from '../domain/events.ts';
import { fsyncFolder } from '../platform/durable-file.ts';
import { CatalogFold } from './fold.ts';
import { catalogTables } from './schema.ts';
import { StoredCatalog } from './stored-catalog.ts';

/** `size`: now. `entries`: all from `from` up to `to`, in order, some at a time. */
type Ledger = { size(): number; entries(from: number, to: number): AsyncIterable<readonly Sequenced[]> };

const companions = (path: string) => [path, `${path}-wal`, `${path}-shm`];

/** `entries` of the ledger are folded into the file `fresh`. */
export type FoldedAnew = { entries: number; fresh: string; differing: string[] };

/**
 * Folds the ledger into a new file beside `path`, and says in which tables the stored catalogue differs from it, as far
 * as that was folded. One that cannot be read, or is ahead of the ledger, differs everywhere.
 */
export async function foldAnew(path: string, ledger: Ledger): Promise<FoldedAnew> {
  const fresh = `${path}.fresh`;
  discardFresh(fresh);
  const fold = CatalogFold.create(fresh);
  const stored = StoredCatalog.open(path, fresh);
  try {
    // A gateway may go on meanwhile: asked for in this order, an honest catalogue is never ahead.
    const entries = ledger.size();
    const isBehind = stored !== undefined && stored.size <= entries;
    if (isBehind) await foldTo(fold, stored.size, ledger);
    const differing = isBehind ? stored.differing() : [...catalogTables];
    stored?.close();
    await foldTo(fold, entries, ledger);
    fold.keep();
    return { entries, fresh, differing };
  } catch (error) {
    stored?.close();
    fold.close();
    discardFresh(fresh);
    throw error;
  }
}

async function foldTo(fold: CatalogFold, to: number, ledger: Ledger): Promise<void> {
  if (fold.size >= to) return;
  for await (const some of ledger.entries(fold.size, to)) fold.fold(some, fold.size + some.length);
  if (fold.size !== to) throw new Error(`entry ${fold.size} is missing from the ledger`);
  fold.commit();
}

/** Puts the fresh fold in place. Nobody may have either file open; a crash in between leaves one of the two whole. */
export function replaceCatalog(path: string, fresh: string): void {
  for (const file of companions(path)) rmSync(file, { force: true });
  renameSync(fresh, path);
  fsyncFolder(dirname(path));
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
