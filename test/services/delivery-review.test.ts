import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Classification } from '../../src/domain/classification.ts';
import { type Event, makeEvent } from '../../src/domain/events.ts';
import type { DepositId, GroupId, MachineId, PackageId, PersonId, ReleaseId } from '../../src/domain/ids.ts';
import type { Machine } from '../../src/domain/machines.ts';
import type { Manifest } from '../../src/domain/manifest.ts';
import { digestOf } from '../../src/platform/hash.ts';
import { Policy } from '../../src/policy/decide.ts';
import { AccessRecord } from '../../src/services/access-record.ts';
import { Authority } from '../../src/services/authority.ts';
import { DeliveryService } from '../../src/services/delivery.ts';
import { trustReadiness } from '../../src/services/expiries.ts';
import { ShelfTree } from '../../src/services/shelf.ts';
import { manifestDigest } from '../../src/signing/statements.ts';
import { makeTestKeys, temporaryFolder } from '../helpers/test-keys.ts';
import { openTestLedger, silentLog } from '../helpers/test-ledger.ts';
import { unsigned } from '../helpers/unsigned.ts';
import { ask, gateway, https, packageOf, policyFolder, uncontrolled } from '../policy/cases.ts';

const policy = Policy.load(policyFolder);
const keys = makeTestKeys();
const actor = { kind: 'gateway' } as const;
const decision = ask(policy, 'release', gateway, packageOf(uncontrolled), https);
const [packageId, releaseId] = ['PKG-0000000001' as PackageId, 'REL-0000000001' as ReleaseId];
const machine: Machine = {
  ...{ id: 'MILL-1' as MachineId, groups: ['HAAS-VF' as GroupId], make: 'Haas', model: 'VF-2', control: 'NGC' },
  ...{ cell: 'C3', country: 'US', channel: 'sftp', sshKeys: ['ssh-ed25519 AAAA'], jurisdictions: ['ITAR', 'none'] },
};
const day = 24 * 60 * 60 * 1000;

let now: number;
let place: ReturnType<typeof temporaryFolder>;
let at: ReturnType<typeof openTestLedger>;
let delivery: DeliveryService;
/** What is decided in the same batch as the next start, right behind it. */
let behind: Event[];
beforeEach(() => {
  now = Date.parse('2027-01-15T12:00:00Z');
  behind = [];
  place = temporaryFolder();
  at = openTestLedger({ keys, folder: place.folder, clock: () => now });
  const { catalog, standing } = at;
  const ledger: Pick<typeof at.ledger, 'commit'> = {
    commit: (...asked) => {
      const committed = at.ledger.commit(...asked);
      void commit(...behind.splice(0));
      return committed;
    },
  };
  const record = new AccessRecord({ ledger: at.ledger, clock: () => now, log: silentLog });
  const authority = new Authority(policy, standing, () => now, record);
  const verification = {
    release: () => ({ releaseId, files: standing.release(releaseId)?.manifest.files.map(signed) ?? [] }),
  };
  delivery = new DeliveryService({
    ...{ ledger, catalog, standing, record, authority, shelf: new ShelfTree(standing, authority) },
    identity: { identify: async () => undefined },
    ...{
      trust: keys.trust,
      verification: verification as never,
      grounds: { require: async () => {} },
      signer: { requireReady: () => {} },
    },
    ...{ clock: () => now, random: (size: number) => new Uint8Array(size), log: silentLog },
  });
});
afterEach(() => {
  at.close();
  place.remove();
});

const signed = (file: Manifest['files'][number]) => ({ ...file, signature: { digest: digestOf('p7s'), size: 3 } });
const commit = (...events: Event[]) => at.ledger.commit(() => ({ events, result: undefined }));

/** A released program of this label, and its delivery to the mill under way. */
async function underway(classification: Classification, meanwhile: Event[] = []) {
  const files = [{ name: 'O4471.NC', role: 'main-program' as const, digest: digestOf('G1'), size: 2 }];
  const manifest: Manifest = {
    ...{ v: 1, part: 'BRKT', revision: 'A', operation: '10', machineGroup: 'HAAS-VF' as GroupId },
    ...{ changeOrder: 'ECO-1', author: 'CAM-1' as PersonId, classification, files },
  };
  const about = { packageId, manifestDigest: manifestDigest(manifest), decision };
  const envelope = {
    ...{ payloadType: 'application/vnd.in-toto+json' as const, payload: 'e30=' },
    signatures: [{ keyid: digestOf('key'), sig: 'c2ln' }],
  };
  await commit(
    makeEvent('machine.registered', actor, { machine, ...unsigned }),
    makeEvent('package.submitted', actor, { ...about, depositId: 'DEP-0000000001' as DepositId, manifest }),
    makeEvent('release.issued', actor, {
      ...{ ...about, releaseId, envelope },
      signatures: [{ name: 'O4471.NC', digest: digestOf('p7s'), size: 3 }],
    }),
  );
  const shelf = delivery.through('sftp');
  behind = meanwhile;
  const { deliveryId } = await shelf.open(machine.id, ['current', 'O4471.NC']);
  const stops: string[] = [];
  void shelf.stopped(deliveryId).then((reason) => stops.push(reason));
  const told = async () => {
    await Promise.resolve();
    await Promise.resolve();
    return stops;
  };
  const reviewed = () => {
    delivery.reviewOpen();
    return told();
  };
  return { deliveryId, reviewed, told, shelf };
}

describe('a delivery under way', () => {
  test('goes on while nothing about it changes', async () => {
    const { reviewed } = await underway(uncontrolled);
    await commit(makeEvent('gateway.storage-full', actor, {}));
    now += 40 * day;
    expect(await reviewed()).toEqual([]);
  });

  test('is stopped when its release is withdrawn', async () => {
    const { reviewed } = await underway(uncontrolled);
    await commit(makeEvent('release.withdrawn', actor, { releaseId, reason: 'NCR 1', decision }));
    expect(await reviewed()).toEqual([
      'Only a release that is in force may be delivered: this one is not released, superseded or withdrawn.',
    ]);
  });

  test('is stopped by itself when its release was withdrawn while its start became durable', async () => {
    const withdrawn = makeEvent('release.withdrawn', actor, { releaseId, reason: 'NCR 1', decision });
    const { told } = await underway(uncontrolled, [withdrawn]);
    expect(at.standing.release(releaseId)).toBeUndefined();
    expect(await told()).toEqual([expect.stringMatching(/Only a release that is in force/)]);
  });

  test('is stopped when the trust root expires, and none begins from then on', async () => {
    const { reviewed, shelf } = await underway(uncontrolled);
    now = keys.trust.expiresMs - 1;
    expect(await reviewed()).toEqual([]);
    now++;
    expect(await reviewed()).toEqual([expect.stringMatching(/trust root expired on .* deposits are still taken/)]);
    const opened = shelf.open(machine.id, ['current', 'O4471.NC']);
    await expect(opened).rejects.toMatchObject({ code: 'trust-expired' });
  });

  test('is stopped when the last day of the control plan has passed', async () => {
    const { reviewed } = await underway({ ...uncontrolled, reviewBy: '2027-01-20' });
    now = Date.parse('2027-01-20T23:59:59.999Z');
    expect(await reviewed()).toEqual([]);
    now++;
    expect(await reviewed()).toEqual([
      'The control plan of this package has ended: its classification must be reviewed before it is delivered again.',
    ]);
  });

  test('is stopped no more once it has ended', async () => {
    const { reviewed, shelf, deliveryId } = await underway(uncontrolled);
    await shelf.finish({ deliveryId, bytes: 2, complete: true });
    await commit(makeEvent('release.withdrawn', actor, { releaseId, reason: 'NCR 1', decision }));
    expect(await reviewed()).toEqual([]);
  });
});

test('the end of the trust root is told ahead to whoever asks whether the gateway is ready', () => {
  const { trust } = keys;
  expect(trustReadiness(trust, trust.expiresMs - 32 * day)).toEqual({});
  expect(trustReadiness(trust, trust.expiresMs - 7 * day).warning).toMatch(/in 7 days; then nothing is released/);
  expect(trustReadiness(trust, trust.expiresMs - 1).warning).toMatch(/in less than a day/);
  expect(trustReadiness(trust, trust.expiresMs)).toEqual({ reason: expect.stringMatching(/expired on/) });
});
