import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Change } from '../../src/domain/changes.ts';
import type { Classification } from '../../src/domain/classification.ts';
import { type Event, makeEvent } from '../../src/domain/events.ts';
import type { DepositId, GroupId, MachineId, PackageId, PersonId } from '../../src/domain/ids.ts';
import type { Machine } from '../../src/domain/machines.ts';
import type { Manifest } from '../../src/domain/manifest.ts';
import { digestOf } from '../../src/platform/hash.ts';
import { Policy } from '../../src/policy/decide.ts';
import { objections } from '../../src/services/admission.ts';
import { Alarms } from '../../src/services/alarms.ts';
import { Authority, packageFacts } from '../../src/services/authority.ts';
import { ChangeService } from '../../src/services/changes.ts';
import { expiries, expiryAlarms } from '../../src/services/expiries.ts';
import type { Asker } from '../../src/services/principals.ts';
import { machineAsker } from '../../src/services/shelf.ts';
import { pemSigningKey, type SigningKey } from '../../src/signing/signing-key.ts';
import { manifestDigest } from '../../src/signing/statements.ts';
import { signChange } from '../helpers/changes.ts';
import { makePerson, makeTestKeys, temporaryFolder } from '../helpers/test-keys.ts';
import { openTestLedger } from '../helpers/test-ledger.ts';
import { ask, gateway, https, packageOf, policyFolder, uncontrolled } from '../policy/cases.ts';

const policy = Policy.load(policyFolder);
const keys = makeTestKeys();
const administrators = keys.administrators.map(({ key }) => key);
const [oneAdministrator] = administrators;
const local: Asker = {
  principal: { kind: 'local', account: 'keyway' },
  context: { channel: 'local-socket', encrypted: true },
};
const actor = { kind: 'gateway' } as const;
const decision = ask(policy, 'release', gateway, packageOf(uncontrolled), https);
const mill = 'FANUC-99' as MachineId;
const machine: Machine = {
  ...{ id: mill, groups: ['HAAS-VF' as GroupId], make: 'Fanuc', model: '16i', control: '16i', cell: 'C3' },
  ...{ country: 'US', channel: 'ftp', sshKeys: [], jurisdictions: ['ITAR', 'EAR', 'none'] },
  password: `$argon2id$v=19$m=19456,t=2,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`,
};
const quality = makePerson('QA-1', ['quality']);
const engineer = makePerson('ME-1', ['manufacturing-engineer']);
const compliance = makePerson('EC-1', ['export-compliance']);
const programmer = makePerson('CAM-1', ['programmer']);
const keyOf = ({ key }: typeof quality): SigningKey => pemSigningKey(key);

let now: number;
let place: ReturnType<typeof temporaryFolder>;
let at: ReturnType<typeof openTestLedger>;
let authority: Authority;
let changes: ChangeService;
beforeEach(async () => {
  now = Date.parse('2027-01-15T12:00:00.000Z');
  place = temporaryFolder();
  at = openTestLedger({ keys, folder: place.folder, clock: () => now });
  const { ledger, standing } = at;
  authority = new Authority(policy, standing, () => now, { refused: () => {} });
  changes = new ChangeService({ ledger, standing, authority, trust: keys.trust, clock: () => now });
  await make({ kind: 'machine.register', machine }, administrators);
  for (const { person } of [quality, engineer, compliance, programmer])
    await make({ kind: 'person.enrol', person }, administrators);
});
afterEach(() => {
  at.close();
  place.remove();
});

const commit = (...events: Event[]) => at.ledger.commit(() => ({ events, result: undefined }));
async function make(change: Change, signers: readonly SigningKey[]) {
  const time = new Date(now).toISOString();
  const validUntil = new Date(now + 60_000).toISOString();
  return changes.submit(local, await signChange(change, signers, { time, validUntil }));
}
const state = async (change: Change, signers: readonly SigningKey[]) => (await make(change, signers)).state;

const manifestOf = (part: string, classification: Classification): Manifest => ({
  ...{ v: 1, part, revision: 'A', operation: '10', machineGroup: 'HAAS-VF' as GroupId, changeOrder: 'ECO-1' },
  ...{ author: 'CAM-1' as PersonId, classification },
  files: [{ name: `${part}.NC`, role: 'main-program', digest: digestOf(part), size: 2 }],
});
const itar: Classification = { jurisdiction: 'ITAR', usmlCategory: 'VIII(h)' };
const ear: Classification = { jurisdiction: 'EAR', eccn: '9E991' };
async function submitted(manifest: Manifest) {
  const ids = { packageId: 'PKG-0000000001' as PackageId, depositId: 'DEP-0000000001' as DepositId };
  await commit(
    makeEvent('package.submitted', actor, { ...ids, manifest, manifestDigest: manifestDigest(manifest), decision }),
  );
}

describe('a machine', () => {
  const mayHave = (label: Classification, channel: 'ftp' | 'ftps' = 'ftp') => {
    const asked = { ...packageFacts('PKG-0', manifestOf('A', label)) };
    return authority.decide('deliver', machineAsker({ machine: mill, channel }), asked).policies;
  };
  const safeguard = (expires: string, approver = 'QA-1') => ({
    kind: 'machine.safeguard' as const,
    machineId: mill,
    safeguard: { protects: 'Locked cabinet, 3 m of cable in steel pipe.', approver: approver as PersonId, expires },
  });

  test('is registered by two administrators, and waits for the second', async () => {
    const other: Change = {
      kind: 'machine.register',
      machine: { ...machine, id: 'HAAS-VF-08' as MachineId, channel: 'sftp', sshKeys: ['ssh-ed25519 AAAA'] },
    };
    expect(await state(other, administrators.slice(0, 1))).toBe('waiting');
    expect(at.standing.machine('HAAS-VF-08')).toBeUndefined();
    expect(await state(other, administrators)).toBe('made');
    expect(at.standing.machine('HAAS-VF-08')?.machine.channel).toBe('sftp');
    const sameKey: Change = { ...other, machine: { ...other.machine, id: 'HAAS-VF-09' as MachineId } };
    for (const taken of [other, sameKey])
      await expect(make(taken, administrators)).rejects.toMatchObject({ code: 'conflict' });
    await expect(make(sameKey, [keyOf(quality), keyOf(engineer)])).rejects.toMatchObject({ code: 'not-administrator' });
  });

  test('is changed by two administrators, and keeps its keys its own', async () => {
    const change: Change = { kind: 'machine.change', machine: { ...machine, cell: 'C4', site: 'PLANT-2' } };
    expect(await state(change, oneAdministrator ? [oneAdministrator] : [])).toBe('waiting');
    expect(await state({ ...change }, administrators)).toBe('made');
    expect(at.standing.machine(mill)?.machine).toMatchObject({ cell: 'C4', site: 'PLANT-2' });
  });

  test('is suspended by one administrator and resumed by two; meanwhile it may have nothing', async () => {
    const one = administrators.slice(0, 1);
    expect(await state({ kind: 'machine.suspend', machineId: mill }, one)).toBe('made');
    expect(mayHave(uncontrolled)).toContain('deliver-not-while-suspended');
    await expect(make({ kind: 'machine.suspend', machineId: mill }, one)).rejects.toMatchObject({ code: 'conflict' });
    expect(await state({ kind: 'machine.resume', machineId: mill }, one)).toBe('waiting');
    expect(await state({ kind: 'machine.resume', machineId: mill }, administrators)).toBe('made');
    expect(mayHave(uncontrolled)).not.toContain('deliver-not-while-suspended');
  });

  test('loses an SSH key or a certificate by one administrator, once and for good', async () => {
    const one = administrators.slice(0, 1);
    const serial: Change = {
      kind: 'machine.key-revoke',
      machineId: mill,
      revoked: { kind: 'certificate', serial: '12' },
    };
    const revoked = { kind: 'key' as const, fingerprint: `SHA256:${'A'.repeat(43)}` };
    expect(await state(serial, one)).toBe('made');
    expect(await state({ ...serial, revoked }, one)).toBe('made');
    await expect(make(serial, one)).rejects.toMatchObject({ code: 'conflict' });
    await make({ kind: 'machine.change', machine: { ...machine, cell: 'C4' } }, administrators);
    expect(at.standing.machine(mill)?.revoked).toEqual([serial.revoked, revoked]);
  });

  test('is retired for good', async () => {
    expect(await state({ kind: 'machine.retire', machineId: mill }, administrators.slice(1))).toBe('waiting');
    expect(await state({ kind: 'machine.retire', machineId: mill }, administrators)).toBe('made');
    expect(at.standing.machine(mill)).toBeUndefined();
    await expect(make({ kind: 'machine.register', machine }, administrators)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('never given again'),
    });
  });

  test('is sent controlled data in clear text only while a safeguard record is current', async () => {
    expect(mayHave(ear)).toContain('deliver-controlled-encrypted-only');
    expect(await state(safeguard('2027-01-20'), administrators)).toBe('made');
    expect(mayHave(ear)).not.toContain('deliver-controlled-encrypted-only');
    now = Date.parse('2027-01-20T23:59:59.999Z');
    expect(mayHave(ear)).not.toContain('deliver-controlled-encrypted-only');
    now++;
    expect(mayHave(ear)).toContain('deliver-controlled-encrypted-only');
  });

  test.each([
    ['has expired already', '2027-01-14', 'QA-1', 'request-invalid'],
    ['nobody approves who is enrolled', '2027-06-30', 'SEC-9', 'not-found'],
    ['is approved by whoever signs it', '2027-06-30', 'ADMIN-1', 'own-rights'],
  ])('has no safeguard record that %s', async (_, expires, approver, code) => {
    await expect(make(safeguard(expires, approver), administrators)).rejects.toMatchObject({ code });
  });

  test('has its safeguard announced 30, 7 and 1 days before it ends, once each, and when it has ended', async () => {
    await make(safeguard('2027-03-15'), administrators);
    const said: [string, string][] = [];
    const day = () => new Date(now).toISOString().slice(0, 10);
    const saying = (how: string) => () => void said.push([how, day()]);
    const log = { warn: saying('warn'), error: saying('error'), info: saying('info') };
    const alarms = new Alarms({ authority, clock: () => now, log });
    alarms.from(expiryAlarms(at.standing));
    for (let days = 0; days < 65; days++) {
      alarms.look();
      alarms.look();
      now += 24 * 60 * 60 * 1000;
    }
    expect(said).toEqual([
      ['warn', '2027-02-13'],
      ['warn', '2027-03-08'],
      ['warn', '2027-03-14'],
      ['error', '2027-03-16'],
      // It does not end soon any more.
      ['info', '2027-03-16'],
    ]);
    expect(alarms.list(local)).toEqual([
      {
        ...{ code: 'expired', subject: `safeguard ${mill}`, since: '2027-03-16T12:00:00.000Z' },
        ...{
          sentence: expect.stringContaining('2027-03-15'),
          goOn: expect.stringContaining('keyway machine safeguard'),
        },
      },
    ]);
    expect(expiries(at.standing, Date.parse('2027-03-01'))).toEqual([
      { what: 'safeguard', subject: mill, expires: '2027-03-15', daysLeft: 14 },
    ]);
  });
});

describe('the label of a part', () => {
  const lower: Change = { kind: 'classification.lower', part: 'BRKT', classification: ear };
  const codes = (manifest: Manifest) => objections(manifest, at.standing).map(({ code }) => code);
  const next = { ...manifestOf('BRKT', ear), revision: 'B' };
  beforeEach(() => submitted(manifestOf('BRKT', itar)));

  test('is never lowered by a deposit, of whatever revision and for whatever machines', () => {
    expect(codes(next)).toEqual(['classification-conflict']);
    expect(codes({ ...next, operation: '20' })).toEqual(['classification-conflict']);
    expect(codes({ ...next, classification: { ...itar, distribution: 'D' } })).toEqual([]);
    expect(codes({ ...next, part: 'OTHER' })).toEqual([]);
  });

  test('is lowered by export compliance and one more', async () => {
    expect(await state(lower, [keyOf(compliance), keyOf(quality)])).toBe('made');
    expect(codes(next)).toEqual([]);
    expect(codes({ ...next, classification: uncontrolled })).toEqual(['classification-conflict']);
  });

  test.each([
    ['export compliance alone', [compliance]],
    ['two people without export compliance', [quality, engineer]],
  ])('is not lowered by %s', async (_, people) => {
    expect(await state(lower, people.map(keyOf))).toBe('waiting');
    expect(codes(next)).toEqual(['classification-conflict']);
  });

  test('is not lowered by two administrators without export compliance', async () => {
    expect(await state(lower, administrators)).toBe('waiting');
  });

  test('is not lowered by people of other duties, nor to one that is stricter', async () => {
    await expect(make(lower, [keyOf(compliance), keyOf(programmer)])).rejects.toMatchObject({
      code: 'not-administrator',
    });
    const stricter: Change = { ...lower, classification: { ...itar, distribution: 'D' } };
    await expect(make(stricter, [keyOf(compliance), keyOf(quality)])).rejects.toMatchObject({
      code: 'request-invalid',
    });
  });
});
