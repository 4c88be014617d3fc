import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Change } from '../../src/domain/changes.ts';
import { type Event, makeEvent } from '../../src/domain/events.ts';
import type { GroupId, MachineId } from '../../src/domain/ids.ts';
import type { Machine } from '../../src/domain/machines.ts';
import { Proofs } from '../../src/ledger/proofs.ts';
import { Grounds } from '../../src/services/grounds.ts';
import { ProvenEntries } from '../../src/services/proven-entries.ts';
import { pemSigningKey, type SigningKey } from '../../src/signing/signing-key.ts';
import { madeChange, nextChangeId, signChange } from '../helpers/changes.ts';
import { makePerson, makeTestKeys, temporaryFolder } from '../helpers/test-keys.ts';
import { openTestLedger } from '../helpers/test-ledger.ts';

const keys = makeTestKeys();
const administrators = keys.administrators.map(({ key }) => key);
const mill = 'MILL-1' as MachineId;
const machine: Machine = {
  ...{ id: mill, groups: ['HAAS-VF' as GroupId], make: 'Haas', model: 'VF-2', control: 'NGC', cell: 'C3' },
  ...{ country: 'US', channel: 'sftp', sshKeys: ['ssh-ed25519 AAAA'], jurisdictions: ['ITAR', 'EAR', 'none'] },
};
const now = Date.parse('2027-01-15T12:00:00.000Z');
const time = new Date(now).toISOString();

let place: ReturnType<typeof temporaryFolder>;
let at: ReturnType<typeof openTestLedger>;
let opened: number;
let grounds: Grounds;
beforeEach(() => {
  place = temporaryFolder();
  at = openTestLedger({ keys, folder: place.folder, clock: () => now });
  const { standing, publisher, reader, hashes } = at;
  const proofs = new Proofs(reader, hashes);
  opened = 0;
  const prove = (index: number, size: number) => {
    opened++;
    return proofs.prove(index, size);
  };
  const entries = new ProvenEntries({ standing, proofs: { prove }, publisher });
  grounds = new Grounds({ standing, entries, trust: keys.trust });
});
afterEach(() => {
  at.close();
  place.remove();
});

async function commit(...events: Event[]) {
  await at.ledger.commit(() => ({ events, result: undefined }));
  await at.publisher.covering(at.ledger.size, 5_000);
}
/** What a change makes, whoever signed it: the ledger itself asks nobody. */
async function write(change: Change, signers: readonly SigningKey[] = administrators, said: Change = change) {
  const { event } = await madeChange(change, { keys, index: 0, time });
  const changeId = nextChangeId();
  const reason = 'A test asks for it.';
  const authorisation = await signChange(said, signers, { time, changeId, reason });
  const written = { ...event, data: { ...event.data, changeId, reason, authorisation } } as Event;
  await commit(written);
}
const register = (over: Partial<Machine> = {}): Change => ({
  kind: 'machine.register',
  machine: { ...machine, ...over },
});
const outcome = () => {
  try {
    grounds.require(mill);
    return 'holds';
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

describe('a machine is sent something only when two administrators signed for it as it is', () => {
  test('registered by two administrators', async () => {
    await write(register());
    expect(outcome()).toBe('holds');
  });

  test.each<[string, () => Promise<void>]>([
    ['registered by one', () => write(register(), administrators.slice(0, 1))],
    ['registered by somebody of no office', async () => write(register(), [...administrators.slice(0, 1), stranger])],
    ['registered as another than was signed', () => write(register({ country: 'DE' }), administrators, register())],
    ['registered by one who signed twice', () => write(register(), [first, first])],
  ])('%s it holds for nothing', async (_, begin) => {
    await begin();
    expect(at.standing.machine(mill)).toBeDefined();
    expect(outcome()).not.toBe('holds');
  });

  test.each<[string, Change]>([
    ['changed', { kind: 'machine.change', machine: { ...machine, country: 'DE' } }],
    ['resumed', { kind: 'machine.resume', machineId: mill }],
    [
      'safeguarded',
      {
        kind: 'machine.safeguard',
        machineId: mill,
        safeguard: { protects: 'Nothing.', approver: 'ADMIN-1' as never, expires: '2099-12-31' },
      },
    ],
  ])('%s by one of them, it holds no more', async (_, change) => {
    await write(register());
    expect(outcome()).toBe('holds');
    await write(change, administrators.slice(0, 1));
    expect(outcome()).not.toBe('holds');
  });

  test('suspended by one, it still is what two signed for', async () => {
    await write(register());
    await write({ kind: 'machine.suspend', machineId: mill }, administrators.slice(1));
    expect(outcome()).toBe('holds');
  });

  test('signed for by administrators whom others put in office, as long as they were in it', async () => {
    const [one, other] = [makePerson('ADM-3', ['administrator']), makePerson('ADM-4', ['administrator'])];
    for (const { person } of [one, other]) await write({ kind: 'person.enrol', person });
    const both = [pemSigningKey(one.key), pemSigningKey(other.key)];
    await write(register(), both);
    expect(outcome()).toBe('holds');
    await write({ kind: 'person.off-board', person: one.person.id });
    await write({ kind: 'machine.change', machine: { ...machine, cell: 'C9' } }, both);
    expect(outcome()).toBe('not-administrator');
  });
});

describe('zones and conduits', () => {
  const zone = (id: string, holdsGateway = false): Change => ({
    kind: 'zone.set',
    zone: { id, description: 'A zone.', holdsGateway },
  });

  test('hold when two administrators signed each, and nothing is sent when one did', async () => {
    await write(register());
    await write(zone('DMZ', true));
    await write(zone('CELL-3'));
    expect(outcome()).toBe('holds');
    await write(
      {
        kind: 'conduit.set',
        conduit: { from: 'DMZ', to: 'CELL-3', channels: ['sftp'], jurisdictions: ['ITAR'], cui: true },
      },
      administrators.slice(0, 1),
    );
    expect(outcome()).toBe('signatures-missing');
    await write({ kind: 'conduit.remove', from: 'DMZ', to: 'CELL-3' }, administrators.slice(0, 1));
    expect(outcome()).toBe('holds');
  });
});

test('what was found is kept until an event touches it, and costs no more than a look', async () => {
  await write(register());
  grounds.require(mill);
  const before = opened;
  await commit(makeEvent('gateway.storage-full', { kind: 'gateway' }, {}));
  const begun = performance.now();
  for (let n = 0; n < 10_000; n++) grounds.require(mill);
  expect(((performance.now() - begun) * 1_000) / 10_000).toBeLessThan(50);
  expect(opened).toBe(before);
  await write({ kind: 'machine.change', machine: { ...machine, cell: 'C4' } });
  grounds.require(mill);
  expect(opened).toBeGreaterThan(before);
});

const stranger = pemSigningKey(makePerson('NOBODY', ['administrator']).key);
const [first] = administrators as [SigningKey];
