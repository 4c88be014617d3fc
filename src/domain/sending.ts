import { z } from 'zod';
import { DeliveryId, MachineId, SendingId } from './ids.ts';

/** One program for one machine that does not come for it. `path`: names from the root of its shelf. */
export const SendingOrder = z.strictObject({
  sendingId: SendingId,
  machine: MachineId,
  path: z.array(z.string().min(1).max(255)).min(1).max(16),
});
export type SendingOrder = z.infer<typeof SendingOrder>;

export const sendingStates = ['waiting', 'sending', 'completed', 'failed'] as const;
/** How far it is. `waiting`: the machine has not said yet that it is ready. */
export const SendingProgress = z.strictObject({
  sendingId: SendingId,
  state: z.enum(sendingStates),
  bytes: z.int().min(0),
  /** Why it failed, for a person. */
  reason: z.string().max(300).optional(),
  /** The delivery by which it goes now, where that has begun. */
  deliveryId: DeliveryId.optional(),
});
export type SendingProgress = z.infer<typeof SendingProgress>;

/** `deliveryId` is absent where it only waits in a queue: no byte has left, and nothing was opened yet. */
export const SendingBegun = z.strictObject({ deliveryId: DeliveryId.optional(), size: z.int().min(0) });
export type SendingBegun = z.infer<typeof SendingBegun>;

/** A door that brings programs to machines, whatever it speaks to them. */
export interface Sender {
  /**
   * Opens the file on the machine's shelf, which decides, verifies and records `delivery.started`, and begins to send it; or
   * keeps the order in a durable queue that does so later, and again where it fails.
   * Rejects with a DomainError where nothing began: `busy` when the way to the machine is taken or not there, or
   * what `Shelf.open` says. `onProgress` then hears of it now and then, and of its end exactly once.
   */
  send(order: SendingOrder, onProgress: (progress: SendingProgress) => void): Promise<SendingBegun>;
}
