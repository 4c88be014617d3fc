import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Change } from '../../src/domain/changes.ts';
import type { Classification } from '../../src/domain/classification.ts';
import type { GroupId, MachineId, PersonId } from '../../src/domain/ids.ts';
import type { Machine } from '../../src/domain/machines.ts';
import type { Manifest } from '../../src/domain/manifest.ts';
import type { Conduit } from '../../src/domain/zones.ts';
import { digestOf } from '../../src/platform/hash.ts';
import { Policy } from '../../src/policy/decide.ts';
import { Authority, packageFacts } from '../../src/services/authority.ts';
import { ChangeService } from '../../src/services/changes.ts';
import { InventoryService } from '../../src/services/inventory.ts';
import type { Asker } from '../../src/services/principals.ts';
import { machineAsker } from '../../src/services/shelf.ts';
import { signChange } from '../helpers/changes.ts';
import { makeTestKeys, temporaryFolder } from '../helpers/test-keys.ts';
import { openTestLedger } from '../helpers/test-ledger.ts';
import { cui, ear, policyFolder, uncontrolled } from '../policy/cases.ts';

const policy = Policy.load(policyFolder);
const keys = makeTestKeys();
const administrators = keys.administrators.map(({ key }) => key);
const now = Date.parse('2027-01-15T12:00:00.000Z');
const local: Asker = {
  principal: { kind: 'local', account: 'keyway' },
  context: { channel: 'local-socket', encrypted: true },
};
const mill = 'MILL-1' as MachineId;
const machine: Machine = {
  ...{ id: mill, groups: ['HAAS-VF' as GroupId], make: 'Haas', model: 'VF-2', control: 'NGC', cell: 'C3' },
  ...{ country: 'US', channel: 'sftp', sshKeys: ['ssh-ed25519 AAAA'], jurisdictions: ['ITAR', 'EAR', 'none'] },
};

let place: ReturnType<typeof temporaryFolder>;
let at: ReturnType<typeof openTestLedger>;
let authority: Authority;
let changes: ChangeService;
beforeEach(async () => {
  place = temporaryFolder();
  at = openTestLedger({ keys, folder: place.folder, clock: () => now });
  const { ledger, standing } = at;
  authority = new Authority(policy, standing, () => now, { refused: () => {} });
  changes = new ChangeService({ ledger, standing, authority, trust: keys.trust, clock: () => now });
  await make({ kind: 'machine.register', machine });
});
afterEach(() => {
  at.close();
  place.remove();
});

async function make(change: Change, signers = administrators) {
  const time = new Date(now).toISOString();
  return (await changes.submit(local, await signChange(change, signers, { time }))).state;
}
const setZone = (id: string, holdsGateway = false): Change => ({
  kind: 'zone.set',
  zone: { id, description: 'A zone of the shop', holdsGateway },
});
const setConduit = (over: Partial<Conduit> = {}): Change => ({
  kind: 'conduit.set',
  conduit: { from: 'DMZ', to: 'CELL-3', channels: ['sftp'], jurisdictions: ['EAR', 'none'], cui: false, ...over },
});
const inZone = (zone: string): Change => ({ kind: 'machine.change', machine: { ...machine, zone } });

/** Whether a conduit or the lack of one stands against this delivery. */
function isReached(classification: Classification, channel: 'sftp' | 'ftps' = 'sftp'): boolean {
  const manifest: Manifest = {
    ...{ v: 1, part: 'A', revision: 'A', operation: '10', machineGroup: 'HAAS-VF' as GroupId, changeOrder: 'ECO-1' },
    ...{ author: 'CAM-1' as PersonId, classification },
    files: [{ name: 'A.NC', role: 'main-program', digest: digestOf('A'), size: 1 }],
  };
  const decision = authority.decide(
    'deliver',
    machineAsker({ machine: mill, channel }),
    packageFacts('PKG-0', manifest),
  );
  return !decision.policies.includes('deliver-through-conduit');
}

describe('zones and conduits', () => {
  test('keep nothing from a machine while there are none, unless it is to stand in one', async () => {
    expect(isReached(ear)).toBe(true);
    await make(inZone('CELL-3'));
    expect(isReached(ear)).toBe(false);
  });

  test('cut off a machine in no zone as soon as there is one', async () => {
    expect(await make(setZone('DMZ', true))).toBe('made');
    expect(isReached(uncontrolled)).toBe(false);
    await make(inZone('DMZ'));
    expect(isReached(ear, 'ftps')).toBe(true);
    await make(inZone('NOWHERE'));
    expect(isReached(uncontrolled)).toBe(false);
  });

  test('let pass what the conduit names, and nothing else', async () => {
    for (const change of [setZone('DMZ', true), setZone('CELL-3'), inZone('CELL-3')]) await make(change);
    expect(isReached(uncontrolled)).toBe(false);
    expect(await make(setConduit())).toBe('made');
    expect([isReached(uncontrolled), isReached(ear)]).toEqual([true, true]);
    expect([isReached(ear, 'ftps'), isReached(cui)]).toEqual([false, false]);
    expect(
      isReached({ jurisdiction: 'ITAR', usmlCategory: 'VIII(h)', also: [{ jurisdiction: 'EAR', eccn: '9E991' }] }),
    ).toBe(false);
    await make(setConduit({ cui: true }));
    expect(isReached(cui)).toBe(true);
    expect(await make({ kind: 'conduit.remove', from: 'DMZ', to: 'CELL-3' }, administrators.slice(0, 1))).toBe('made');
    expect(isReached(uncontrolled)).toBe(false);
  });

  test('lead one way: from the machine to the gateway is another conduit', async () => {
    for (const change of [setZone('DMZ', true), setZone('CELL-3'), inZone('CELL-3')]) await make(change);
    await make(setConduit({ from: 'CELL-3', to: 'DMZ' }));
    expect(isReached(uncontrolled)).toBe(false);
  });

  test('take two administrators, and leave the gateway in one zone', async () => {
    expect(await make(setZone('DMZ', true), administrators.slice(0, 1))).toBe('waiting');
    await expect(make(setZone('CELL-3'))).rejects.toMatchObject({ code: 'conflict' });
    await make(setZone('DMZ', true));
    await make(setZone('CELL-3'));
    for (const change of [setZone('CELL-3', true), setZone('DMZ'), { kind: 'zone.remove', zoneId: 'DMZ' } as const])
      await expect(make(change)).rejects.toMatchObject({ code: 'conflict' });
    await expect(make(setConduit({ to: 'NOWHERE' }))).rejects.toMatchObject({ code: 'not-found' });
    await make(setConduit());
    await expect(make({ kind: 'zone.remove', zoneId: 'CELL-3' })).rejects.toMatchObject({ code: 'conflict' });
  });
});

test('the inventory holds what is recorded of machines and zones, and nothing to log in with', async () => {
  for (const change of [setZone('DMZ', true), setZone('CELL-3'), setConduit(), inZone('CELL-3')]) await make(change);
  const inventory = new InventoryService(at.standing, authority).of(local);
  expect(inventory).toMatchObject({
    machines: [{ id: mill, zone: 'CELL-3', suspended: false, keyFingerprints: [expect.stringMatching(/^SHA256:/)] }],
    zones: [{ id: 'CELL-3' }, { id: 'DMZ' }],
    conduits: [{ from: 'DMZ', to: 'CELL-3' }],
  });
  expect(JSON.stringify(inventory)).not.toMatch(/ssh-ed25519|argon2id|password/);
});
