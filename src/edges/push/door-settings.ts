import { z } from 'zod';
import { limits } from '../../domain/limits.ts';

/** Where each secret stands that a link may name; it is read whenever it is used. */
const SecretFiles = z.record(z.string().max(64), z.strictObject({ path: z.string(), guarded: z.boolean() }));

/** The limits of pushes that a test may set otherwise. */
export const PushBounds = z.strictObject({ answerMs: z.int().min(1), drainMs: z.int().min(1) });
export type PushBounds = z.infer<typeof PushBounds>;
export const defaultBounds: PushBounds = { answerMs: limits.pushAnswerMs, drainMs: limits.pushDrainMs };

/** All that the door process needs to know; where each machine is it is told with each order. */
export const DoorSettings = z.strictObject({
  /** Folders in which programs may be put, and no others. */
  folders: z.array(z.string().min(1)).max(limits.pushFolders),
  secrets: SecretFiles,
  vaultFolder: z.string().min(1),
  bounds: PushBounds,
});
export type DoorSettings = z.infer<typeof DoorSettings>;
