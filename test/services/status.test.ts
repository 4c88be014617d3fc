import { expect, test } from 'vitest';
import { Standing } from '../../src/catalog/standing.ts';
import type { Change } from '../../src/domain/changes.ts';
import type { GroupId, PackageId, PersonId } from '../../src/domain/ids.ts';
import { Machine } from '../../src/domain/machines.ts';
import type { Manifest } from '../../src/domain/manifest.ts';
import type { PersonFacts } from '../../src/domain/people.ts';
import { digestOf } from '../../src/platform/hash.ts';
import { Policy } from '../../src/policy/decide.ts';
import { Authority, asPerson, packageFacts } from '../../src/services/authority.ts';
import { madeChange } from '../helpers/changes.ts';
import { makePerson, makeTestKeys } from '../helpers/test-keys.ts';
import { itar, policyFolder } from '../policy/cases.ts';

const policy = Policy.load(policyFolder);
const keys = makeTestKeys();
const asker = asPerson('QA-1', { channel: 'https', encrypted: true, mfa: true });
const manifest: Manifest = {
  ...{ v: 1, part: 'A', revision: 'A', operation: '10', machineGroup: 'HAAS-VF' as GroupId, changeOrder: 'ECO-1' },
  ...{ author: 'CAM-1' as PersonId, classification: itar },
  files: [{ name: 'A.NC', role: 'main-program', digest: digestOf('A'), size: 1 }],
};
const asked = packageFacts('PKG-0000000001' as PackageId, manifest);

/** Somebody of quality with this status, who asks to see ITAR data. */
async function somebody(usPerson: PersonFacts['usPerson']) {
  const time = { now: Date.parse('2027-01-15T12:00:00.000Z') };
  const standing = new Standing();
  const authority = new Authority(policy, standing, () => time.now, { refused: () => {} });
  let index = 0;
  const apply = async (change: Change) =>
    standing.apply(await madeChange(change, { keys, index: index++, time: new Date(time.now).toISOString() }));
  const { person } = makePerson('QA-1', ['quality']);
  await apply({ kind: 'person.enrol', person: { ...person, ...(usPerson ? { usPerson } : {}) } });
  const sees = () => authority.decide('view', asker, asked).verdict === 'permit';
  return { time, apply, sees, person };
}
const passport = (expires: string, status = true) => ({ status, evidence: 'passport', expires });

test('a US-person status that nobody recorded, that says no or that has expired shows no ITAR data', async () => {
  expect((await somebody(undefined)).sees()).toBe(false);
  expect((await somebody(passport('2099-12-31', false))).sees()).toBe(false);
  expect((await somebody(passport('2027-01-14'))).sees()).toBe(false);
  expect((await somebody(passport('2027-01-15'))).sees()).toBe(true);
});

test('a US-person status holds to the last millisecond of its day', async () => {
  const { time, sees } = await somebody(passport('2027-01-20'));
  time.now = Date.parse('2027-01-20T23:59:59.999Z');
  expect(sees()).toBe(true);
  time.now++;
  expect(sees()).toBe(false);
});

test('a US-person status that is taken back holds no more for the next question', async () => {
  const { apply, sees, person } = await somebody(passport('2099-12-31'));
  expect(sees()).toBe(true);
  await apply({ kind: 'person.change', person: person.id, facts: { name: 'Q', roles: ['quality'] } });
  expect(sees()).toBe(false);
});

test('a machine of unknown country cannot be registered, so that nothing is sent to one', () => {
  const machine = {
    ...{ id: 'MILL-1', groups: ['HAAS-VF'], make: 'Haas', model: 'VF-2', control: 'NGC', cell: 'C3' },
    ...{ country: 'US', channel: 'sftp', sshKeys: ['ssh-ed25519 AAAA'], jurisdictions: ['ITAR'] },
  };
  expect(Machine.safeParse(machine).success).toBe(true);
  for (const country of [undefined, null, '', 'XX', 'us', 'unknown'])
    expect([country, Machine.safeParse({ ...machine, country }).success]).toEqual([country, false]);
});
