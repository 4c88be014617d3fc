import { z } from 'zod';
import { MachineId } from '../../domain/ids.ts';
import { SshPublicKey } from '../../domain/machines.ts';
import { DeliveryEnd, OpenedFile, ShelfEntry } from '../../domain/shelf.ts';
import { procedure } from '../../platform/rpc.ts';
import { SftpBounds } from './bounds.ts';

const nothing = z.null();
/** Names from the root, as `resolvePath` gives them; it bounds the whole. */
const Path = z.array(z.string().min(1).max(255)).max(512);
const onShelf = z.strictObject({ machine: MachineId, path: Path });

/** What the door asks the core: the Shelf port. Null stands for undefined, which JSON has not. */
export const shelfProcedures = {
  identify: procedure(z.strictObject({ name: z.string().max(64), key: SshPublicKey }), MachineId.nullable()),
  list: procedure(onShelf, z.array(ShelfEntry).nullable()),
  stat: procedure(onShelf, ShelfEntry.nullable()),
  open: procedure(onShelf, OpenedFile),
  finish: procedure(DeliveryEnd, nothing),
};
export type ShelfProcedures = typeof shelfProcedures;

/** All that the door process needs to know; host keys stay in their files. */
export const DoorSettings = z.strictObject({
  host: z.string().min(1),
  port: z.int().min(0).max(65_535),
  hostKeyFiles: z.array(z.string().min(1)).min(1).max(4),
  vaultFolder: z.string().min(1),
  /** After `SSH-2.0-` in the version line (RFC 4253 section 4.2): printable, no space or minus. */
  ident: z.string().regex(/^[!-,.-~]{1,60}$/),
  bounds: SftpBounds,
});
export type DoorSettings = z.infer<typeof DoorSettings>;

/** What the core asks the door. `configure` comes first and once, and answers when the door listens. */
export const doorProcedures = {
  configure: procedure(DoorSettings, z.strictObject({ port: z.int().min(1).max(65_535) })),
  drain: procedure(nothing, nothing),
  /** Answered while the door's event loop turns: how the core tells a hung door from a quiet one. */
  ping: procedure(nothing, nothing),
};
export type DoorProcedures = typeof doorProcedures;
