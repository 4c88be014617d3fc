import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Change } from '../../src/domain/changes.ts';
import type { Classification } from '../../src/domain/classification.ts';
import { DomainError } from '../../src/domain/errors.ts';
import { type Event, makeEvent } from '../../src/domain/events.ts';
import type {
  DeliveryId,
  DepositId,
  GroupId,
  MachineId,
  PackageId,
  PersonId,
  ReleaseId,
} from '../../src/domain/ids.ts';
import type { Machine } from '../../src/domain/machines.ts';
import type { Manifest } from '../../src/domain/manifest.ts';
import type { PersonRole } from '../../src/domain/people.ts';
import type { Sender, SendingOrder, SendingProgress } from '../../src/domain/sending.ts';
import { digestOf } from '../../src/platform/hash.ts';
import { Policy } from '../../src/policy/decide.ts';
import { Authority } from '../../src/services/authority.ts';
import type { Asker } from '../../src/services/principals.ts';
import { SendingService } from '../../src/services/sending.ts';
import { ShelfTree } from '../../src/services/shelf.ts';
import { manifestDigest } from '../../src/signing/statements.ts';
import { madeChange } from '../helpers/changes.ts';
import { seededBytes } from '../helpers/seeded.ts';
import { plainLine } from '../helpers/serial-test-lines.ts';
import { makePerson, makeTestKeys, temporaryFolder } from '../helpers/test-keys.ts';
import { openTestLedger } from '../helpers/test-ledger.ts';
import { ask, ear99, gateway, https, itar, packageOf, policyFolder } from '../policy/cases.ts';

const policy = Policy.load(policyFolder);
const actor = { kind: 'gateway' } as const;
const decision = ask(policy, 'release', gateway, packageOf(ear99), https);
const now = 1_800_000_000_000;
const keys = makeTestKeys();
const place = temporaryFolder();
const at = openTestLedger({ keys, folder: place.folder });
const refused: unknown[][] = [];
const record = { refused: (...refusal: unknown[]) => void refused.push(refusal) };
const authority = new Authority(policy, at.standing, () => now, record);
const recorded: Event[] = [];
const ledger = {
  commit: ((decide: () => { events: Event[]; result: unknown }) =>
    at.ledger.commit(() => {
      const decided = decide();
      recorded.push(...decided.events);
      return decided;
    })) as typeof at.ledger.commit,
};
const shelf = new ShelfTree(at.standing, authority);
const service = new SendingService({
  ...{ ledger, standing: at.standing, shelf, authority, record, random: seededBytes(3) },
});

/** A door that keeps what it was asked, and says what a test has it say. */
class FakeSender implements Sender {
  readonly orders: SendingOrder[] = [];
  refusal: DomainError | undefined;
  tell: (progress: SendingProgress) => void = () => {};

  async send(order: SendingOrder, onProgress: (progress: SendingProgress) => void) {
    this.orders.push(order);
    this.tell = onProgress;
    if (this.refusal) throw this.refusal;
    return { deliveryId: 'DLV-0000000001' as DeliveryId, size: 2 };
  }
}
const line = new FakeSender();

const as = (id: string): Asker => ({
  principal: { kind: 'person', id: id as PersonId },
  context: https as Asker['context'],
});
const change = async (what: Change): Promise<Event> =>
  (await madeChange(what, { keys, index: 0, time: new Date(now).toISOString() })).event;
const machine = (id: string, over: Partial<Machine>): Promise<Event> =>
  change({
    kind: 'machine.register',
    machine: {
      ...{ id: id as MachineId, groups: ['HAAS-VF' as GroupId], make: 'Fanuc', model: '16i', control: '16i-MB' },
      ...{ cell: 'C3', country: 'US', channel: 'serial', sshKeys: [], jurisdictions: ['ITAR', 'EAR', 'none'] },
      ...over,
    },
  });

let made = 0;
function released(name: string, classification: Classification): Event[] {
  const n = String(++made).padStart(10, '0');
  const files = [{ name, role: 'main-program' as const, digest: digestOf(name), size: 2 }];
  const manifest: Manifest = {
    ...{ v: 1, part: `PART-${made}`, revision: 'A', operation: '10', machineGroup: 'HAAS-VF' as GroupId },
    ...{ changeOrder: 'ECO-1', author: 'CAM-1' as PersonId, classification, files },
  };
  const about = { packageId: `PKG-${n}` as PackageId, manifestDigest: manifestDigest(manifest), decision };
  const envelope = {
    ...{ payloadType: 'application/vnd.in-toto+json' as const, payload: 'e30=' },
    signatures: [{ keyid: digestOf('key'), sig: 'c2ln' }],
  };
  const signatures = [{ name, digest: digestOf('p7s'), size: 3 }];
  return [
    makeEvent('package.submitted', actor, { ...about, depositId: `DEP-${n}` as DepositId, manifest }),
    makeEvent('release.issued', actor, { ...about, releaseId: `REL-${n}` as ReleaseId, envelope, signatures }),
  ];
}

beforeAll(async () => {
  const enrol = async (id: string, roles: PersonRole[], usPerson: boolean) => {
    const { person } = makePerson(id, roles);
    const status = { status: usPerson, evidence: 'passport', expires: '2099-12-31' };
    return change({ kind: 'person.enrol', person: { ...person, usPerson: status } });
  };
  const safeguard = { protects: 'locked cabinet', approver: 'SEC-1' as PersonId, expires: '2099-12-31' };
  const events = [
    await enrol('OP-1', ['operator'], true),
    await enrol('OP-2', ['operator'], false),
    await enrol('CAM-1', ['programmer'], true),
    await machine('FANUC-99', { line: plainLine }),
    await machine('OPEN-1', { line: plainLine }),
    await machine('HAAS-1', { channel: 'sftp', sshKeys: ['ssh-ed25519 AAAA'] }),
    await change({ kind: 'machine.safeguard', machineId: 'FANUC-99' as MachineId, safeguard }),
    ...released('O1.NC', ear99),
    ...released('O2.NC', itar),
  ];
  for (const event of events) await at.ledger.commit(() => ({ events: [event], result: undefined }));
  service.sendBy('serial', line);
});
afterAll(() => {
  at.close();
  place.remove();
});

test('who had a program sent is on record before the door hears of it, and its progress can be followed', async () => {
  const begun = await service.start(as('OP-1'), { machineId: 'FANUC-99', name: 'O2.NC' });
  expect(begun).toMatchObject({ machineId: 'FANUC-99', file: 'O2.NC', state: 'waiting', deliveryId: 'DLV-0000000001' });
  expect(recorded.at(-1)).toMatchObject({
    type: 'sending.requested',
    actor: { kind: 'person', id: 'OP-1' },
    data: { sendingId: begun.sendingId, machineId: 'FANUC-99', file: 'O2.NC', decision: { action: 'send' } },
  });
  expect(line.orders.at(-1)).toEqual({ sendingId: begun.sendingId, machine: 'FANUC-99', path: ['current', 'O2.NC'] });
  line.tell({ sendingId: begun.sendingId, state: 'sending', bytes: 1 });
  expect(service.get(as('OP-1'), begun.sendingId)).toMatchObject({ state: 'sending', bytes: 1, size: 2 });
  line.tell({ sendingId: begun.sendingId, state: 'failed', bytes: 1, reason: 'The control said XOFF.' });
  expect(service.list(as('OP-1'))).toEqual([
    expect.objectContaining({ state: 'failed', reason: 'The control said XOFF.' }),
  ]);
});

test('a foreign person neither sends an ITAR program nor learns that it is there', async () => {
  const there = await service
    .start(as('OP-2'), { machineId: 'FANUC-99', name: 'O2.NC' })
    .catch((error: Error) => error);
  const notThere = await service
    .start(as('OP-2'), { machineId: 'FANUC-99', name: 'O9.NC' })
    .catch((error: Error) => error);
  expect(there).toEqual(notThere);
  expect(there).toMatchObject({ code: 'not-found' });
  expect(refused.slice(-2).map(([, action]) => action)).toEqual(['send', 'send']);
  expect(service.list(as('OP-2'))).toEqual([]);
  const [known] = service.list(as('OP-1'));
  expect(() => service.get(as('OP-2'), known?.sendingId ?? '')).toThrow(DomainError);
});

test('a programmer sends nothing to a machine', async () => {
  await expect(service.start(as('CAM-1'), { machineId: 'FANUC-99', name: 'O1.NC' })).rejects.toMatchObject({
    code: 'not-found',
  });
});

test('a line without a safeguard record is sent no controlled data, and whoever could have had it sent is told so', async () => {
  await expect(service.start(as('OP-1'), { machineId: 'OPEN-1', name: 'O2.NC' })).rejects.toMatchObject({
    code: 'policy-denied',
    message: expect.stringMatching(/^O2\.NC is not for OPEN-1 now\. .*safeguard/),
  });
  const unknown = { code: 'not-found', message: 'There is no such program that you may send to OPEN-1 now.' };
  for (const [who, name] of [
    ['OP-2', 'O2.NC'],
    ['CAM-1', 'O2.NC'],
    ['OP-1', 'O3.NC'],
  ] as const)
    await expect(service.start(as(who), { machineId: 'OPEN-1', name })).rejects.toMatchObject(unknown);
  expect(await service.start(as('OP-1'), { machineId: 'OPEN-1', name: 'O1.NC' })).toMatchObject({ state: 'waiting' });
});

test('nothing is sent to a machine that comes by itself, or that nobody knows', async () => {
  await expect(service.start(as('OP-1'), { machineId: 'HAAS-1', name: 'O1.NC' })).rejects.toMatchObject({
    code: 'not-supported',
    message: 'Nothing is sent to HAAS-1 from here: its channel is sftp.',
  });
  await expect(service.start(as('OP-1'), { machineId: 'NONE-1', name: 'O1.NC' })).rejects.toMatchObject({
    code: 'not-found',
  });
});

test('what the door refuses is told to whoever asked, and remembered as failed', async () => {
  line.refusal = new DomainError('busy', 'Another program is on its way to FANUC-99.');
  await expect(service.start(as('OP-1'), { machineId: 'FANUC-99', name: 'O1.NC' })).rejects.toBe(line.refusal);
  expect(service.list(as('OP-1'))[0]).toMatchObject({ file: 'O1.NC', state: 'failed', reason: line.refusal.message });
  line.refusal = undefined;
});
