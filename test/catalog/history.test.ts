import { afterAll, expect, it } from 'vitest';
import { historyOf } from '../../src/catalog/queries/history.ts';
import type { Event } from '../../src/domain/events.ts';
import { loadEvent } from '../helpers/ledger-load.ts';
import { makeTestKeys, temporaryFolder } from '../helpers/test-keys.ts';
import { openTestLedger } from '../helpers/test-ledger.ts';

const place = temporaryFolder();
afterAll(() => place.remove());

/** Whatever an entry names, said by reading the entries themselves. */
const named = (events: readonly Event[], id: string) =>
  events.flatMap((event, index) => (JSON.stringify(event).includes(`"${id}"`) ? [index] : []));

it('the history of an id is every entry that names it, whichever table of the catalogue finds it', async () => {
  const at = openTestLedger({ keys: makeTestKeys(), folder: place.folder });
  const events = Array.from({ length: 220 }, (_, number) => loadEvent(number));
  await at.ledger.commit(() => ({ events, result: undefined }));
  const db = await at.catalog.current();
  const ids = new Set(
    events.flatMap(
      (event) => JSON.stringify(event).match(/(DLV|REL|PKG|DEP|RUN)-[0-9A-Z]{10}|HAAS-VF-\d+|OP-11/g) ?? [],
    ),
  );
  expect(ids.size).toBeGreaterThan(100);
  for (const id of ids) expect(historyOf(db, id, 500), id).toEqual(named(events, id));
  expect(historyOf(db, 'HAAS-VF-4', 2)).toEqual(named(events, 'HAAS-VF-4').slice(0, 2));
  at.close();
});
