import type { Folding } from '../../src/catalog/catalog.ts';
import { CatalogFold } from '../../src/catalog/fold.ts';
import { sequencedEntries } from '../../src/ledger/open.ts';
import type { LedgerReader } from '../../src/ledger/store.ts';

/** Folds in this thread, each batch at once: a story of the ledger need not wait for a thread to start. */
export function inlineFolding(path: string, reader: LedgerReader): Folding {
  const fold = CatalogFold.open(path);
  if (!fold) throw new Error('the catalogue was not prepared');
  return {
    follow(size) {
      fold.fold(sequencedEntries(reader, fold.size, size), size);
      fold.commit();
    },
    reached: async () => {},
    async stop() {
      fold.close();
    },
  };
}
