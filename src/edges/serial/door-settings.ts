import { z } from 'zod';
import { SerialBounds } from './bounds.ts';

/** All that the door process needs to know; which lines there are it is told as that changes. */
export const DoorSettings = z.strictObject({
  /** Folders whose devices may be opened as lines, and no others. */
  devices: z.array(z.string().min(1)).max(16),
  vaultFolder: z.string().min(1),
  bounds: SerialBounds,
});
export type DoorSettings = z.infer<typeof DoorSettings>;
