import { beforeEach, describe, expect, test } from 'vitest';
import { DomainError } from '../../src/domain/errors.ts';
import { Event } from '../../src/domain/events.ts';
import { limits } from '../../src/domain/limits.ts';
import { canonicalJson, digestOf } from '../../src/platform/hash.ts';
import { Policy } from '../../src/policy/decide.ts';
import { AccessRecord } from '../../src/services/access-record.ts';
import type { Asker } from '../../src/services/principals.ts';
import { silentLog } from '../helpers/test-ledger.ts';
import { ask, https, itar, packageOf, person, personId, policyFolder } from '../policy/cases.ts';

const policy = Policy.load(policyFolder);
const refusal = ask(policy, 'view', person('QA-1', ['quality'], 'unknown'), packageOf(itar), https);
const asker = (id: string): Asker => ({
  principal: { kind: 'person', id: personId(id) },
  context: { channel: 'https', encrypted: true },
});

let now = 0;
let events: Event[] = [];
let full = false;
beforeEach(() => {
  now = 1_800_000_000_000;
  events = [];
  full = false;
});

const ledger = {
  async commit(decide: (...args: never[]) => { events: readonly Event[] }) {
    if (full) throw new DomainError('storage-full', 'The disk is full.');
    // What the ledger would refuse must not be made.
    for (const event of decide().events) events.push(Event.parse(event));
    return { receipt: { index: events.length - 1 }, result: undefined } as never;
  },
};
const record = () => new AccessRecord({ ledger: ledger as never, clock: () => now, log: silentLog });
const written = () => events.map((event) => [event.type, 'repeats' in event.data ? event.data.repeats : undefined]);

describe('refusals on record', () => {
  test('the first is an event at once, with the decision; its repeats are one event when the minute is over', () => {
    const noted = record();
    for (let n = 0; n < 1_000; n++) noted.refused(asker('QA-1'), 'withdraw', ['PKG-1'], refusal);
    expect(written()).toEqual([['access.refused', 0]]);
    expect(events[0]?.data).toMatchObject({ action: 'withdraw', asked: ['PKG-1'], decision: refusal });
    now += limits.refusalRepeatMs;
    noted.flush();
    expect(written()).toEqual([
      ['access.refused', 0],
      ['access.refused', 999],
    ]);
    now += limits.refusalRepeatMs;
    noted.flush();
    expect(events).toHaveLength(2);
  });

  test('a stranger who asks for ids without end fills nothing: the count names the first of them', () => {
    const noted = record();
    for (let n = 0; n < 5_000; n++) noted.refused(asker('QA-1'), 'view', [`PKG-${n}`], n % 2 ? refusal : undefined);
    now += limits.refusalRepeatMs;
    noted.flush();
    expect(written()).toEqual([
      ['access.refused', 0],
      ['access.refused', 4_999],
    ]);
    expect(events[1]?.data).toMatchObject({ asked: expect.objectContaining({ length: limits.askedKept }) });
  });

  test('a hidden package and one that does not exist leave the same number of events', () => {
    const noted = record();
    noted.refused(asker('QA-1'), 'view', ['PKG-HIDDEN'], refusal);
    noted.refused(asker('QA-1'), 'view', ['PKG-NOWHERE'], undefined);
    noted.refused(asker('QA-2'), 'view', ['PKG-NOWHERE'], undefined);
    noted.refused(asker('QA-2'), 'view', ['PKG-HIDDEN'], refusal);
    expect(written()).toEqual([
      ['access.refused', 0],
      ['access.refused', 0],
    ]);
  });

  test('names in whatever bytes are written as one clean line', () => {
    record().refused(asker('QA-1'), 'deliver', [`\u202e\n${'x'.repeat(500)} `], undefined);
    expect(events[0]?.data).toMatchObject({ asked: [expect.stringMatching(/^\?\?x+…$/)] });
  });

  test('are counted to the end when the gateway stops', async () => {
    const noted = record();
    for (let n = 0; n < 3; n++) noted.refused(asker('QA-1'), 'withdraw', ['PKG-1'], refusal);
    await noted.close();
    expect(written()).toEqual([
      ['access.refused', 0],
      ['access.refused', 2],
    ]);
  });

  test('that cannot be written keep nothing else from going on', async () => {
    full = true;
    await expect(record().note('key', 1, [], () => events[0] as never)).resolves.toBeUndefined();
  });
});

describe('lists on record', () => {
  test('are one event with the digest of what was shown, until something else is', () => {
    const noted = record();
    noted.listed(asker('QA-1'), 'packages', ['PKG-1', 'PKG-2']);
    noted.listed(asker('QA-1'), 'packages', ['PKG-1', 'PKG-2']);
    noted.listed(asker('QA-1'), 'packages', ['PKG-1']);
    expect(events.map(({ data }) => data)).toEqual([
      ...[['PKG-1', 'PKG-2'], ['PKG-1']].map((shown) => ({
        ...{ what: 'packages', channel: 'https', shown: shown.length, repeats: 0 },
        digest: digestOf(canonicalJson(shown)),
      })),
    ]);
  });
});
