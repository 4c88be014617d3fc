import { decodeLeaf } from '../domain/leaf.ts';
import type { LedgerReader } from './store.ts';

type Reader = Pick<LedgerReader, 'size' | 'leaves'>;

/** The entries of a day (UTC), both included; an empty range where there are none. Times only grow, so that it is a search by halves. */
export function entriesOfDay(reader: Reader, day: string): { from: number; to: number } {
  const from = firstSince(reader, `${day}T00:00:00.000Z`);
  return { from, to: firstSince(reader, `${day}T24`) - 1 };
}

/** The first entry that is not before `time`. A clock that was set back by a little moves the border by as little. */
export function firstSince(reader: Reader, time: string): number {
  let [low, high] = [0, reader.size()];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [leaf] = reader.leaves(middle, middle + 1);
    if (leaf && decodeLeaf(leaf).time < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
