import { decodeLeaf } from '../domain/leaf.ts';
import type { LedgerReader } from './store.ts';

/** When the last of so many entries was written, as far as it is there: whatever signs them all does so later. */
export const lastEntryMs =
  (reader: Pick<LedgerReader, 'leaves'>) =>
  (size: number): number | undefined => {
    const [last] = reader.leaves(size - 1, size);
    return last && Date.parse(decodeLeaf(last).time);
  };
