import { z } from 'zod';
import { DeliveryId, MachineId } from '../domain/ids.ts';
import { procedure } from '../platform/rpc.ts';

const nothing = z.null();

/**
 * What the core asks a door process. `configure` comes first and once, and answers with the ports that it listens on, in
 * the order of its listeners; none where it goes to the machines. `stop` ends a delivery that may not go on. `review` asks again for the
 * sessions of machines that are not what they were. `ping` is answered while the door's event loop turns: how the core tells a
 * hung door from a quiet one.
 */
export const doorProcedures = <Settings>(settings: z.ZodType<Settings>) => ({
  configure: procedure(settings, z.strictObject({ ports: z.array(z.int().min(1).max(65_535)).max(4) })),
  drain: procedure(nothing, nothing),
  stop: procedure(z.strictObject({ deliveryId: DeliveryId, reason: z.string().max(1_000) }), nothing),
  review: procedure(z.strictObject({ machines: z.array(MachineId) }), nothing),
  ping: procedure(nothing, nothing),
});
export type DoorProcedures<Settings> = ReturnType<typeof doorProcedures<Settings>>;
