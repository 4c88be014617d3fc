import { z } from 'zod';
import { DoorChannel } from '../domain/doors.ts';
import { MachineId, SendingId } from '../domain/ids.ts';
import { Arrival, ArrivalEnd, ReadbackVerdict } from '../domain/returns.ts';
import { Credential, DeliveryEnd, OpenedFile, ShelfEntry } from '../domain/shelf.ts';
import { procedure } from '../platform/rpc.ts';

const nothing = z.null();
/** Names from the root, as `resolvePath` gives them; it bounds the whole. */
const Path = z.array(z.string().min(1).max(255)).max(512);
const onShelf = z.strictObject({ channel: DoorChannel, machine: MachineId, path: Path });

/** What a door process asks the core: the ports Shelf and Returns. Null stands for undefined, which JSON has not. */
export const shelfProcedures = {
  identify: procedure(
    z.strictObject({ channel: DoorChannel, name: z.string().max(64), credential: Credential }),
    MachineId.nullable(),
  ),
  list: procedure(onShelf, z.array(ShelfEntry).nullable()),
  stat: procedure(onShelf, ShelfEntry.nullable()),
  open: procedure(onShelf.extend({ sendingId: SendingId.optional() }), OpenedFile),
  finish: procedure(DeliveryEnd, nothing),
  accept: procedure(z.strictObject({ channel: DoorChannel, machine: MachineId, name: z.string().max(255) }), Arrival),
  arrived: procedure(ArrivalEnd, ReadbackVerdict.nullable()),
};
