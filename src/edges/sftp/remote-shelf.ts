import { DomainError } from '../../domain/errors.ts';
import type { DeliveryId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import type { OpenedFile, Shelf } from '../../domain/shelf.ts';
import { type Channel, makeCaller, serveCalls } from '../../platform/rpc.ts';
import { shelfProcedures } from './door-protocol.ts';

/** The shelf as the door process has it: every method asks the core over `channel`. */
export function remoteShelf(channel: Channel): Shelf {
  const call = makeCaller(channel, shelfProcedures, {
    timeoutMs: limits.doorAnswerMs,
    unavailable: () =>
      new DomainError('ledger-unavailable', 'The gateway core is not answering; nothing can be delivered. Try again.'),
  });
  return {
    identify: async (name, key) => (await call('identify', { name, key })) ?? undefined,
    list: async (machine, path) => (await call('list', { machine, path: [...path] })) ?? undefined,
    stat: async (machine, path) => (await call('stat', { machine, path: [...path] })) ?? undefined,
    open: (machine, path) => call('open', { machine, path: [...path] }),
    async finish(end) {
      await call('finish', end);
    },
  };
}

/** After this the door may have stopped waiting for an answer to `open`; the margin is for the way back. */
const openAnswerMs = limits.doorAnswerMs * 0.8;

/**
 * The core's end. It keeps the promise that each started delivery is finished once where the door cannot: when the
 * door process dies, and when an `open` took so long that the door has given up on it.
 */
export function serveShelf(channel: Channel, shelf: Shelf, onError: (error: unknown) => void): void {
  const open = new Set<DeliveryId>();
  let gone = false;

  const abandon = (deliveryId: DeliveryId, reason: string) => {
    open.delete(deliveryId);
    shelf.finish({ deliveryId, bytes: 0, complete: false, reason }).catch(onError);
  };
  const hold = ({ deliveryId }: OpenedFile, startedAt: number) => {
    if (gone) abandon(deliveryId, 'the door process ended before the transfer began');
    else if (performance.now() - startedAt > openAnswerMs) {
      abandon(deliveryId, 'starting took so long that the machine was told to try again');
      throw new DomainError('busy', 'Starting the delivery took too long; try again.');
    } else open.add(deliveryId);
  };

  serveCalls(channel, shelfProcedures, {
    identify: async ({ name, key }) => (await shelf.identify(name, key)) ?? null,
    list: async ({ machine, path }) => (await shelf.list(machine, path)) ?? null,
    stat: async ({ machine, path }) => (await shelf.stat(machine, path)) ?? null,
    async open({ machine, path }) {
      const startedAt = performance.now();
      const opened = await shelf.open(machine, path);
      hold(opened, startedAt);
      return opened;
    },
    async finish(end) {
      if (!open.delete(end.deliveryId)) throw new DomainError('conflict', 'This delivery is not open.');
      await shelf.finish(end);
      return null;
    },
  });
  channel.onClose(() => {
    gone = true;
    for (const deliveryId of [...open])
      abandon(deliveryId, 'the door process ended; what the machine got is not known');
  });
}
