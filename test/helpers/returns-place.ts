import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { foldAnew } from '../../src/catalog/rebuild.ts';
import type { Classification } from '../../src/domain/classification.ts';
import { type ControlForm, ControlNeeds } from '../../src/domain/control-form.ts';
import type { DoorChannel } from '../../src/domain/doors.ts';
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
import { type Manifest, onControl, toControl } from '../../src/domain/manifest.ts';
import type { ArrivalEnd, ReadbackVerdict } from '../../src/domain/returns.ts';
import { sequencedEntries } from '../../src/ledger/open.ts';
import { formFor } from '../../src/nc/form/control-form.ts';
import { digestOf } from '../../src/platform/hash.ts';
import { Policy } from '../../src/policy/decide.ts';
import { AccessRecord } from '../../src/services/access-record.ts';
import { Authority } from '../../src/services/authority.ts';
import { Comparison, type ReadbackThread } from '../../src/services/comparison.ts';
import { MachineProfiles } from '../../src/services/machine-profiles.ts';
import { ReadbackService } from '../../src/services/readback.ts';
import { runReadback } from '../../src/services/readback-task.ts';
import { ReturnService } from '../../src/services/returns.ts';
import { manifestDigest } from '../../src/signing/statements.ts';
import { BlobStore } from '../../src/vault/blob-store.ts';
import { ask, gateway, https, packageOf, policyFolder, uncontrolled } from '../policy/cases.ts';
import { makeTestKeys, temporaryFolder } from './test-keys.ts';
import { openTestLedger, silentLog } from './test-ledger.ts';
import { unsigned } from './unsigned.ts';

export const policy = Policy.load(policyFolder);
const profiles = MachineProfiles.load(new URL('../../config/machines', import.meta.url).pathname);
const keys = makeTestKeys();
const actor = { kind: 'gateway' } as const;
export const someDecision = ask(policy, 'release', gateway, packageOf(uncontrolled), https);

export const mill: Machine = {
  ...{ id: 'MILL-1' as MachineId, groups: ['HAAS-VF' as GroupId], make: 'Haas', model: 'VF-2', control: 'NGC' },
  ...{ cell: 'C3', country: 'US', channel: 'sftp', sshKeys: ['ssh-ed25519 AAAA'], jurisdictions: ['ITAR', 'none'] },
};
/** A story of verdicts need not wait for a thread to start. */
const inThisThread: ReadbackThread = { run: async (task) => runReadback(task), stop: async () => {} };
const numbered = (prefix: string, number: number) => `${prefix}-${String(number).padStart(10, '0')}`;

/** Ledger, vault, policy and the services of the way back in one process, with one mill, `MILL-1`. */
export class ReturnsPlace {
  readonly #place = temporaryFolder();
  now = Date.parse('2027-01-15T12:00:00Z');
  readonly at: ReturnType<typeof openTestLedger>;
  readonly vault: BlobStore;
  readonly authority: Authority;
  readonly record: AccessRecord;
  readonly readback: ReadbackService;
  readonly returns: ReturnService;
  readonly #random = countingIds();
  #releases = 0;
  #deliveries = 0;

  constructor() {
    const { folder } = this.#place;
    const clock = () => this.now;
    this.at = openTestLedger({ keys, folder, clock });
    const { ledger, catalog, standing } = this.at;
    mkdirSync(this.inbound);
    mkdirSync(join(folder, 'vault'));
    this.vault = new BlobStore(join(folder, 'vault'));
    this.record = new AccessRecord({ ledger, clock, log: silentLog });
    this.authority = new Authority(policy, standing, clock, this.record);
    this.readback = this.openReadback();
    const common = { ledger, catalog, vault: this.vault, random: this.#random, log: silentLog };
    this.returns = new ReturnService({
      ...common,
      ...{ inbound: this.inbound, authority: this.authority, readback: this.readback },
    });
  }

  /** Verdicts and differences, as a start makes them. */
  openReadback(): ReadbackService {
    const { ledger, catalog, standing } = this.at;
    const comparison = new Comparison({
      ...{ vault: this.vault, profiles, log: silentLog },
      ...{ verdicts: inThisThread, differences: inThisThread },
    });
    const common = { ledger, catalog, standing, vault: this.vault, random: this.#random, log: silentLog };
    return new ReadbackService({ ...common, comparison });
  }

  get inbound(): string {
    return join(this.#place.folder, 'inbound');
  }

  async close(): Promise<void> {
    await this.readback.stop();
    this.at.close();
    this.#place.remove();
  }

  commit(...events: Event[]) {
    return this.at.ledger.commit(() => ({ events, result: undefined }));
  }

  /** Every event of these kinds, oldest first. */
  events<T extends Event['type']>(...types: T[]): Extract<Event, { type: T }>[] {
    const { reader, ledger } = this.at;
    return [...sequencedEntries(reader, 0, ledger.size)]
      .map(({ event }) => event)
      .filter((event): event is Extract<Event, { type: T }> => (types as string[]).includes(event.type));
  }

  /** Tables in which the catalogue is not what a fold of the whole ledger makes. */
  async differingTables(): Promise<string[]> {
    const { reader, ledger } = this.at;
    const entries = async function* (from: number, to: number) {
      yield [...sequencedEntries(reader, from, to)];
    };
    return (await foldAnew(join(this.#place.folder, 'catalog.db'), { size: () => ledger.size, entries })).differing;
  }

  register(machine = mill) {
    return this.commit(makeEvent('machine.registered', actor, { machine, ...unsigned }));
  }

  /** Releases a job with this one program, in force from here on; `as`: what its control calls it, where that is another name. */
  async release(
    name: string,
    content: string,
    classification: Classification = uncontrolled,
    group = 'HAAS-VF',
    as?: string,
  ): Promise<ReleaseId> {
    const number = ++this.#releases;
    const { digest, size } = await this.#admit(content);
    const programNumber = /O\d+/.exec(content)?.[0] ?? 'O0';
    const manifest: Manifest = {
      ...{ v: 1, part: `BRKT-${number}`, revision: 'A', operation: '10', machineGroup: group as GroupId },
      ...{ changeOrder: 'ECO-1', author: 'CAM-1' as PersonId, classification },
      files: [
        { name, role: 'main-program', digest, size, programNumber },
        ...(as === undefined
          ? []
          : [{ name: `${name}.to-control`, role: toControl, digest, size, made: { from: name, as, form: plainForm } }]),
      ],
    };
    const depositId = numbered('DEP', number) as DepositId;
    const packageId = numbered('PKG', number) as PackageId;
    const releaseId = numbered('REL', number) as ReleaseId;
    const about = { packageId, manifestDigest: manifestDigest(manifest), decision: someDecision };
    const envelope = {
      ...{ payloadType: 'application/vnd.in-toto+json' as const, payload: 'e30=' },
      signatures: [{ keyid: digestOf('key'), sig: 'c2ln' }],
    };
    const facts = { file: name, dialect: 'iso' as const, programNumber, lines: 1, tools: [], calls: [] };
    await this.commit(
      makeEvent('deposit.received', actor, { depositId, door: 'http', name, files: [{ name, digest, size }] }),
      makeEvent('deposit.inspected', actor, { depositId, facts: [{ ...facts, units: 'inch' }], findings: [], more: 0 }),
      makeEvent('deposit.admitted', actor, { depositId, packageId }),
      makeEvent('package.submitted', actor, { ...about, depositId, manifest }),
      makeEvent('release.issued', actor, {
        ...{ ...about, releaseId, envelope },
        signatures: [{ name, digest: digestOf('p7s'), size: 3 }],
      }),
    );
    return releaseId;
  }

  /** A delivery of the release's program, whole or cut off after so many bytes. */
  async deliver(releaseId: ReleaseId, cutOffAfter?: number, machineId = mill.id): Promise<DeliveryId> {
    const deliveryId = numbered('DLV', ++this.#deliveries) as DeliveryId;
    const release = this.at.standing.release(releaseId);
    const [sent] = onControl(release?.manifest.files ?? []);
    if (!sent) throw new Error(`${releaseId} is not in force`);
    const { name, digest, size } = sent.file;
    const machine = { kind: 'machine' as const, id: machineId };
    await this.commit(
      makeEvent('delivery.started', machine, {
        ...{ deliveryId, releaseId, machineId, file: name, digest, size, channel: 'sftp', decision: someDecision },
      }),
      cutOffAfter === undefined
        ? makeEvent('delivery.completed', machine, { deliveryId, bytes: size, digest })
        : makeEvent('delivery.failed', machine, { deliveryId, bytes: cutOffAfter, reason: 'cut off' }),
    );
    return deliveryId;
  }

  /** What a door does for a machine that sends a file. */
  async sendBack(
    name: string,
    content: string | Buffer,
    over: Partial<ArrivalEnd> & { channel?: DoorChannel; machine?: MachineId } = {},
  ): Promise<ReadbackVerdict | undefined> {
    const { channel = 'sftp', machine = mill.id, ...end } = over;
    const { retrievalId, file } = await this.returns.accept(channel, machine, name);
    writeFileSync(file, content);
    return this.returns.arrived({ retrievalId, bytes: Buffer.byteLength(content), complete: true, ...end });
  }

  async #admit(content: string) {
    const stored = await this.vault.putBytes(Buffer.from(content));
    this.vault.admit(stored.digest);
    return stored;
  }
}

const plainForm: ControlForm = formFor({ name: 'O1' }, { dialect: 'iso', needs: ControlNeeds.parse({}) });

/** Ids count up in Crockford's digits, above those that a story gives by itself. */
function countingIds() {
  let next = 1_000_000;
  return (size: number) => {
    const bytes = new Uint8Array(size);
    let rest = ++next;
    for (let at = size - 1; at >= 0; at--, rest = Math.floor(rest / 32)) bytes[at] = rest % 32;
    return bytes;
  };
}
