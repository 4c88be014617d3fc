/** The thread that reads and verifies entries for another one, a piece each time that it is asked for the next. */
import { parentPort, workerData } from 'node:worker_threads';
import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { openSqliteReadOnly } from '../platform/sqlite.ts';
import { sequencedEntry, sequencedText } from './open.ts';
import { makeLedgerReader } from './store.ts';

export type EntrySettings = { path: string; from: number; to: number };
/** `events`: a JSON array, since a text crosses over in a fraction of the time that objects take. */
export type EntryPiece = { from: number; times: string[]; events: string } | { refused: string };

const { path, from, to } = workerData as EntrySettings;
const db = openSqliteReadOnly(path);
const reader = makeLedgerReader(db);
let next = from;
parentPort?.on('message', () => {
  if (next >= to) return void parentPort?.close();
  const end = Math.min(to, next + limits.entriesPerPiece);
  parentPort?.postMessage(pieceOf(next, end));
  next = end;
});

function pieceOf(start: number, end: number): EntryPiece {
  try {
    const [times, bodies]: [string[], string[]] = [[], []];
    for (const text of reader.texts(start, end)) {
      if (text.index !== start + times.length) break;
      const plain = sequencedText(text);
      const { time, event } = plain ?? sequencedEntry(reader.entry(text.index));
      times.push(time);
      bodies.push(plain ? text.body : JSON.stringify(event));
    }
    if (start + times.length < end) return { refused: `Ledger entry ${start + times.length} is missing.` };
    return { from: start, times, events: `[${bodies.join(',')}]` };
  } catch (error) {
    if (error instanceof DomainError) return { refused: error.message };
    throw error;
  }
}
