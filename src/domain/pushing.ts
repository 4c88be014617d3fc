import { z } from 'zod';
import { Digest } from './digest.ts';
import { errorCodes } from './errors.ts';
import { DeliveryId, MachineId, SendingId } from './ids.ts';
import { limits } from './limits.ts';
import { PushLink } from './machine-links.ts';
import { ReadbackVerdict } from './returns.ts';
import { FileName } from './text.ts';

const Bytes = z.strictObject({ digest: Digest, size: z.int().min(0) });
const where = { machine: MachineId, link: PushLink };

/** One try to put one program where a machine finds it. */
export const PushOrder = z.strictObject({
  ...where,
  sendingId: SendingId,
  /** Its name on the control, and exactly the bytes that were asked for: a newer release under the same name is another order. */
  name: FileName,
  ...Bytes.shape,
  /** What we put there under this name before and may put this in the place of. Other bytes are somebody's work. */
  replaces: z.array(Bytes).max(limits.pushReplaceable),
  /** An earlier try came so far that its name may have appeared. */
  placed: z.boolean(),
});
export type PushOrder = z.infer<typeof PushOrder>;

/** `again`: whether another try may end otherwise. A refusal for the sake of safety is for a person to look at. */
export const PushResult = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('delivered'), deliveryId: DeliveryId }),
  z.strictObject({
    outcome: z.literal('failed'),
    code: z.enum(errorCodes),
    reason: z.string().max(300),
    again: z.boolean(),
  }),
]);
export type PushResult = z.infer<typeof PushResult>;

/** A look into the folder of a machine: all names there, and of these programs the bytes. */
export const SurveyOrder = z.strictObject({ ...where, names: z.array(FileName).max(limits.deliveriesMatched) });
export type SurveyOrder = z.infer<typeof SurveyOrder>;
export const Survey = z.strictObject({
  listed: z.array(z.string().max(255)).max(limits.pushFolderEntries),
  verdicts: z.array(z.strictObject({ name: FileName, verdict: ReadbackVerdict })).max(limits.deliveriesMatched),
});
export type Survey = z.infer<typeof Survey>;

/** Takes a program away that is byte for byte one of these; anything else of its name stays. */
export const RemovalOrder = z.strictObject({
  ...where,
  name: FileName,
  only: z.array(Bytes).max(limits.pushReplaceable),
});
export type RemovalOrder = z.infer<typeof RemovalOrder>;

/** Takes away what a sending that goes on no more left beside its name. */
export const ClearingOrder = z.strictObject({ ...where, sendingId: SendingId });
export type ClearingOrder = z.infer<typeof ClearingOrder>;

/** A name that no control shows as a program, the same for every try of one sending: what a try left behind is known by it. */
export const temporaryName = (sendingId: SendingId): string => `.keyway-${sendingId}.part`;

/** What a push says while it goes on. */
export interface PushListener {
  /** Resolves when it is durable that the program's name may appear from now on. */
  placing(deliveryId: DeliveryId): Promise<void>;
  progress(deliveryId: DeliveryId, bytes: number): void;
}

/** The door that goes to the machines' folders and servers. What it does there is bounded in time; it decides nothing. */
export interface Pusher {
  /**
   * Looks at what is there, opens the file on the machine's shelf, writes it beside its name, reads it back, and gives it
   * its name. Rejects only where the door itself is not there.
   */
  push(order: PushOrder, listener: PushListener): Promise<PushResult>;
  /** Lists the folder, and sends what it holds of `names` the way back. Rejects with a DomainError. */
  survey(order: SurveyOrder): Promise<Survey>;
  /** Whether something was taken away. Rejects with a DomainError. */
  remove(order: RemovalOrder): Promise<boolean>;
  /** Resolves once it was seen that nothing is left. Rejects with a DomainError. */
  clear(order: ClearingOrder): Promise<void>;
}
