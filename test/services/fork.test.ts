import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChangeOf } from '../../src/domain/changes.ts';
import { makeEvent } from '../../src/domain/events.ts';
import { forkProblems } from '../../src/ledger/fork-link.ts';
import { type ForkRequest, forkLedger, type OldLedger, readOldLedger } from '../../src/services/fork.ts';
import { nextChangeId, signChange } from '../helpers/changes.ts';
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
  sign: (change) => signed(change, keys.administrators),
} as const satisfies ForkRequest;

async function signed(change: ChangeOf<'person.enrol'>, administrators: typeof keys.administrators) {
  const about = { changeId: nextChangeId(), reason: 'The disk was lost.' };
  const signers = administrators.map(({ key }) => key);
  const time = new Date(1_800_000_000_000).toISOString();
  return { ...about, authorisation: await signChange(change, signers, { ...about, time }) };
}

it('people come along as far as a checkpoint covers them; packages and releases are named to be made again', () => {
  expect(old.people.map(({ person, index }) => [person.id, index])).toEqual([
    ['P-1', 51],
    ['P-2', 52],
  ]);
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
    expect(types).toEqual(['gateway.forked', 'gateway.initialised', 'person.enrolled', 'person.enrolled']);
    expect(problems(after)).toEqual([]);
    await expect(forkLedger(after.ledger, keys.trust, old, request)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('takes two administrators of the new ledger to begin it', async () => {
    const alone: ForkRequest = { ...request, sign: (change) => signed(change, keys.administrators.slice(0, 1)) };
    await expect(forkLedger(begun().ledger, keys.trust, old, alone)).rejects.toMatchObject({
      code: 'signatures-missing',
    });
  });

  it.each<[string, (good: OldLedger) => OldLedger, number[]]>([
    [
      'another index',
      (good) => ({ ...good, people: good.people.map((one) => ({ ...one, index: one.index - 1 })) }),
      [2, 3],
    ],
    [
      'another leaf',
      (good) => ({ ...good, people: good.people.map((one) => ({ ...one, leafHash: Buffer.alloc(32) })) }),
      [2, 3],
    ],
    [
      'other roles than the person had',
      (good) => ({
        ...good,
        people: good.people.map((one) =>
          one.person.id === 'P-1' ? { ...one, person: { ...one.person, roles: ['administrator'] } } : one,
        ),
      }),
      [2],
    ],
    ['another trust file', (good) => ({ ...good, trust: `sha256:${'0'.repeat(64)}` as OldLedger['trust'] }), [0]],
    [
      'a final checkpoint by other keys',
      (good) => ({ ...good, final: { ...good.final, note: good.final.note.replace('53', '52') } }),
      [0],
    ],
  ])('does not hold for %s', async (_what, change, wrong) => {
    const after = begun();
    await forkLedger(after.ledger, keys.trust, change(old), request);
    expect(problems(after)).toEqual(wrong);
  });

  it('does not hold for a ledger that began by itself', async () => {
    const after = begun();
    const { origin, digest } = keys.trust;
    const initialised = makeEvent('gateway.initialised', { kind: 'gateway' }, { origin, trust: digest });
    await after.ledger.commit(() => ({ events: [initialised], result: 0 }));
    expect(problems(after)).toEqual([0]);
  });
});
