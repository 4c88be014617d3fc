import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sequencedEntry } from '../../src/ledger/open.ts';
import type { LedgerStore } from '../../src/ledger/store.ts';
import { verifyLedgerFile } from '../../src/ledger/verify.ts';
import { loadEvent } from '../helpers/ledger-load.ts';
import { makeTestKeys, temporaryFolder } from '../helpers/test-keys.ts';
import { openTestLedger } from '../helpers/test-ledger.ts';

const keys = makeTestKeys();
let place: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  place = temporaryFolder();
});
afterEach(() => place.remove());

type Write = 'append' | 'addCheckpoint';
type Failure = 'failed' | 'failed but persisted';

/** The `nth` write of its kind fails, and so does every one after it: a disk that broke stays broken. */
function breaking(store: LedgerStore, write: Write, nth: number, failure: Failure): LedgerStore {
  const made = { append: 0, addCheckpoint: 0 };
  const run = (kind: Write, go: () => void) => {
    made[kind] += 1;
    const fails = made[write] >= nth;
    if (fails && !(failure === 'failed but persisted' && kind === write && made[kind] === nth)) throw new Error('EIO');
    go();
    if (fails) throw new Error('EIO');
  };
  return {
    ...store,
    append: (batch) => run('append', () => store.append(batch)),
    addCheckpoint: (checkpoint) => run('addCheckpoint', () => store.addCheckpoint(checkpoint)),
  };
}

const batches = 5;
const entriesOfBatch = 60;

/** Commits batch after batch, each under a checkpoint where one comes, until the disk breaks; returns what was acknowledged. */
async function workUntilBroken(write: Write, nth: number, failure: Failure): Promise<number[]> {
  let time = 1_800_000_000_000;
  const at = openTestLedger({
    keys,
    folder: place.folder,
    clock: () => time++,
    wrapStore: (store) => breaking(store, write, nth, failure),
  });
  const acknowledged: number[] = [];
  for (let batch = 0; batch < batches; batch++) {
    const commits = Array.from({ length: entriesOfBatch }, () =>
      at.ledger.commit(({ nextIndex }) => ({ events: [loadEvent(nextIndex)], result: nextIndex })),
    );
    for (const settled of await Promise.allSettled(commits)) {
      if (settled.status === 'fulfilled') acknowledged.push(settled.value.receipt.index);
      else expect(settled.reason).toMatchObject({ code: 'ledger-unavailable' });
    }
    await Promise.race([at.publisher.covering(at.ledger.size, 5_000).catch(() => {}), at.broken]);
  }
  at.close();
  return acknowledged;
}

const table = (['append', 'addCheckpoint'] as const).flatMap((write) =>
  (['failed', 'failed but persisted'] as const).flatMap((failure) =>
    Array.from({ length: batches }, (_, n) => [write, n + 1, failure] as const),
  ),
);

describe('after a reload', () => {
  it.each(table)('with %s number %i %s, nothing acknowledged is missing and all of it verifies', async (...broken) => {
    const [write, nth] = broken;
    const acknowledged = await workUntilBroken(...broken);
    if (write === 'append') expect(acknowledged.length).toBe((nth - 1) * entriesOfBatch);

    const again = openTestLedger({ keys, folder: place.folder, clock: () => 1_900_000_000_000 });
    for (const index of acknowledged) expect(sequencedEntry(again.reader.entry(index)).event).toEqual(loadEvent(index));
    // The catalogue holds what the ledger holds, no more and no less, whichever of the two was written first.
    const started = (await again.catalog.current()).prepare('SELECT count(*) FROM deliveries').pluck().get();
    const inLedger = [...again.reader.leaves(0, again.ledger.size)].filter((leaf) => leaf.includes('delivery.started'));
    expect(started).toBe(inLedger.length);

    const before = again.ledger.size;
    await again.ledger.commit(({ nextIndex }) => ({ events: [loadEvent(nextIndex)], result: nextIndex }));
    expect(again.ledger.size).toBe(before + 1);
    await again.publisher.covering(again.ledger.size, 5_000);
    again.close();
    const report = verifyLedgerFile(join(place.folder, 'ledger.db'), keys.trust);
    expect(report).toMatchObject({ entries: before + 1, covered: before + 1, problems: [] });
  });
});
