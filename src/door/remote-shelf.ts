import { DomainError } from '../domain/errors.ts';
import type { DeliveryId, RetrievalId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { Arrival, Returns } from '../domain/returns.ts';
import type { OpenedFile, Shelves } from '../domain/shelf.ts';
import { type Channel, type Handlers, makeCaller, serveCalls } from '../platform/rpc.ts';
import { shelfProcedures } from './shelf-protocol.ts';

/** What lies behind every door: the shelf, and the way back. */
export type Behind = { shelves: Shelves; returns: Returns };
/** What the core says of a delivery under way reaches it by `stop`. */
export type Remote = Behind & { stop(deliveryId: DeliveryId, reason: string): void };

/** Both as the door process has them: every method asks the core over `ipc`. */
export function askCore(ipc: Channel): Remote {
  const stops = new Map<DeliveryId, (reason: string) => void>();
  const call = makeCaller(ipc, shelfProcedures, {
    timeoutMs: limits.doorAnswerMs,
    unavailable: () =>
      new DomainError('ledger-unavailable', 'The gateway core is not answering; nothing can be delivered. Try again.'),
  });
  const shelves: Shelves = {
    through: (channel) => ({
      identify: async (name, credential) => (await call('identify', { channel, name, credential })) ?? undefined,
      list: async (machine, path) => (await call('list', { channel, machine, path: [...path] })) ?? undefined,
      stat: async (machine, path) => (await call('stat', { channel, machine, path: [...path] })) ?? undefined,
      open: (machine, path, sendingId) =>
        call('open', { channel, machine, path: [...path], ...(sendingId === undefined ? {} : { sendingId }) }),
      stopped: (deliveryId) => new Promise((resolve) => stops.set(deliveryId, resolve)),
      async finish(end) {
        stops.delete(end.deliveryId);
        await call('finish', end);
      },
    }),
  };
  const returns: Returns = {
    accept: (channel, machine, name) => call('accept', { channel, machine, name }),
    arrived: async (end) => (await call('arrived', end, limits.arrivalAnswerMs)) ?? undefined,
  };
  return {
    shelves,
    returns,
    stop: (deliveryId, reason) => stops.get(deliveryId)?.(reason),
  };
}

/** After this the door may have stopped waiting for an answer to `open`; the margin is for the way back. */
const openAnswerMs = limits.doorAnswerMs * 0.8;

/**
 * The core's end. It keeps the promise that each started delivery and each arrival is ended once where the door cannot:
 * when the door process dies, and when an `open` took so long that the door has given up on it. `stop` tells the door.
 */
export function serveDoor(
  ipc: Channel,
  { shelves, returns }: Behind,
  onError: (error: unknown) => void,
  stop: (deliveryId: DeliveryId, reason: string) => void = () => {},
): void {
  const open = new Set<DeliveryId>();
  let gone = false;
  // A delivery ends the same whichever door it left by.
  const ending = shelves.through('sftp');

  const abandon = (deliveryId: DeliveryId, reason: string) => {
    open.delete(deliveryId);
    ending.finish({ deliveryId, bytes: 0, complete: false, reason }).catch(onError);
  };
  const hold = ({ deliveryId }: OpenedFile, startedAt: number) => {
    if (gone) abandon(deliveryId, 'the door process ended before the transfer began');
    else if (performance.now() - startedAt > openAnswerMs) {
      abandon(deliveryId, 'starting took so long that the machine was told to try again');
      throw new DomainError('busy', 'Starting the delivery took too long; try again.');
    } else {
      open.add(deliveryId);
      void ending.stopped(deliveryId).then((reason) => {
        if (open.has(deliveryId)) stop(deliveryId, reason);
      });
    }
  };

  const arrivals = arrivalsOf(returns, onError);
  serveCalls(ipc, shelfProcedures, {
    ...arrivals.handlers,
    identify: async ({ channel, name, credential }) =>
      (await shelves.through(channel).identify(name, credential)) ?? null,
    list: async ({ channel, machine, path }) => (await shelves.through(channel).list(machine, path)) ?? null,
    stat: async ({ channel, machine, path }) => (await shelves.through(channel).stat(machine, path)) ?? null,
    async open({ channel, machine, path, sendingId }) {
      const startedAt = performance.now();
      const opened = await shelves.through(channel).open(machine, path, sendingId);
      hold(opened, startedAt);
      return opened;
    },
    async finish(end) {
      if (!open.delete(end.deliveryId)) throw new DomainError('conflict', 'This delivery is not open.');
      await ending.finish(end);
      return null;
    },
  });
  ipc.onClose(() => {
    gone = true;
    for (const deliveryId of [...open])
      abandon(deliveryId, 'the door process ended; what the machine got is not known');
    arrivals.abandonAll();
  });
}

/** The way back, for one door process. */
function arrivalsOf(returns: Returns, onError: (error: unknown) => void) {
  const open = new Set<RetrievalId>();
  let gone = false;
  const abandon = (retrievalId: RetrievalId, reason: string) => {
    open.delete(retrievalId);
    returns.arrived({ retrievalId, bytes: 0, complete: false, reason }).catch(onError);
  };
  const hold = (arrival: Arrival, startedAt: number): Arrival => {
    const late = performance.now() - startedAt > openAnswerMs;
    if (!gone && !late) {
      open.add(arrival.retrievalId);
      return arrival;
    }
    abandon(arrival.retrievalId, 'it could not be begun in time');
    throw new DomainError('busy', 'Beginning took too long; try again.');
  };
  const handlers: Pick<Handlers<typeof shelfProcedures>, 'accept' | 'arrived'> = {
    async accept({ channel, machine, name }) {
      const startedAt = performance.now();
      return hold(await returns.accept(channel, machine, name), startedAt);
    },
    async arrived(end) {
      if (!open.delete(end.retrievalId)) throw new DomainError('conflict', 'This file is not being sent.');
      return (await returns.arrived(end)) ?? null;
    },
  };
  const abandonAll = () => {
    gone = true;
    for (const retrievalId of [...open]) abandon(retrievalId, 'the door process ended');
  };
  return { handlers, abandonAll };
}
