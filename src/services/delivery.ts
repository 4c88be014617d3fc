import type { Logger } from 'pino';
import type { Catalog } from '../catalog/catalog.ts';
import { openDeliveries, releaseRow } from '../catalog/queries/packages.ts';
import type { Standing } from '../catalog/standing.ts';
import type { Decision } from '../domain/decisions.ts';
import type { DoorChannel } from '../domain/doors.ts';
import { DomainError } from '../domain/errors.ts';
import { type Event, makeEvent } from '../domain/events.ts';
import { type ChangeId, type DeliveryId, newDeliveryId, type RandomBytes, type SendingId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { Principal } from '../domain/people.ts';
import type { DeliveryEnd, OpenedFile, Shelf, ShelfEntry, Shelves } from '../domain/shelf.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Clock } from '../platform/clock.ts';
import type { Signer } from '../signing/signer-client.ts';
import { sameJson } from '../signing/statements.ts';
import { expiryReason, requireTrustInForce, type Trust } from '../signing/trust.ts';
import type { AccessRecord } from './access-record.ts';
import { type Authority, PolicyDenied, packageFacts } from './authority.ts';
import type { Grounds } from './grounds.ts';
import type { MachineIdentity } from './machine-identity.ts';
import { type AtDoor, machineAsker, type ShelfFile, type ShelfTree, shelfEntry } from './shelf.ts';
import type { Verification } from './verification.ts';

type DeliveryParts = {
  ledger: Pick<Ledger, 'commit'>;
  catalog: Pick<Catalog, 'current' | 'holding'>;
  standing: Standing;
  identity: Pick<MachineIdentity, 'identify'>;
  shelf: ShelfTree;
  verification: Pick<Verification, 'release'>;
  grounds: Pick<Grounds, 'require'>;
  authority: Authority;
  record: AccessRecord;
  signer: Pick<Signer, 'requireReady'>;
  trust: Pick<Trust, 'expiresMs' | 'version'>;
  clock: Clock;
  random: RandomBytes;
  log: Logger;
};

type Underway = {
  file: ShelfFile;
  at: AtDoor;
  sendingId: SendingId | undefined;
  stopped: PromiseWithResolvers<string>;
};

/** The shelf as doors use it: what a machine may list, and each delivery decided, verified and recorded. */
export class DeliveryService implements Shelves {
  readonly #parts: DeliveryParts;
  readonly #open = new Map<DeliveryId, Underway>();

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  through(channel: DoorChannel): Shelf {
    return {
      identify: (name, credential) => this.#parts.identity.identify(channel, name, credential),
      list: async (machine, path) => this.#list({ machine, channel }, path),
      stat: async (machine, path) => {
        const node = this.#parts.shelf.find({ machine, channel }, path);
        return node && shelfEntry(path.at(-1) ?? '', node);
      },
      open: (machine, path, sendingId) => this.#openFile({ machine, channel }, path, sendingId),
      stopped: (deliveryId) => this.#open.get(deliveryId)?.stopped.promise ?? new Promise<string>(() => {}),
      finish: (end) => this.#finish(end),
    };
  }

  #list(at: AtDoor, path: readonly string[]): ShelfEntry[] | undefined {
    const node = this.#parts.shelf.find(at, path);
    if (node?.kind !== 'folder') return undefined;
    const listed = [...node.entries].map(([name, entry]) => shelfEntry(name, entry));
    this.#parts.record.listed(machineAsker(at), 'shelf', [path.join('/'), ...listed.map(({ name }) => name)]);
    return listed;
  }

  async #openFile(at: AtDoor, path: readonly string[], sendingId?: SendingId): Promise<OpenedFile> {
    const { shelf, signer, authority, grounds, standing, trust, clock } = this.#parts;
    const file = shelf.find(at, path);
    if (file?.kind !== 'file') {
      this.#parts.record.refused(machineAsker(at), 'deliver', [path.join('/')], undefined);
      throw new DomainError('not-found', 'There is no such file for this machine.');
    }
    try {
      requireTrustInForce(trust, clock());
      signer.requireReady();
      const asOf = standing.changes;
      const decision = this.#decide(at, file);
      const exceptions = authority.exceptions(
        machineAsker(at),
        packageFacts(file.release.packageId, file.release.manifest),
      );
      await grounds.require(at.machine, exceptions);
      await this.#requireVerified(file);
      const breakGlass = exceptions.breakGlass?.changeId;
      const opened = await this.#start(at, file, {
        ...(sendingId === undefined ? {} : { sendingId }),
        ...(breakGlass === undefined ? {} : { breakGlass }),
        decision,
      });
      // What was decided may have been taken back while it became durable.
      if (standing.changes !== asOf) this.reviewOpen();
      return opened;
    } catch (error) {
      if (error instanceof DomainError) await this.#recordRefusal(at, file, error);
      throw error;
    }
  }

  async #finish(end: DeliveryEnd): Promise<void> {
    const { deliveryId } = end;
    const delivery = this.#open.get(deliveryId);
    if (!delivery) throw new DomainError('not-found', 'There is no such delivery under way.');
    // Recorded first: a crash in between leaves it open, and the next start records it as failed.
    await this.#parts.ledger.commit(() => ({ events: this.#endOf(delivery, end), result: undefined }), {
      ending: true,
    });
    this.#open.delete(deliveryId);
  }

  /** A delivery that arrived ends what was queued in the same act, so that no crash has it sent again. */
  #endOf({ file: { digest, size }, at, sendingId }: Underway, end: DeliveryEnd): Event[] {
    const { deliveryId, bytes, complete, reason = `Only ${bytes} of ${size} bytes were read.`, proof } = end;
    const actor: Principal = { kind: 'machine', id: at.machine };
    if (!complete || bytes !== size) return [makeEvent('delivery.failed', actor, { deliveryId, bytes, reason })];
    const completed = makeEvent('delivery.completed', actor, { deliveryId, bytes, digest, ...(proof && { proof }) });
    const queued = sendingId && this.#parts.standing.sendings.of(sendingId);
    if (!queued) return [completed];
    const { machineId, releaseId, file } = queued;
    const said = { sendingId, machineId, releaseId, file, outcome: 'delivered' as const, deliveryId };
    return [completed, makeEvent('sending.ended', { kind: 'gateway' }, said)];
  }

  /**
   * Decides again what is under way, and stops what may not go on: called after every change of what is in force, and now
   * and then because statuses and records end with a day.
   */
  reviewOpen(): void {
    for (const { file, at, stopped } of this.#open.values()) {
      const reason = this.#whyStop(at, file);
      if (reason !== undefined) stopped.resolve(reason);
    }
  }

  #whyStop(at: AtDoor, { release }: ShelfFile): string | undefined {
    const { standing, authority, trust, clock } = this.#parts;
    if (!standing.machine(at.machine)) return 'The machine is not registered any more.';
    const expired = expiryReason(trust, clock());
    if (expired !== undefined) return expired;
    const decision = authority.decide('deliver', machineAsker(at), packageFacts(release.packageId, release.manifest));
    return decision.verdict === 'deny' ? decision.reasons.join(' ') : undefined;
  }

  /** After a start: what was under way when the gateway ended did not complete, as far as anyone can prove. */
  async closeInterrupted(): Promise<void> {
    for (const { deliveryId, bytes } of openDeliveries(await this.#parts.catalog.current())) {
      const reason = 'The gateway stopped during this delivery.';
      const event = makeEvent(
        'delivery.failed',
        { kind: 'gateway' },
        { deliveryId: deliveryId as DeliveryId, bytes, reason },
      );
      await this.#parts.ledger.commit(() => ({ events: [event], result: undefined }), { ending: true });
    }
  }

  #decide(at: AtDoor, { release }: ShelfFile): Decision {
    return this.#parts.authority.require(
      'deliver',
      machineAsker(at),
      packageFacts(release.packageId, release.manifest),
    );
  }

  /** The release must hold by its signatures, and the catalogue must not tell another story about it. */
  async #requireVerified(file: ShelfFile): Promise<void> {
    const { verification, catalog } = this.#parts;
    const { releaseId, manifestDigest, index, manifest } = file.release;
    const verified = verification.release(releaseId).files;
    const found = verified.some((v) =>
      file.part === 'content' ? v.name === file.name && v.digest === file.digest : v.signature.digest === file.digest,
    );
    if (!found) throw new DomainError('not-verified', `${file.name} is not part of the verified release.`);
    const files = manifest.files.map(({ name, digest, size }) => ({ name, digest, size }));
    if (
      sameJson(releaseRow(await catalog.holding(index + 1), releaseId) ?? null, {
        releaseId,
        state: 'in-force',
        manifestDigest,
        index,
        files,
      })
    )
      return;
    throw new DomainError(
      'catalogue-differs',
      'The catalogue says something else about this release than the ledger: nothing is delivered until "keyway ledger rebuild".',
    );
  }

  async #start(
    { machine, channel }: AtDoor,
    file: ShelfFile,
    why: { decision: Decision; sendingId?: SendingId; breakGlass?: ChangeId },
  ): Promise<OpenedFile> {
    const { ledger, standing, random, log } = this.#parts;
    const deliveryId = newDeliveryId(random);
    const { release, name, digest, size } = file;
    await ledger.commit(() => {
      if (standing.release(release.releaseId) !== release)
        throw new DomainError('not-found', 'This release was just taken back.');
      const actor: Principal = { kind: 'machine', id: machine };
      const data = {
        deliveryId,
        releaseId: release.releaseId,
        machineId: machine,
        file: name,
        digest,
        size,
        channel,
        ...why,
      };
      return { events: [makeEvent('delivery.started', actor, data)], result: undefined };
    });
    if (why.breakGlass !== undefined)
      log.error(
        { alarm: 'break-glass-open', breakGlass: why.breakGlass, deliveryId, machine },
        'a delivery under break-glass',
      );
    const { sendingId } = why;
    this.#open.set(deliveryId, { file, at: { machine, channel }, sendingId, stopped: Promise.withResolvers() });
    return { deliveryId, digest, size, time: release.time };
  }

  /** One refusal of one thing a minute is an event, and its repeats one more, so that no client can fill the ledger. */
  async #recordRefusal(at: AtDoor, file: ShelfFile, error: DomainError): Promise<void> {
    const { record, log } = this.#parts;
    const { machine } = at;
    const { code, message } = error;
    const { releaseId } = file.release;
    log.warn({ machine, releaseId, code }, 'delivery refused');
    if (code === 'ledger-unavailable' || code === 'storage-full') return;
    const data = { machineId: machine, releaseId, file: file.name, code, message };
    const decision = error instanceof PolicyDenied ? { decision: error.decision } : {};
    const key = `delivery ${machine} ${releaseId} ${file.name} ${code}`;
    await record.note(key, limits.refusalRepeatMs, [], (repeats) =>
      makeEvent(
        'delivery.refused',
        { kind: 'machine', id: machine },
        { ...data, ...decision, ...(repeats > 0 ? { repeats } : {}) },
      ),
    );
  }
}
