/** The thread that folds the ledger's file into the catalogue's, behind the sequencer and never in its way. */
import { parentPort, workerData } from 'node:worker_threads';
import { CatalogFold } from '../catalog/fold.ts';
import { limits } from '../domain/limits.ts';
import { openSqliteReadOnly } from '../platform/sqlite.ts';
import { FoldControl } from './fold-control.ts';
import { sequencedEntries } from './open.ts';
import { makeLedgerReader } from './store.ts';

export type FoldSettings = { catalog: string; ledger: string; control: FoldControl['memory'] };

const settings = workerData as FoldSettings;
const control = new FoldControl(settings.control);
const ledger = openSqliteReadOnly(settings.ledger);
const reader = makeLedgerReader(ledger);
const fold = CatalogFold.open(settings.catalog);
if (!fold) throw new Error(`${settings.catalog} was not prepared for this version`);

/** When the oldest entry that is not committed was folded. */
let dirtySince = 0;
for (;;) {
  const { signal } = control;
  foldSome(fold);
  const behind = control.wanted - fold.size;
  if (mustCommit(fold)) {
    fold.commit();
    parentPort?.postMessage(fold.committed);
  }
  if (behind >= limits.catalogRestEntries || (behind > 0 && isWaitedFor(fold.size))) continue;
  if (behind === 0 && control.isStopping) break;
  if (fold.size > fold.committed || behind > 0) control.rest(signal, limits.catalogRestMs);
  else control.sleep(signal, fold.size);
}
fold.close();
ledger.close();

function foldSome(into: CatalogFold): void {
  const to = Math.min(control.wanted, into.size + limits.catalogFoldEntries);
  if (to <= into.size) return;
  if (into.size === into.committed) dirtySince = performance.now();
  into.fold(sequencedEntries(reader, into.size, to), to);
}

/** Whether somebody waits for more than `size` entries; whoever stops it waits for all. */
function isWaitedFor(size: number): boolean {
  return (control.isStopping ? control.wanted : control.needed) > size;
}

/** A commit for each batch would write more pages than the fold itself: it comes when somebody waits, or after a while. */
function mustCommit(into: CatalogFold): boolean {
  const open = into.size - into.committed;
  if (open === 0) return false;
  if (open >= limits.catalogCommitEntries || performance.now() - dirtySince >= limits.catalogCommitMs) return true;
  return isWaitedFor(into.committed) && !isWaitedFor(into.size);
}
