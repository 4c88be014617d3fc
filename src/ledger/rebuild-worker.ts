/** The thread in which a running gateway folds its catalogue anew, so that the floor does not wait for it. */
import { parentPort, workerData } from 'node:worker_threads';
import { type FoldedAnew, foldAnew } from '../catalog/rebuild.ts';
import { openSqliteReadOnly } from '../platform/sqlite.ts';
import { entriesAhead } from './entry-thread.ts';
import { makeLedgerReader } from './store.ts';

export type RebuildSettings = { catalog: string; ledger: string };

const { catalog, ledger } = workerData as RebuildSettings;
const db = openSqliteReadOnly(ledger);
const { size } = makeLedgerReader(db);
const folded = await foldAnew(catalog, { size, entries: (from, to) => entriesAhead(ledger, from, to) });
db.close();
parentPort?.postMessage(folded satisfies FoldedAnew);
