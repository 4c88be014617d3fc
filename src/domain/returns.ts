import { z } from 'zod';
import type { DoorChannel } from './doors.ts';
import { type MachineId, RetrievalId } from './ids.ts';

/** What a program that came back is beside the one that was delivered; `unmatched`: no delivery of it is known. */
export const readbackVerdicts = ['identical', 'equivalent', 'different', 'unmatched'] as const;
export const ReadbackVerdict = z.enum(readbackVerdicts);
export type ReadbackVerdict = z.infer<typeof ReadbackVerdict>;

/** The folder of every shelf that a machine sends programs back into. */
export const returnFolder = 'from-machine';

/** A file that a machine may send back now: the door writes its bytes into `file`, which is empty and nobody else's. */
export const Arrival = z.strictObject({ retrievalId: RetrievalId, file: z.string() });
export type Arrival = z.infer<typeof Arrival>;

/** How a file ended that a machine sent. What is not `complete` is no readback; it is recorded and thrown away. */
export const ArrivalEnd = z.strictObject({
  retrievalId: RetrievalId,
  bytes: z.int().min(0),
  complete: z.boolean(),
  /** Why not, for a person; absent when complete. */
  reason: z.string().max(200).optional(),
});
export type ArrivalEnd = z.infer<typeof ArrivalEnd>;

/** The way back from a machine, the same behind every door. */
export interface Returns {
  /**
   * Decides whether this machine may send `name` back by this door. Rejects with a DomainError: `policy-denied`,
   * `request-invalid` for a name that no file may have, `storage-full`, `ledger-unavailable`.
   */
  accept(channel: DoorChannel, machine: MachineId, name: string): Promise<Arrival>;
  /**
   * Called exactly once for each arrival. Resolves when the bytes are durable, named by their digest and on record, with what
   * they are beside what was delivered; undefined when they did not all come.
   */
  arrived(end: ArrivalEnd): Promise<ReadbackVerdict | undefined>;
}
