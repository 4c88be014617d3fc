import { z } from 'zod';
import { MachineId, ReleaseId } from './ids.ts';
import { limits } from './limits.ts';

/**
 * What two people may set aside for one release on one machine, and nothing else: the way through the zones, where a
 * network was changed or is down; the review date of a control plan, the label itself staying as it is; the machine group,
 * where the machine that the program was made for does not run. Rules of export control and dissemination, suspension, what
 * is in force and every signature stand whatever is signed here: whoever wants one of these changed changes it.
 */
export const overrides = ['zone', 'review-date', 'machine-group'] as const;
export const Override = z.enum(overrides);
export type Override = z.infer<typeof Override>;

export const BreakGlass = z.strictObject({
  releaseId: ReleaseId,
  machineId: MachineId,
  overrides: z.array(Override).min(1).max(overrides.length),
  /** From the entry that opens it. */
  hours: z.int().min(1).max(limits.breakGlassHours),
});
export type BreakGlass = z.infer<typeof BreakGlass>;
