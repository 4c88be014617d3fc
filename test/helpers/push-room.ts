import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openDeliveries } from '../../src/catalog/queries/packages.ts';
import type { Classification } from '../../src/domain/classification.ts';
import { type Event, makeEvent } from '../../src/domain/events.ts';
import type { DepositId, GroupId, MachineId, PackageId, PersonId, ReleaseId } from '../../src/domain/ids.ts';
import type { PushLink } from '../../src/domain/machine-links.ts';
import type { Machine } from '../../src/domain/machines.ts';
import type { Manifest } from '../../src/domain/manifest.ts';
import type { Pusher } from '../../src/domain/pushing.ts';
import { openTarget } from '../../src/edges/push/open-target.ts';
import { Pushes } from '../../src/edges/push/pushes.ts';
import type { Target } from '../../src/edges/push/target.ts';
import { sequencedEntries } from '../../src/ledger/open.ts';
import { digestOf } from '../../src/platform/hash.ts';
import { Policy } from '../../src/policy/decide.ts';
import { AccessRecord } from '../../src/services/access-record.ts';
import { Authority } from '../../src/services/authority.ts';
import { DeliveryService } from '../../src/services/delivery.ts';
import type { Asker } from '../../src/services/principals.ts';
import { PushQueue } from '../../src/services/push-queue.ts';
import { pushByRule } from '../../src/services/push-rule.ts';
import { SendingService } from '../../src/services/sending.ts';
import { ShelfTree } from '../../src/services/shelf.ts';
import { manifestDigest } from '../../src/signing/statements.ts';
import { BlobStore } from '../../src/vault/blob-store.ts';
import { VerifiedBlob } from '../../src/vault/verified-blob.ts';
import { ask, gateway, https, packageOf, policyFolder, uncontrolled } from '../policy/cases.ts';
import { FakeReturns } from './fake-returns.ts';
import { seededBytes } from './seeded.ts';
import { makeTestKeys } from './test-keys.ts';
import { openTestLedger, silentLog } from './test-ledger.ts';
import { unsigned } from './unsigned.ts';

const policy = Policy.load(policyFolder);
const keys = makeTestKeys();
const actor = { kind: 'gateway' } as const;
const decision = ask(policy, 'release', gateway, packageOf(uncontrolled), https);
export const local: Asker = {
  principal: { kind: 'local', account: 'keyway' },
  context: { channel: 'local-socket', encrypted: true },
};
export const mazak = 'MAZAK-1' as MachineId;

/** What happens around every act that leaves a trace: a commit, a write at the far side. */
export type Around = <T>(what: string, act: () => Promise<T>) => Promise<T>;
const undisturbed: Around = (_what, act) => act();

export type RoomOptions = {
  /** With the ledger and the vault of an earlier room, or to be filled. */
  folder: string;
  clock: () => number;
  around?: Around;
  wrapTarget?: (target: Target) => Target;
  pusher?: Pusher;
  seed?: number;
};

/** The queue of pushes with its ledger, its deliveries and its door, in one process and over files, as a start makes them. */
export class PushRoom {
  readonly at: ReturnType<typeof openTestLedger>;
  readonly vault: BlobStore;
  readonly sending: SendingService;
  readonly delivery: DeliveryService;
  readonly queue: PushQueue;
  readonly pushes: Pushes;
  readonly shelf: ShelfTree;
  readonly authority: Authority;
  #released = 0;

  constructor({ folder, clock, around = undisturbed, wrapTarget = (target) => target, pusher, seed = 1 }: RoomOptions) {
    for (const name of ['vault', 'share']) mkdirSync(join(folder, name), { recursive: true });
    // Ids and salts of two lives of one gateway must differ.
    this.at = openTestLedger({ keys, folder, clock, random: seededBytes(seed) });
    const { catalog, standing } = this.at;
    const ledger: Pick<typeof this.at.ledger, 'commit'> = {
      commit: (decide, options) => around('commit', () => this.at.ledger.commit(decide, options)),
    };
    this.vault = new BlobStore(join(folder, 'vault'));
    const record = new AccessRecord({ ledger: this.at.ledger, clock, log: silentLog });
    const authority = new Authority(policy, standing, clock, record);
    this.authority = authority;
    this.shelf = new ShelfTree(standing, authority);
    const random = seededBytes(seed);
    const common = { ledger, catalog, standing, authority, shelf: this.shelf, record, random, log: silentLog, clock };
    this.sending = new SendingService(common);
    this.delivery = new DeliveryService({
      ...common,
      identity: { identify: async () => undefined },
      ...{ trust: keys.trust, grounds: { require: async () => {} }, signer: { requireReady: () => {} } },
      verification: { release: (id: string) => ({ files: standing.release(id)?.manifest.files.map(signed) }) } as never,
    });
    const returns = new FakeReturns();
    this.pushes = new Pushes({
      ...{ shelves: this.delivery, returns, openArrival: returns.openArrival, drainMs: 10, log: silentLog },
      openTarget: async (link) =>
        wrapTarget(await openTarget(link, { folders: [folder], secrets: {}, answerMs: 2_000 })),
      openBlob: ({ digest, size }) => VerifiedBlob.open(join(folder, 'vault'), digest, size),
    });
    this.queue = new PushQueue({ ...common, pusher: pusher ?? this.pushes });
  }

  /** What `serve` does before it goes on. */
  async start(): Promise<void> {
    await this.delivery.closeInterrupted();
    this.sending.sendBy('push', this.queue);
  }

  byRule = () => pushByRule({ standing: this.at.standing, shelf: this.shelf, sending: this.sending });
  send = (name = 'O4471.NC') => this.sending.start(local, { machineId: mazak, name });
  commit = (...events: Event[]) => this.at.ledger.commit(() => ({ events, result: undefined }));

  register(link: Partial<Extract<PushLink, { kind: 'folder' }>> & { folder: string }, over: Partial<Machine> = {}) {
    const push: PushLink = { kind: 'folder', share: false, onRelease: false, ...link };
    const machine: Machine = {
      ...{ id: mazak, groups: ['HAAS-VF' as GroupId], make: 'Mazak', model: 'i-700', control: 'Smooth', cell: 'C3' },
      ...{ country: 'US', channel: 'push', sshKeys: [], push, jurisdictions: ['ITAR', 'EAR', 'none'], ...over },
    };
    return this.commit(makeEvent('machine.registered', actor, { machine, ...unsigned }));
  }

  /** Releases a job of this one program; a further one takes the place of the one before. */
  async release(
    content: string,
    classification: Classification = uncontrolled,
    name = 'O4471.NC',
    operation = '10',
  ): Promise<ReleaseId> {
    const stored = await this.vault.putBytes(Buffer.from(content));
    this.vault.admit(stored.digest);
    const n = String(++this.#released).padStart(10, '0');
    const files = [{ name, role: 'main-program' as const, ...stored, programNumber: 'O4471' }];
    const manifest: Manifest = {
      ...{ v: 1, part: 'BRKT', revision: String(this.#released), operation, machineGroup: 'HAAS-VF' as GroupId },
      ...{ changeOrder: 'ECO-1', author: 'CAM-1' as PersonId, classification, files },
    };
    const [packageId, releaseId] = [`PKG-${n}` as PackageId, `REL-${n}` as ReleaseId];
    const about = { packageId, manifestDigest: manifestDigest(manifest), decision };
    const envelope = {
      ...{ payloadType: 'application/vnd.in-toto+json' as const, payload: 'e30=' },
      signatures: [{ keyid: digestOf('key'), sig: 'c2ln' }],
    };
    const signatures = [{ name, digest: digestOf('p7s'), size: 3 }];
    const before = this.at.standing.releaseOfJob(manifest);
    await this.commit(
      makeEvent('package.submitted', actor, { ...about, depositId: `DEP-${n}` as DepositId, manifest }),
      makeEvent('release.issued', actor, { ...about, releaseId, envelope, signatures }),
      ...(before ? [makeEvent('release.superseded', actor, { releaseId: before.releaseId, by: releaseId })] : []),
    );
    return releaseId;
  }

  withdraw = (releaseId: ReleaseId) =>
    this.commit(makeEvent('release.withdrawn', actor, { releaseId, reason: 'NCR 1', decision }));

  /** Every event of these kinds, oldest first. */
  events<T extends Event['type']>(...types: T[]): Extract<Event, { type: T }>[] {
    const { reader, ledger } = this.at;
    return [...sequencedEntries(reader, 0, ledger.size)]
      .map(({ event }) => event)
      .filter((event): event is Extract<Event, { type: T }> => (types as string[]).includes(event.type));
  }

  underWay = async () => openDeliveries(await this.at.catalog.current()).length;

  async close(): Promise<void> {
    this.queue.beginNothing();
    await this.queue.idle();
    await this.at.end();
  }
}

const signed = (file: Manifest['files'][number]) => ({ ...file, signature: { digest: digestOf('p7s'), size: 3 } });
export const copyRoom = (from: string, to: string) => cpSync(from, to, { recursive: true });
