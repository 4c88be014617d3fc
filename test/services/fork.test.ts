import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeEvent } from '../../src/domain/events.ts';
import { forkProblems } from '../../src/ledger/fork-link.ts';
import { forkLedger, type OldLedger, readOldLedger } from '../../src/services/fork.ts';
import { loadEvent } from '../helpers/ledger-load.ts';
import { makeTestKeys, temporaryFolder } from '../helpers/test-keys.ts';
import { openTestLedger, someEvent } from '../helpers/test-ledger.ts';

const keys = makeTestKeys();
const places: ReturnType<typeof temporaryFolder>[] = [];
const ledgers: ReturnType<typeof openTestLedger>[] = [];
const begun = () => {
  const place = temporaryFolder();
  const at = openTestLedger({ keys, folder: place.folder });
  places.push(place);
  ledgers.push(at);
  return at;
};
afterEach(() => {
  for (const at of ledgers.splice(0)) at.close();
  for (const place of places.splice(0)) place.remove();
});

let before: ReturnType<typeof begun>;
let old: OldLedger;
beforeEach(async () => {
  before = begun();
  const open = loadEvent(200);
  const events = [...Array.from({ length: 50 }, (_, n) => loadEvent(n)), open, someEvent(1), someEvent(2)];
  await before.ledger.commit(() => ({ events, result: 0 }));
  await before.publisher.covering(before.ledger.size, 5_000);
  const { latest } = before.publisher;
  // What no checkpoint covers proves nothing, so that it does not come along.
  await before.ledger.commit(() => ({ events: [someEvent(3)], result: 0 }));
  old = readOldLedger(before.reader, keys.trust, latest ?? expect.fail('no checkpoint'));
});

const request = {
  actor: { kind: 'local', account: 'keyway' },
  by: 'QA-1',
  reason: 'The disk was lost',
  unreached: 'a checkpoint',
} as const;

it('people, packages and releases are named to be made again, as far as a checkpoint covers them', () => {
  expect(old.people).toEqual(['P-1', 'P-2']);
  expect(old.released).toMatchObject([{ part: 'BRKT-0', releaseId: 'REL-0000000000' }]);
  expect(old.open).toMatchObject([{ part: 'BRKT-2', packageId: 'PKG-0000000002' }]);
});

it('machines are named with what they last read to its end, and with nothing else', () => {
  const machines = [...new Set(old.held.map(({ machine }) => machine))];
  // Every second event of the load is a delivery, to a machine by its number; each ended but the last.
  expect(machines).toHaveLength(20);
  expect(old.held.every(({ releaseId, file }) => releaseId === 'REL-0000000000' && file === 'O4471.NC')).toBe(true);
});

describe('the link to the old ledger', () => {
  const problems = (at: ReturnType<typeof begun>) =>
    forkProblems(at.reader, { reader: before.reader, trust: keys.trust }).map(({ index }) => index);

  it('holds for what the fork recorded, in its first entries', async () => {
    const after = begun();
    await forkLedger(after.ledger, keys.trust, old, request);
    const types = [...after.reader.leaves(0, 9)].map((leaf) => JSON.parse(leaf.toString()).type);
    expect(types).toEqual(['gateway.forked', 'gateway.initialised']);
    expect(problems(after)).toEqual([]);
    await expect(forkLedger(after.ledger, keys.trust, old, request)).rejects.toMatchObject({ code: 'conflict' });
  });

  it.each<[string, (good: OldLedger) => OldLedger]>([
    ['another trust file', (good) => ({ ...good, trust: `sha256:${'0'.repeat(64)}` as OldLedger['trust'] })],
    [
      'a final checkpoint by other keys',
      (good) => ({ ...good, final: { ...good.final, note: good.final.note.replace('53', '52') } }),
    ],
  ])('does not hold for %s', async (_what, change) => {
    const after = begun();
    await forkLedger(after.ledger, keys.trust, change(old), request);
    expect(problems(after)).toEqual([0]);
  });

  it('does not hold for a ledger that began by itself', async () => {
    const after = begun();
    const { origin, digest } = keys.trust;
    const initialised = makeEvent('gateway.initialised', { kind: 'gateway' }, { origin, trust: digest });
    await after.ledger.commit(() => ({ events: [initialised], result: 0 }));
    expect(problems(after)).toEqual([0]);
  });
});
