import { on } from 'node:events';
import { Worker } from 'node:worker_threads';
import { DomainError } from '../domain/errors.ts';
import type { Event, Sequenced } from '../domain/events.ts';
import { limits } from '../domain/limits.ts';
import type { EntryPiece, EntrySettings } from './entry-worker.ts';

/**
 * The entries of a ledger file from `from` up to `to`, read and verified by a thread that is a little ahead of whoever
 * takes them: each body is what its leaf commits to, in canonical form and as today's schemas allow. Throws `not-verified`
 * for one that is not, or is missing.
 */
export async function* entriesAhead(path: string, from: number, to: number): AsyncGenerator<Sequenced[]> {
  const workerData: EntrySettings = { path, from, to };
  const worker = new Worker(new URL('./entry-worker.ts', import.meta.url), { workerData });
  const ask = () => worker.postMessage('next');
  try {
    for (let asked = 0; asked < limits.piecesAhead; asked += 1) ask();
    for await (const [piece] of on(worker, 'message', { close: ['exit'] }) as AsyncIterable<[EntryPiece]>) {
      ask();
      yield sequenced(piece);
    }
  } finally {
    await worker.terminate();
  }
}

function sequenced(piece: EntryPiece): Sequenced[] {
  if ('refused' in piece) throw new DomainError('not-verified', piece.refused);
  // The other thread had them from their schemas.
  const events = JSON.parse(piece.events) as Event[];
  return events.map((event, n) => ({ index: piece.from + n, time: piece.times[n] ?? '', event }));
}
