import { z } from 'zod';
import { MachineId } from './ids.ts';
import { MonitorLink } from './machine-links.ts';

/** What a control calls something, as far as an agent says it; `null`: it says that it does not know. */
const Said = z.string().max(300).nullable();

/** What an agent says of one device at one moment. A claim, and no more: only a readback shows what a machine holds. */
export const Observation = z.strictObject({
  /** What runs or is selected to, by its name on the control. */
  program: Said,
  /** The comment that its header holds. */
  comment: Said,
  /** What is open in the editor of the control. */
  edited: Said,
  /** ACTIVE, READY, STOPPED and so on. */
  execution: Said,
});
export type Observation = z.infer<typeof Observation>;
export const nothingSaid: Observation = { program: null, comment: null, edited: null, execution: null };

export const MachineMonitor = z.strictObject({ machine: MachineId, link: MonitorLink });
export type MachineMonitor = z.infer<typeof MachineMonitor>;

/** What the door of monitors reports: something was said, or the agent cannot be heard and why. */
export const MonitorReport = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('heard'), machine: MachineId, observation: Observation }),
  z.strictObject({ kind: z.literal('away'), machine: MachineId, reason: z.string().max(200) }),
]);
export type MonitorReport = z.infer<typeof MonitorReport>;

/** What is known of what a machine says that it runs. */
export const runningStates = ['as-delivered', 'not-in-force', 'not-delivered', 'unknown', 'away'] as const;
export type RunningState = (typeof runningStates)[number];
