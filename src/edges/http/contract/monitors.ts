import { z } from 'zod';
import { MachineId, ReleaseId } from '../../../domain/ids.ts';
import { Observation, runningStates } from '../../../domain/monitoring.ts';

/** What a machine says of itself, and what that is beside what was delivered to it: a claim until it is read back. */
export const MonitorView = z.strictObject({
  ...Observation.shape,
  machineId: MachineId,
  state: z.enum(runningStates),
  releaseId: ReleaseId.optional(),
  reason: z.string().optional(),
  since: z.string(),
});
export type MonitorView = z.infer<typeof MonitorView>;
export const MonitorList = z.strictObject({ monitors: z.array(MonitorView) });
