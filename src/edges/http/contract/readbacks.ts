import { z } from 'zod';
import { Digest } from '../../../domain/digest.ts';
import { DoorChannel } from '../../../domain/doors.ts';
import { DeliveryId, DepositId, MachineId, ReleaseId, RetrievalId } from '../../../domain/ids.ts';
import { ChangeCounts } from '../../../domain/nc-difference.ts';
import { Disposition, matchings } from '../../../domain/readback.ts';
import { ReadbackVerdict } from '../../../domain/returns.ts';
import { retrievalStates } from '../../../domain/states.ts';
import { Text } from '../../../domain/text.ts';

export const ReadbackView = z.strictObject({
  retrievalId: RetrievalId,
  machineId: MachineId,
  channel: DoorChannel,
  name: z.string(),
  state: z.enum(retrievalStates),
  digest: Digest.nullable(),
  canonical: Digest.nullable(),
  bytes: z.int(),
  reason: z.string().nullable(),
  verdict: ReadbackVerdict.nullable(),
  deliveryId: DeliveryId.nullable(),
  releaseId: ReleaseId.nullable(),
  file: z.string().nullable(),
  matchedBy: z.enum(matchings).nullable(),
  deliveredDigest: Digest.nullable(),
  deliveredCanonical: Digest.nullable(),
  held: z.boolean(),
  depositId: DepositId.nullable(),
  /** The whole difference, as JSON in the vault. */
  difference: Digest.nullable(),
  differenceSize: z.int().nullable(),
  sentences: z.array(z.string()),
  /** Blocks that have a change of a class; null where that is not known. */
  counts: ChangeCounts.nullable(),
  sameAs: RetrievalId.nullable(),
  disposition: Disposition.nullable(),
  resolution: z.string().nullable(),
  index: z.int(),
  time: z.string(),
  endedTime: z.string().nullable(),
});
export type ReadbackView = z.infer<typeof ReadbackView>;

export const ReadbackList = z.strictObject({ readbacks: z.array(ReadbackView) });
export const ReadbacksQuery = z.strictObject({
  machineId: MachineId.optional(),
  /** `yes`: those that came back different and that nobody resolved. */
  open: z.enum(['yes', 'no']).optional(),
});
export const Resolve = z.strictObject({ disposition: Disposition, reason: Text });

export const HeldView = z.strictObject({
  deliveryId: DeliveryId,
  releaseId: ReleaseId,
  /** Its name on the control. */
  as: z.string(),
  state: z.enum(['unknown', ...ReadbackVerdict.options]),
  since: z.string(),
  delivered: z.string(),
  retrievalId: RetrievalId.nullable(),
});
export const HeldList = z.strictObject({ holds: z.array(HeldView) });
