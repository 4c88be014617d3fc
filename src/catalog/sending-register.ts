import type { EventOf, Sequenced } from '../domain/events.ts';
import type { DeliveryId, MachineId, ReleaseId, SendingId } from '../domain/ids.ts';

/** A program that waits to be put where its machine finds it, or is on its way there. */
export type QueuedSending = {
  sendingId: SendingId;
  machineId: MachineId;
  releaseId: ReleaseId;
  /** Its name on the control. */
  file: string;
  since: string;
  /** The delivery that last came so far that the name may have appeared. */
  placing?: DeliveryId;
};
/** The newest program of a name that was not delivered to a machine, and why. */
export type Undelivered = QueuedSending & { reason: string };

type SendingEntry = Sequenced<EventOf<'sending.requested' | 'sending.placing' | 'sending.ended' | 'sending.cleared'>>;

export const sendingEvents = ['sending.requested', 'sending.placing', 'sending.ended', 'sending.cleared'] as const;
export const isSendingEntry = (entry: Sequenced): entry is SendingEntry =>
  sendingEvents.some((type) => type === entry.event.type);

/** The queue of pushes, as the ledger has it: what was asked for and has not ended. */
export class SendingRegister {
  readonly #open = new Map<SendingId, QueuedSending>();
  readonly #undelivered = new Map<string, Undelivered>();
  readonly #leftovers = new Map<SendingId, QueuedSending>();
  /** Of releases that are still in force: what was ever asked for. */
  readonly #asked = new Map<ReleaseId, Set<string>>();

  /** The oldest first. */
  open(): Iterable<QueuedSending> {
    return this.#open.values();
  }
  of(sendingId: string): QueuedSending | undefined {
    return this.#open.get(sendingId as SendingId);
  }
  undelivered(): Iterable<Undelivered> {
    return this.#undelivered.values();
  }
  /** Those that ended and may have left something beside their name. */
  leftovers(): Iterable<QueuedSending> {
    return this.#leftovers.values();
  }
  wasAsked(releaseId: ReleaseId, machineId: MachineId, file: string): boolean {
    return this.#asked.get(releaseId)?.has(keyOf(machineId, file)) ?? false;
  }

  apply({ event: { type, data }, time }: SendingEntry): void {
    const { sendingId, machineId, releaseId, file } = data;
    const known = this.#open.get(sendingId);
    if (type === 'sending.requested') {
      if (!data.queued) return;
      this.#open.set(sendingId, { sendingId, machineId, releaseId, file, since: time });
      this.#undelivered.delete(keyOf(machineId, file));
      const asked = this.#asked.get(releaseId) ?? new Set();
      this.#asked.set(releaseId, asked.add(keyOf(machineId, file)));
    } else if (type === 'sending.placing') {
      if (known) this.#open.set(sendingId, { ...known, placing: data.deliveryId });
    } else if (type === 'sending.cleared') this.#leftovers.delete(sendingId);
    else {
      this.#open.delete(sendingId);
      if (known && data.leftover) this.#leftovers.set(sendingId, { ...known, since: time });
      if (known && data.outcome === 'not-delivered')
        this.#undelivered.set(keyOf(machineId, file), { ...known, since: time, reason: data.reason ?? '' });
    }
  }

  /** A release that is not in force is not sent by itself any more, and nobody waits for it. */
  releaseEnded(releaseId: ReleaseId): void {
    this.#asked.delete(releaseId);
    for (const [key, { releaseId: of }] of this.#undelivered) if (of === releaseId) this.#undelivered.delete(key);
  }
}

/** No machine's id holds a space. */
const keyOf = (machineId: MachineId, file: string): string => `${machineId} ${file}`;
