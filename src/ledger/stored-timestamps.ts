import type { X509Certificate } from 'node:crypto';
import { DomainError } from '../domain/errors.ts';
import { decodeLeaf } from '../domain/leaf.ts';
import { limits } from '../domain/limits.ts';
import { digestOf } from '../platform/hash.ts';
import { type Timestamp, verifyTimestamp } from '../signing/timestamp-token.ts';
import type { LedgerReader, StoredTimestamp } from './store.ts';
import type { LedgerProblem } from './verify.ts';

type Reader = Pick<LedgerReader, 'timestamps' | 'checkpoint' | 'leaves'>;
type Judge = { authoritiesAt(timeMs: number): readonly X509Certificate[]; latestMs: number };
export type OpenedTimestamp = Timestamp & { size: number; note: string; response: Buffer };

/**
 * A stored timestamp, once it holds over the note of its checkpoint and was made after the newest entry under it. Says
 * nothing about the note, whose signatures whoever asks has checked. Throws `not-verified`.
 */
export function openStoredTimestamp(
  reader: Reader,
  { size, response }: StoredTimestamp,
  judge: Judge,
): OpenedTimestamp {
  const note = reader.checkpoint(size)?.note;
  const [newest] = reader.leaves(size - 1, size);
  if (note === undefined || !newest)
    throw new DomainError('not-verified', `The timestamp over ${size} entries has no checkpoint.`);
  const earliestMs = Date.parse(decodeLeaf(newest).time) - limits.timestampClockMs;
  return { size, note, response, ...verifyTimestamp(response, { ...judge, digest: digestOf(note), earliestMs }) };
}

/** Looks at every stored timestamp: those that hold, newest first, and what is wrong with the others. */
export function checkStoredTimestamps(
  reader: Reader,
  judge: Judge,
): { good: OpenedTimestamp[]; problems: LedgerProblem[] } {
  const good: OpenedTimestamp[] = [];
  const problems: LedgerProblem[] = [];
  for (const stored of reader.timestamps()) {
    try {
      good.push(openStoredTimestamp(reader, stored, judge));
    } catch (error) {
      const message = `The timestamp over ${stored.size} entries: ${(error as Error).message}`;
      problems.push({ kind: 'bad-signature', index: stored.size, message });
    }
  }
  return { good, problems };
}

/** The oldest timestamp over a tree that entry `index` is in; undefined where there is none yet. Throws `not-verified`. */
export function firstStampOver(reader: Reader, index: number, judge: Judge): OpenedTimestamp | undefined {
  let oldest: StoredTimestamp | undefined;
  for (const stored of reader.timestamps()) {
    if (stored.size <= index) break;
    oldest = stored;
  }
  return oldest && openStoredTimestamp(reader, oldest, judge);
}
