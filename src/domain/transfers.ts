import { z } from 'zod';
import { Decision } from './decisions.ts';
import { Digest } from './digest.ts';
import { DoorChannel } from './doors.ts';
import { ChangeId, DeliveryId, MachineId, ReleaseId, SendingId } from './ids.ts';
import { DeliveryProof } from './shelf.ts';
import { ShortText, Text } from './text.ts';

/** A program of a release for a machine; `file`: its name, on the control or in the manifest. */
const about = { releaseId: ReleaseId, machineId: MachineId, file: ShortText };

export const sendingRequestedFields = {
  sendingId: SendingId,
  ...about,
  /** It is tried until it is delivered or given up, and `sending.ended` says which. */
  queued: z.literal(true).optional(),
  decision: Decision,
};

export const sendingPlacingFields = { sendingId: SendingId, ...about, deliveryId: DeliveryId };

export const sendingEndedFields = {
  sendingId: SendingId,
  ...about,
  outcome: z.enum(['delivered', 'not-delivered']),
  deliveryId: DeliveryId.optional(),
  reason: Text.optional(),
  /** What a try wrote beside its name may still stand there. */
  leftover: z.literal(true).optional(),
};

export const sendingClearedFields = { sendingId: SendingId, ...about };

export const deliveryStartedFields = {
  deliveryId: DeliveryId,
  sendingId: SendingId.optional(),
  ...about,
  digest: Digest,
  size: z.int().min(0),
  channel: DoorChannel,
  /** The change by which two people set something aside for it. */
  breakGlass: ChangeId.optional(),
  decision: Decision,
};

export const deliveryCompletedFields = {
  deliveryId: DeliveryId,
  bytes: z.int().min(0),
  digest: Digest,
  proof: DeliveryProof.optional(),
};
