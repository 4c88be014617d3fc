import type { Logger } from 'pino';
import type { Catalog } from '../catalog/catalog.ts';
import { sentUnder } from '../catalog/queries/returns.ts';
import type { QueuedSending } from '../catalog/sending-register.ts';
import type { Standing } from '../catalog/standing.ts';
import { DomainError, toDomainError } from '../domain/errors.ts';
import { type EventData, makeEvent } from '../domain/events.ts';
import type { DeliveryId, MachineId, SendingId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { doorsOf } from '../domain/machines.ts';
import type { Pusher, PushOrder, PushResult } from '../domain/pushing.ts';
import type { Sender, SendingProgress } from '../domain/sending.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Clock } from '../platform/clock.ts';
import type { AlarmSource } from './alarms.ts';
import { sentence } from './reason-text.ts';
import type { ShelfFile, ShelfTree } from './shelf.ts';

type QueueParts = {
  ledger: Pick<Ledger, 'commit'>;
  catalog: Pick<Catalog, 'current'>;
  standing: Standing;
  shelf: Pick<ShelfTree, 'find'>;
  pusher: Pusher;
  clock: Clock;
  log: Logger;
};

/** What is known of one sending beside the ledger: it begins anew with the process. */
type Tries = { failed: number; nextMs: number; reason: string | undefined };

/**
 * The queue of pushes. What waits is what the ledger says was asked for and has not ended, so that there is nothing beside it
 * that a crash could lose: a start goes on where the ledger stops. One program at a time goes to each machine.
 */
export class PushQueue implements Sender {
  readonly #parts: QueueParts;
  readonly #listeners = new Map<SendingId, (progress: SendingProgress) => void>();
  readonly #tries = new Map<SendingId, Tries>();
  readonly #busy = new Map<MachineId, Promise<void>>();
  #stopping = false;

  constructor(parts: QueueParts) {
    this.#parts = parts;
  }

  async send(...[{ sendingId, machine, path }, onProgress]: Parameters<Sender['send']>) {
    if (this.#stopping) throw new DomainError('busy', 'The gateway is stopping.');
    const file = this.#onShelf(machine, path.at(-1) ?? '');
    this.#listeners.set(sendingId, onProgress);
    this.look();
    return { size: file?.size ?? 0 };
  }

  /** Begins what is due. Called every second, and when something new waits. */
  look(): void {
    if (this.#stopping) return;
    const now = this.#parts.clock();
    for (const queued of this.#parts.standing.sendings.open()) {
      const { sendingId, machineId } = queued;
      const due = (this.#tries.get(sendingId)?.nextMs ?? 0) <= now;
      if (!due || this.#busy.has(machineId) || this.#busy.size >= limits.pushesAtOnce) continue;
      const working = this.#try(queued)
        .catch((err: unknown) => this.#tryLater(queued, `${toDomainError(err).message}`))
        .finally(() => this.#busy.delete(machineId));
      this.#busy.set(machineId, working);
    }
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await Promise.all(this.#busy.values());
  }

  /** From here on; the next start goes on. */
  beginNothing(): void {
    this.#stopping = true;
  }

  /** What has not arrived, plainly: it waits for longer than it should, or it was given up. */
  readonly alarms: AlarmSource = (timeMs) => {
    const { sendings } = this.#parts.standing;
    const ended = [...sendings.undelivered()].filter(({ machineId }) => this.#parts.standing.machine(machineId));
    const late = [...sendings.open()].filter(({ since }) => timeMs - Date.parse(since) > limits.pushLateMs);
    return [
      ...late.map((queued) => {
        const why = this.#tries.get(queued.sendingId)?.reason ?? 'It has not been its turn.';
        return notDelivered(queued, why, 'It is tried again by itself; look at the way to the machine.');
      }),
      ...ended.map((one) =>
        notDelivered(one, one.reason, 'Look at the machine, then send it again with "keyway send".'),
      ),
    ];
  };

  async #try(queued: QueuedSending): Promise<void> {
    const order = await this.#order(queued);
    if (typeof order === 'string') return this.#giveUp(queued, order);
    const { sendingId } = queued;
    this.#tell({ sendingId, state: 'waiting', bytes: 0 });
    const result = await this.#parts.pusher.push(order, {
      placing: (deliveryId) => this.#recordPlacing(sendingId, deliveryId),
      progress: (deliveryId, bytes) => this.#tell({ sendingId, state: 'sending', bytes, deliveryId }),
    });
    await this.#ended(queued, order.size, result);
  }

  /** What the door is to do, or why there is nothing to be done any more. */
  async #order({ sendingId, machineId, releaseId, file: name, placing }: QueuedSending): Promise<PushOrder | string> {
    const { standing, catalog } = this.#parts;
    const link = standing.machine(machineId)?.machine.push;
    if (!link) return `${machineId} has no folder or server to push to any more.`;
    const file = this.#onShelf(machineId, name);
    if (file?.release.releaseId !== releaseId) return 'It may not go to this machine any more: see its shelf.';
    const sent = sentUnder(await catalog.current(), machineId, name).slice(0, limits.pushReplaceable);
    const replaces = sent.map(({ digest, size }) => ({ digest, size }));
    const { digest, size } = file;
    return { sendingId, machine: machineId, link, name, digest, size, replaces, placed: placing !== undefined };
  }

  async #ended(queued: QueuedSending, size: number, result: PushResult): Promise<void> {
    const { sendingId, since } = queued;
    if (result.outcome === 'delivered') {
      // Its end is on record with the delivery's, in one act.
      this.#tries.delete(sendingId);
      return this.#tell({ sendingId, state: 'completed', bytes: size, deliveryId: result.deliveryId });
    }
    const tooLong = this.#parts.clock() - Date.parse(since) > limits.pushGiveUpMs;
    if (!result.again || tooLong) return this.#giveUp(queued, `${result.code}: ${result.reason}`);
    this.#tryLater(queued, result.reason);
  }

  #tryLater({ sendingId, machineId, file }: QueuedSending, reason: string): void {
    const failed = (this.#tries.get(sendingId)?.failed ?? 0) + 1;
    const waitMs = Math.min(limits.pushRetryMs * 2 ** (failed - 1), limits.pushRetryMaxMs);
    this.#tries.set(sendingId, { failed, nextMs: this.#parts.clock() + waitMs, reason });
    this.#parts.log.warn({ machine: machineId, file, reason, again: waitMs }, 'a program could not be pushed');
    this.#tell({ sendingId, state: 'waiting', bytes: 0, reason: reason.slice(0, 300) });
  }

  async #giveUp(queued: QueuedSending, reason: string): Promise<void> {
    const { sendingId, machineId, releaseId, file } = queued;
    const data: EventData<'sending.ended'> = {
      ...{ sendingId, machineId, releaseId, file, outcome: 'not-delivered', reason: sentence(reason) },
    };
    const event = makeEvent('sending.ended', { kind: 'gateway' }, data);
    const stillOpen = () => this.#parts.standing.sendings.of(sendingId) !== undefined;
    await this.#parts.ledger.commit(() => ({ events: stillOpen() ? [event] : [], result: undefined }), {
      ending: true,
    });
    this.#tries.delete(sendingId);
    this.#parts.log.error({ machine: machineId, file, reason }, 'a program was not delivered');
    this.#tell({ sendingId, state: 'failed', bytes: 0, reason: reason.slice(0, 300) });
  }

  async #recordPlacing(sendingId: SendingId, deliveryId: DeliveryId): Promise<void> {
    await this.#parts.ledger.commit(() => {
      const queued = this.#parts.standing.sendings.of(sendingId);
      if (!queued) throw new DomainError('state-forbids', 'This sending has ended.');
      const { machineId, releaseId, file } = queued;
      const event = makeEvent(
        'sending.placing',
        { kind: 'gateway' },
        {
          ...{ sendingId, machineId, releaseId, file, deliveryId },
        },
      );
      return { events: [event], result: undefined };
    });
  }

  #onShelf(machineId: MachineId, name: string): ShelfFile | undefined {
    const { standing, shelf } = this.#parts;
    const machine = standing.machine(machineId)?.machine;
    const [channel] = machine ? doorsOf(machine) : [];
    const found = channel && shelf.find({ machine: machineId, channel }, ['current', name]);
    return found?.kind === 'file' ? found : undefined;
  }

  #tell(progress: SendingProgress): void {
    this.#listeners.get(progress.sendingId)?.(progress);
    if (progress.state === 'completed' || progress.state === 'failed') this.#listeners.delete(progress.sendingId);
  }
}

const notDelivered = ({ sendingId, machineId, releaseId, since }: QueuedSending, why: string, goOn: string) => ({
  ...{ code: 'not-delivered' as const, subject: `${sendingId} to ${machineId}`, goOn, since },
  sentence: `A program of ${releaseId} was not delivered to ${machineId}: ${why}`,
});
