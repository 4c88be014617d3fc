import { z } from 'zod';
import { SftpBounds } from './bounds.ts';

/** All that the door process needs to know; host keys stay in their files. */
export const DoorSettings = z.strictObject({
  host: z.string().min(1),
  port: z.int().min(0).max(65_535),
  /** Whether it is one of several processes on this port. */
  shared: z.boolean(),
  hostKeyFiles: z.array(z.string().min(1)).min(1).max(4),
  vaultFolder: z.string().min(1),
  /** After `SSH-2.0-` in the version line (RFC 4253 section 4.2): printable, no space or minus. */
  ident: z.string().regex(/^[!-,.-~]{1,60}$/),
  bounds: SftpBounds,
});
export type DoorSettings = z.infer<typeof DoorSettings>;
