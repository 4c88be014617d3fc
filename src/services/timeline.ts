import type { Catalog } from '../catalog/catalog.ts';
import type { Sequenced } from '../domain/events.ts';
import { principalName } from '../domain/people.ts';
import { describe } from '../evidence/describe.ts';
import { sequencedEntry } from '../ledger/open.ts';
import type { LedgerReader } from '../ledger/store.ts';
import type { Sqlite } from '../platform/sqlite.ts';
import { type EntrySight, subjectReader } from './entry-sight.ts';
import type { Asker } from './principals.ts';

type TimelineParts = {
  catalog: Pick<Catalog, 'current'>;
  reader: Pick<LedgerReader, 'entry'>;
  sight: Pick<EntrySight, 'maySeeSubject'>;
};

export type TimelineRow = { index: number; time: string; type: string; who: string; sentence: string };

/** What the ledger says about something, in sentences: each row names the entry that it stands for, which has the proof. */
export class Timeline {
  readonly #parts: TimelineParts;

  constructor(parts: TimelineParts) {
    this.#parts = parts;
  }

  /** Of these entries the newest `rows` that the asker may see, the oldest first. */
  async of(asker: Asker, indices: Iterable<number>, rows: number): Promise<TimelineRow[]> {
    const db = await this.#parts.catalog.current();
    return this.#newest(db, asker, [...new Set(indices)], rows).map(timelineRow);
  }

  #newest(db: Sqlite, asker: Asker, indices: number[], rows: number): Sequenced[] {
    const newest: Sequenced[] = [];
    const subjectOf = subjectReader(db);
    for (const index of indices.sort((a, b) => b - a)) {
      if (newest.length === rows) break;
      const entry = this.#parts.reader.entry(index);
      const read = entry && sequencedEntry(entry);
      if (read && this.#parts.sight.maySeeSubject(asker, subjectOf(read.event))) newest.push(read);
    }
    return newest.reverse();
  }
}

const timelineRow = ({ index, time, event }: Sequenced): TimelineRow => ({
  ...{ index, time, type: event.type, who: principalName(event.actor), sentence: describe(event) },
});
