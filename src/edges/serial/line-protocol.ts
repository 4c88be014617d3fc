import { z } from 'zod';
import { MachineId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import { SerialLine } from '../../domain/machine-links.ts';
import { SendingBegun, SendingOrder, SendingProgress } from '../../domain/sending.ts';
import { procedure } from '../../platform/rpc.ts';

export const MachineLine = z.strictObject({ machine: MachineId, line: SerialLine });
export type MachineLine = z.infer<typeof MachineLine>;

export const lineChannel = 'lines';

/** What the core asks the door of lines, beside what every door is asked. */
export const lineProcedures = {
  /** All the lines there are now: others are closed at once. */
  setLines: procedure(z.array(MachineLine).max(limits.serialLines), z.null()),
  send: procedure(SendingOrder, SendingBegun),
};

/** What the door of lines tells the core by itself. */
export const lineReports = { progress: procedure(SendingProgress, z.null()) };
