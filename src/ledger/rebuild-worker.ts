/** The thread in which a running gateway folds its catalogue anew, so that the floor does not wait for it. */
import { parentPort, workerData } from 'node:worker_threads';
import { foldAnew } from '../catalog/rebuild.ts';
import { openSqliteReadOnly } from '../platform/sqlite.ts';
import { sequencedEntries } from './open.ts';
import { makeLedgerReader } from './store.ts';

export type RebuildSettings = { catalog: string; ledger: string };
export type Rebuilt = { entries: number; fresh: string; differing: string[] };

const settings = workerData as RebuildSettings;
const db = openSqliteReadOnly(settings.ledger);
const reader = makeLedgerReader(db);
const size = reader.size();
const folded = foldAnew(settings.catalog, { size, entries: (from, to) => sequencedEntries(reader, from, to) });
db.close();
parentPort?.postMessage({ entries: size, ...folded } satisfies Rebuilt);
