import type { Standing } from '../catalog/standing.ts';
import { DomainError, toDomainError } from '../domain/errors.ts';
import { type EventData, makeEvent } from '../domain/events.ts';
import { type MachineId, newSendingId, type RandomBytes, type SendingId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { doorsOf, type Machine } from '../domain/machines.ts';
import { onControl } from '../domain/manifest.ts';
import type { Sender, SendingProgress } from '../domain/sending.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { AccessRecord } from './access-record.ts';
import { type Authority, PolicyDenied, packageFacts, type Resource } from './authority.ts';
import { type Asker, gatewayAsker } from './principals.ts';
import { type AtDoor, machineAsker, type ShelfFile, type ShelfTree } from './shelf.ts';

/** One program on its way to a machine, as whoever sent it may see it. */
export type Sending = SendingProgress & {
  machineId: MachineId;
  file: string;
  size: number;
};

type SendingParts = {
  ledger: Pick<Ledger, 'commit'>;
  standing: Standing;
  shelf: Pick<ShelfTree, 'find'>;
  authority: Authority;
  record: Pick<AccessRecord, 'refused'>;
  random: RandomBytes;
};

/**
 * Has released programs sent to machines that do not come for them. Who asked is decided and on record first; the door then opens
 * the file as the machine would, which decides and verifies again. What is known of a sending here is for whoever
 * waits: the ledger holds the delivery.
 */
export class SendingService {
  readonly #parts: SendingParts;
  readonly #senders = new Map<Machine['channel'], Sender>();
  readonly #sendings = new Map<SendingId, { sending: Sending; about: Resource }>();

  constructor(parts: SendingParts) {
    this.#parts = parts;
  }

  /** The door by which machines of this channel are reached. */
  sendBy(channel: 'serial' | 'push', sender: Sender): void {
    this.#senders.set(channel, sender);
    if (channel === 'push') this.#takeUp();
  }

  /**
   * Begins to send a program of `/current` of the machine's shelf. Throws `not-found`, also for what the asker may not send,
   * `policy-denied` for what the machine may not have, `not-supported` for a machine that comes by itself, and what `Sender.send` says.
   */
  async start(asker: Asker, { machineId, name }: { machineId: string; name: string }): Promise<Sending> {
    const { machine, sender } = this.#reached(machineId);
    const path = ['current', name];
    const { release, size } = this.#onShelf(asker, machine, path);
    const about = packageFacts(release.packageId, release.manifest);
    const sendingId = newSendingId(this.#parts.random);
    const queued = machine.channel === 'push' ? { queued: true as const } : {};
    const asked = { sendingId, machineId: machine.id, releaseId: release.releaseId, file: name, ...queued };
    await this.#record(asker, asked, about);
    this.#keep({ sendingId, machineId: machine.id, file: name, state: 'waiting', bytes: 0, size }, about);
    try {
      const order = { sendingId, machine: machine.id, path };
      const { deliveryId } = await sender.send(order, (progress) => void this.#note(sendingId, progress));
      return this.#note(sendingId, deliveryId === undefined ? {} : { deliveryId });
    } catch (error) {
      this.#note(sendingId, { state: 'failed', reason: toDomainError(error).message.slice(0, 300) });
      throw error;
    }
  }

  /** As `start`, for a machine that its registration has sent what is released without anybody asking. */
  async startByRule(machineId: MachineId, name: string): Promise<void> {
    await this.start(gatewayAsker, { machineId, name });
  }

  /** Throws `not-found` for one that is not known any more, and for one that the asker could not have sent. */
  get(asker: Asker, id: string): Sending {
    const known = this.#sendings.get(id as SendingId);
    if (!known || this.#parts.authority.decide('send', asker, known.about).verdict === 'deny')
      throw new DomainError('not-found', 'There is no such sending.');
    return known.sending;
  }

  /** Newest first, of those that the asker could have sent. */
  list(asker: Asker): Sending[] {
    return [...this.#sendings.values()]
      .filter(({ about }) => this.#parts.authority.decide('send', asker, about).verdict === 'permit')
      .map(({ sending }) => sending)
      .reverse();
  }

  /** What was queued before this start, so that whoever asked finds it. */
  #takeUp(): void {
    const { standing } = this.#parts;
    for (const { sendingId, machineId, releaseId, file } of standing.sendings.open()) {
      const release = standing.release(releaseId);
      if (!release) continue;
      const about = packageFacts(release.packageId, release.manifest);
      const size = onControl(release.manifest.files).find(({ as }) => as === file)?.file.size ?? 0;
      this.#keep({ sendingId, machineId, file, state: 'waiting', bytes: 0, size }, about);
      const order = { sendingId, machine: machineId, path: ['current', file] };
      // A gateway that stops already goes on at its next start.
      void this.#senders
        .get('push')
        ?.send(order, (progress) => void this.#note(sendingId, progress))
        .catch(() => {});
    }
  }

  #reached(machineId: string): { machine: Machine; sender: Sender } {
    const machine = this.#parts.standing.machine(machineId)?.machine;
    if (!machine) throw new DomainError('not-found', `${machineId} is not registered.`, { field: 'machineId' });
    const { id, channel } = machine;
    const sender = this.#senders.get(channel);
    if (sender) return { machine, sender };
    throw new DomainError('not-supported', `Nothing is sent to ${id} from here: its channel is ${channel}.`, {
      field: 'machineId',
    });
  }

  /** What the machine itself would find under this name. */
  #onShelf(asker: Asker, machine: Machine, path: readonly string[]): ShelfFile {
    const [channel] = doorsOf(machine);
    const found = channel && this.#parts.shelf.find({ machine: machine.id, channel }, path);
    if (found?.kind === 'file') return found;
    const name = path.at(-1) ?? '';
    this.#parts.record.refused(asker, 'send', [`${machine.id} ${name}`], undefined);
    throw (channel && this.#keptFrom(asker, { machine: machine.id, channel }, name)) ?? this.#nothingOf(machine.id);
  }

  /** Why the rules keep a released program of this name from the machine, for whoever could have had it sent. */
  #keptFrom(asker: Asker, at: AtDoor, name: string): DomainError | undefined {
    const { standing, authority } = this.#parts;
    const { groups = [] } = standing.machine(at.machine)?.machine ?? {};
    for (const { packageId, manifest } of standing.releases()) {
      if (!groups.includes(manifest.machineGroup) || !onControl(manifest.files).some(({ as }) => as === name)) continue;
      const about = packageFacts(packageId, manifest);
      if (authority.decide('send', asker, about).verdict === 'deny') continue;
      const { verdict, reasons } = authority.decide('deliver', machineAsker(at), about);
      if (verdict === 'deny')
        return new DomainError('policy-denied', `${name} is not for ${at.machine} now. ${reasons.join(' ')}`, {
          field: 'name',
        });
    }
    return undefined;
  }

  async #record(asker: Asker, asked: Omit<EventData<'sending.requested'>, 'decision'>, about: Resource): Promise<void> {
    const { ledger, authority } = this.#parts;
    try {
      const decision = authority.require('send', asker, about);
      const event = makeEvent('sending.requested', asker.principal, { ...asked, decision });
      await ledger.commit(() => ({ events: [event], result: undefined }));
    } catch (error) {
      // That there is such a program is not told to whoever may not send it; the refusal is on record.
      throw error instanceof PolicyDenied ? this.#nothingOf(asked.machineId) : error;
    }
  }

  #nothingOf(machineId: MachineId): DomainError {
    return new DomainError('not-found', `There is no such program that you may send to ${machineId} now.`, {
      field: 'name',
    });
  }

  #keep(sending: Sending, about: Resource): void {
    this.#sendings.set(sending.sendingId, { sending, about });
    if (this.#sendings.size <= limits.sendingsRemembered) return;
    for (const [id, { sending: old }] of this.#sendings) {
      if (!isOver(old)) continue;
      this.#sendings.delete(id);
      return;
    }
  }

  #note(sendingId: SendingId, { deliveryId, reason, ...news }: Partial<SendingProgress>): Sending {
    const known = this.#sendings.get(sendingId);
    if (!known) throw new DomainError('internal', 'A sending was forgotten while it was under way.');
    const said = { ...(deliveryId && { deliveryId }), ...(reason !== undefined && { reason }) };
    known.sending = { ...known.sending, ...news, ...said };
    return known.sending;
  }
}

const isOver = ({ state }: Sending): boolean => state === 'completed' || state === 'failed';
