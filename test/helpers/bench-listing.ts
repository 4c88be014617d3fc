import { type Event, makeEvent } from '../../src/domain/events.ts';
import type { DepositId, GroupId, MachineId, PackageId, PersonId, ReleaseId } from '../../src/domain/ids.ts';
import type { Machine } from '../../src/domain/machines.ts';
import type { Manifest } from '../../src/domain/manifest.ts';
import { digestOf } from '../../src/platform/hash.ts';
import { Policy } from '../../src/policy/decide.ts';
import { AccessRecord } from '../../src/services/access-record.ts';
import { Authority } from '../../src/services/authority.ts';
import { DeliveryService } from '../../src/services/delivery.ts';
import { MachineIdentity } from '../../src/services/machine-identity.ts';
import { ShelfTree } from '../../src/services/shelf.ts';
import { manifestDigest } from '../../src/signing/statements.ts';
import { type BenchResult, figure } from '../bench/figures.ts';
import { ask, gateway, https, packageOf, policyFolder, uncontrolled } from '../policy/cases.ts';
import { median } from './bench-doors.ts';
import { doorSettings, startDoorProcess, TestVault } from './sftp-door-process.ts';
import { answer, connect, makeKey, openSftp } from './sftp-test-door.ts';
import { makeTestKeys, temporaryFolder } from './test-keys.ts';
import { openTestLedger, silentLog } from './test-ledger.ts';
import { unsigned } from './unsigned.ts';

const releases = 5_000;
const rounds = 5;
const actor = { kind: 'gateway' } as const;
const policy = Policy.load(policyFolder);
const decision = ask(policy, 'release', gateway, packageOf(uncontrolled), https);

/** The events of a release of one program of its own. */
function released(number: number): Event[] {
  const id = String(number).padStart(10, '0');
  const [packageId, releaseId] = [`PKG-${id}` as PackageId, `REL-${id}` as ReleaseId];
  const name = `O${10_000 + number}.NC`;
  const manifest: Manifest = {
    ...{ v: 1, part: `BRKT-${number}`, revision: 'A', operation: '10', machineGroup: 'BENCH' as GroupId },
    ...{ changeOrder: 'ECO-1', author: 'CAM-1' as PersonId, classification: uncontrolled },
    files: [{ name, role: 'main-program', digest: digestOf(name), size: 20_000 }],
  };
  const about = { packageId, manifestDigest: manifestDigest(manifest), decision };
  const envelope = {
    ...{ payloadType: 'application/vnd.in-toto+json' as const, payload: 'e30=' },
    signatures: [{ keyid: digestOf('key'), sig: 'c2ln' }],
  };
  const signatures = [{ name, digest: digestOf('p7s'), size: 3 }];
  return [
    makeEvent('package.submitted', actor, { ...about, depositId: `DEP-${id}` as DepositId, manifest }),
    makeEvent('release.issued', actor, { ...about, releaseId, envelope, signatures }),
  ];
}

/**
 * A machine lists a shelf of 5,000 releases: ledger, policy, shelf and the real door process. What a listing does not ask
 * for, signatures and bytes, is not there.
 */
export async function measureListing(): Promise<BenchResult> {
  const place = temporaryFolder();
  const keys = makeTestKeys();
  const { ledger, catalog, standing, close } = openTestLedger({ keys, folder: place.folder, clock: Date.now });
  const record = new AccessRecord({ ledger, clock: Date.now, log: silentLog });
  const authority = new Authority(policy, standing, Date.now, record);
  const key = makeKey();
  const machine: Machine = {
    ...{ id: 'BENCH-1' as MachineId, groups: ['BENCH' as GroupId], make: 'x', model: 'x', control: 'x', cell: 'C1' },
    ...{ country: 'US', channel: 'sftp', sshKeys: [key.public], jurisdictions: ['none'] },
  };
  const commit = (events: Event[]) => ledger.commit(() => ({ events, result: undefined }));
  await commit([makeEvent('machine.registered', actor, { machine, ...unsigned })]);
  for (let number = 0; number < releases; number++) await commit(released(number));
  const shelves = new DeliveryService({
    ...{ ledger, catalog, standing, record, authority, shelf: new ShelfTree(standing, authority), trust: keys.trust },
    identity: new MachineIdentity({
      ...{ standing, trust: keys.trust, passwords: { fit: async () => false }, clock: Date.now, log: silentLog },
    }),
    ...{ verification: { release: () => ({ releaseId: '' as ReleaseId, files: [] }) }, signer: { requireReady() {} } },
    ...{
      grounds: { require: async () => {} },
      clock: Date.now,
      random: (size) => new Uint8Array(size),
      log: silentLog,
    },
  });
  const vault = new TestVault();
  const door = await startDoorProcess(shelves, () => {});
  try {
    const settings = doorSettings(vault, vault.file('host_key', makeKey().private));
    const [port = 0] = (await door.call('configure', settings)).ports;
    const client = await connect({ port, key }, { username: machine.id });
    const sftp = await openSftp(client);
    const took: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      // Whatever was remembered of the shelf is out of date.
      await commit(released(releases + round));
      const startedAt = performance.now();
      const listed = await answer<unknown[]>((done) => sftp.readdir('/current', done as never));
      if (round > 0) took.push(performance.now() - startedAt);
      if (listed.length <= releases) throw new Error(`${listed.length} files are listed, and ${releases} are released`);
    }
    client.end();
    const what = `SFTP: listing a shelf of ${releases} releases, just after one more was issued`;
    const bound = { peer: 100, peerName: 'the most that we want', unit: 'ms', better: 'less' as const, goal: 1 };
    return { figures: [figure({ what, ours: median(took), ...bound })] };
  } finally {
    await door.stop();
    close();
    vault.remove();
    place.remove();
  }
}
