import type { Logger } from 'pino';
import type { Catalog } from '../catalog/catalog.ts';
import { sentUnder } from '../catalog/queries/returns.ts';
import type { QueuedSending } from '../catalog/sending-register.ts';
import type { Standing } from '../catalog/standing.ts';
import { DomainError, toDomainError } from '../domain/errors.ts';
import { type EventData, makeEvent } from '../domain/events.ts';
import type { DeliveryId, MachineId, SendingId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { PushLink } from '../domain/machine-links.ts';
import { doorsOf } from '../domain/machines.ts';
import { type Pusher, type PushOrder, type PushResult, temporaryName } from '../domain/pushing.ts';
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
    const { sendings } = this.#parts.standing;
    for (const queued of sendings.open())
      this.#begin(queued, () => this.#try(queued).catch((error: unknown) => this.#tryLater(queued, said(error))));
    for (const left of sendings.leftovers()) this.#begin(left, () => this.#clear(left));
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
    const left = [...sendings.leftovers()].filter(({ machineId }) => this.#linkOf(machineId));
    const late = [...sendings.open()].filter(({ since }) => timeMs - Date.parse(since) > limits.pushLateMs);
    return [
      ...late.map((queued) => {
        const why = this.#tries.get(queued.sendingId)?.reason ?? 'It has not been its turn.';
        return notDelivered(queued, why, 'It is tried again by itself; look at the way to the machine.');
      }),
      ...ended.map((one) =>
        notDelivered(one, one.reason, 'Look at the machine, then send it again with "keyway send".'),
      ),
      ...left.map((one) => leftBehind(one, this.#tries.get(one.sendingId)?.reason)),
    ];
  };

  /** Where it is due, and its machine has nothing else under way. */
  #begin({ sendingId, machineId }: QueuedSending, work: () => Promise<void>): void {
    const due = (this.#tries.get(sendingId)?.nextMs ?? 0) <= this.#parts.clock();
    if (!due || this.#busy.has(machineId) || this.#busy.size >= limits.pushesAtOnce) return;
    const working = work().finally(() => this.#busy.delete(machineId));
    this.#busy.set(machineId, working);
  }

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
    const { catalog } = this.#parts;
    const link = this.#linkOf(machineId);
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

  async #giveUp(queued: QueuedSending, why: string): Promise<void> {
    const { sendingId, machineId, releaseId, file } = queued;
    // Before its end is on record: a crash in between has it given up, and cleared, once more.
    const leftover = await this.#whyLeft(queued);
    const reason = leftover === undefined ? why : `${sentence(why)} What was begun of it may be left there.`;
    const data: EventData<'sending.ended'> = {
      ...{ sendingId, machineId, releaseId, file, outcome: 'not-delivered', reason: sentence(reason) },
      ...(leftover !== undefined && { leftover: true }),
    };
    const event = makeEvent('sending.ended', { kind: 'gateway' }, data);
    const stillOpen = () => this.#parts.standing.sendings.of(sendingId) !== undefined;
    await this.#parts.ledger.commit(() => ({ events: stillOpen() ? [event] : [], result: undefined }), {
      ending: true,
    });
    if (leftover === undefined) this.#tries.delete(sendingId);
    else this.#lookAgain(sendingId, leftover);
    this.#parts.log.error({ machine: machineId, file, reason }, 'a program was not delivered');
    this.#tell({ sendingId, state: 'failed', bytes: 0, reason: reason.slice(0, 300) });
  }

  /** Why it is not known that nothing is left beside its name; undefined where it is. */
  async #whyLeft({ sendingId, machineId }: QueuedSending): Promise<string | undefined> {
    const link = this.#linkOf(machineId);
    if (!link) return `${machineId} has no folder or server to look at any more.`;
    try {
      await this.#parts.pusher.clear({ machine: machineId, link, sendingId });
      return undefined;
    } catch (error) {
      return said(error);
    }
  }

  /** What ended is over; only its leavings are still looked for, now and then. Never rejects. */
  async #clear(left: QueuedSending): Promise<void> {
    const { sendingId, machineId, releaseId, file } = left;
    const { ledger, log } = this.#parts;
    const reason = await this.#whyLeft(left);
    this.#lookAgain(sendingId, reason);
    if (reason !== undefined) return;
    const event = makeEvent('sending.cleared', { kind: 'gateway' }, { sendingId, machineId, releaseId, file });
    try {
      await ledger.commit(() => ({ events: [event], result: undefined }));
      this.#tries.delete(sendingId);
    } catch (error) {
      log.warn({ machine: machineId, reason: said(error) }, 'that nothing is left of a push could not be recorded');
    }
  }

  #lookAgain(sendingId: SendingId, reason: string | undefined): void {
    this.#tries.set(sendingId, { failed: 1, nextMs: this.#parts.clock() + limits.pushRetryMaxMs, reason });
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

  #linkOf(machineId: MachineId): PushLink | undefined {
    return this.#parts.standing.machine(machineId)?.machine.push;
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

const leftBehind = ({ sendingId, machineId, since }: QueuedSending, why = 'It was not looked for yet.') => ({
  ...{ code: 'not-delivered' as const, subject: `${sendingId} left at ${machineId}`, since },
  sentence: `A push to ${machineId} that was given up may have left ${temporaryName(sendingId)} there: ${why}`,
  goOn: 'It is no program, and is taken away by itself once the way to the machine is open; or delete it there.',
});

const said = (error: unknown): string => toDomainError(error).message;
