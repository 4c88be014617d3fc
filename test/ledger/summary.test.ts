import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeEvent } from '../../src/domain/events.ts';
import { verifyBehind } from '../../src/ledger/start.ts';
import { loadEvent } from '../helpers/ledger-load.ts';
import { makeTestKeys, temporaryFolder } from '../helpers/test-keys.ts';
import { openTestLedger, silentLog, someEvent } from '../helpers/test-ledger.ts';

const keys = makeTestKeys();
let place: ReturnType<typeof temporaryFolder>;
const summary = () => join(place.folder, 'ledger.summary');
beforeEach(() => {
  place = temporaryFolder();
});
afterEach(() => place.remove());

const open = (options: Partial<Parameters<typeof openTestLedger>[0]> = {}) =>
  openTestLedger({ keys, folder: place.folder, ...options });
type Opened = ReturnType<typeof open>;

async function grow(at: Opened, entries: number): Promise<void> {
  const all = Array.from({ length: entries }, () =>
    at.ledger.commit(({ nextIndex }) => ({ events: [loadEvent(nextIndex)], result: 0 })),
  );
  await Promise.all(all);
  await at.ledger.commit(() => ({ events: [someEvent(at.ledger.size)], result: 0 }));
  await at.publisher.covering(at.ledger.size, 5_000);
}

/** What a clean stop leaves. */
function stop(at: Opened): void {
  if (at.publisher.latest) at.keeper.write(at.publisher.latest);
  at.close();
}

/** All that a decision can see, and where the next entry goes. */
const seen = ({ standing, ledger, opened }: Opened) => ({
  size: ledger.size,
  root: ledger.head().root.toString('hex'),
  lastTime: opened.lastTime,
  people: [...standing.people()],
  releases: [...standing.releases()],
  open: [...standing.openPackages()],
  states: [...standing.releases()].map(({ packageId }) => standing.packageState(packageId)),
  revisions: [...standing.releases()].map(({ manifest }) => standing.packageOfRevision(manifest)),
});

function startedAnew(): { summarised: number; state: ReturnType<typeof seen> } {
  const at = open();
  const answer = { summarised: at.opened.summarised, state: seen(at) };
  at.close();
  return answer;
}

const edit = (sql: string) => {
  const db = new Database(join(place.folder, 'ledger.db'));
  db.exec(`DROP TRIGGER entries_no_update; ${sql}`);
  db.close();
};

describe('a start from a summary', () => {
  it('stands where a start that looks at every entry stands, and goes on from there', async () => {
    const at = open();
    await grow(at, 700);
    stop(at);
    const fast = startedAnew();
    rmSync(summary());
    const slow = startedAnew();
    expect(fast).toEqual({ summarised: 701, state: slow.state });
    expect(slow.summarised).toBe(0);

    stop(await grownOnce());
    expect(startedAnew().state.size).toBe(701 + 301);
  });

  const grownOnce = async () => {
    const at = open();
    await grow(at, 300);
    return at;
  };

  it('takes in what came after it, also a withdrawal that an older summary put back does not know of', async () => {
    const at = open();
    await grow(at, 300);
    stop(at);
    const older = readFileSync(summary());
    const again = open();
    const [release] = [...again.standing.releases()];
    const { releaseId } = release ?? expect.fail('nothing is released');
    const issued = loadEvent(1);
    if (issued.type !== 'release.issued') expect.fail('another load');
    const { decision } = issued.data;
    const withdrawn = makeEvent('release.withdrawn', issued.actor, { releaseId, reason: 'Scrapped', decision });
    await again.ledger.commit(() => ({ events: [withdrawn], result: 0 }));
    await again.publisher.covering(again.ledger.size, 5_000);
    stop(again);
    writeFileSync(summary(), older);

    const started = open();
    expect(started.opened.summarised).toBe(301);
    expect(started.standing.release(releaseId)).toBeUndefined();
    expect(started.standing.packageState(release?.packageId ?? '')).toBe('withdrawn');
    started.close();
  });

  it('is written under load from time to time, so that a crash does not cost a scan of everything', async () => {
    const at = open();
    await grow(at, 100);
    const { latest } = at.publisher;
    if (!latest) expect.fail('no checkpoint');
    at.keeper.offer(latest);
    expect(startedAnew().summarised).toBe(0);
    at.keeper.offer({ ...latest, size: latest.size + 1_000_000 });
    // Nothing stands under a checkpoint that the ledger does not have: it is not written at all.
    expect(startedAnew().summarised).toBe(0);
    at.keeper.write(latest);
    at.close();
    expect(startedAnew().summarised).toBe(101);
  });
});

describe('a summary that does not fit costs a look at every entry and starts the same', () => {
  const spoiled: [string, (bytes: Buffer) => Buffer][] = [
    ['cut off', (bytes) => bytes.subarray(0, bytes.length - 3)],
    ['empty', () => Buffer.alloc(0)],
    ['changed in its text', (bytes) => flipped(bytes, bytes.length - 40)],
    ['changed in its seal', (bytes) => flipped(bytes, 5)],
    [
      'of another version',
      (bytes) => Buffer.from(bytes.toString('latin1').replace('summary 1', 'summary 0'), 'latin1'),
    ],
  ];
  it.each(spoiled)('%s', async (_how, spoil) => {
    const at = open();
    await grow(at, 300);
    stop(at);
    const { state } = startedAnew();
    writeFileSync(summary(), spoil(readFileSync(summary())));
    expect(startedAnew()).toEqual({ summarised: 0, state });
  });

  it('of another ledger of the same keys', async () => {
    const other = temporaryFolder();
    const there = openTestLedger({ keys, folder: other.folder, clock: () => 1_700_000_000_000 });
    await grow(there, 200);
    if (there.publisher.latest) there.keeper.write(there.publisher.latest);
    there.close();
    const at = open();
    await grow(at, 300);
    stop(at);
    writeFileSync(summary(), readFileSync(join(other.folder, 'ledger.summary')));
    other.remove();
    expect(startedAnew().summarised).toBe(0);
  });
});

describe('an entry that was changed below the summary', () => {
  const grown = async () => {
    const at = open();
    await grow(at, 300);
    stop(at);
  };
  const problem = async (): Promise<unknown> => {
    const at = open();
    expect(at.opened.summarised).toBe(301);
    const fatal: unknown[] = [];
    const onFatal = (error: unknown) => void fatal.push(error);
    const paths = { ledger: join(place.folder, 'ledger.db') };
    await verifyBehind(paths, { trust: keys.trust, log: silentLog, onFatal }, at.keeper).done;
    at.close();
    return fatal[0];
  };

  it('is refused at once where it says what is in force', async () => {
    await grown();
    edit(`UPDATE entries SET leaf = CAST(replace(CAST(leaf AS TEXT), '2027', '2026') AS BLOB) WHERE idx = 1`);
    expect(() => open()).toThrow(/not the ones that the signed checkpoint covers/);
  });

  it('is found behind the start where it does not, ends the process, and the next start refuses it', async () => {
    await grown();
    expect(await problem()).toBeUndefined();
    edit(`UPDATE entries SET leaf = CAST(replace(CAST(leaf AS TEXT), '2027', '2026') AS BLOB) WHERE idx = 7`);
    expect(await problem()).toMatchObject({ code: 'ledger-inconsistent' });
    expect(() => open()).toThrow(/not the ones that the signed checkpoint covers/);
  });

  it('is found by its body too', async () => {
    await grown();
    edit(`UPDATE entries SET body = CAST(replace(CAST(body AS TEXT), 'O4471', 'O4479') AS BLOB) WHERE idx = 8`);
    expect(await problem()).toMatchObject({ code: 'ledger-inconsistent', message: expect.stringContaining('Entry 8') });
  });
});

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
  return copy;
}
