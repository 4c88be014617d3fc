import { z } from 'zod';
import { DeliveryId, MachineId, SendingId } from '../../../domain/ids.ts';
import { SendingProgress } from '../../../domain/sending.ts';
import { FileName } from '../../../domain/text.ts';

export const SendProgram = z.strictObject({ machineId: MachineId, name: FileName });
/** `deliveryId` once the delivery is on record; `completed` means what the machine's protocol can say, and no more. */
export const SendingView = z.strictObject({
  ...SendingProgress.shape,
  machineId: MachineId,
  file: z.string(),
  size: z.int(),
  deliveryId: DeliveryId.optional(),
});
export type SendingView = z.infer<typeof SendingView>;
export const SendingList = z.strictObject({ sendings: z.array(SendingView) });
export const oneSending = z.strictObject({ sendingId: SendingId });
