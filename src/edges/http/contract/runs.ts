import { z } from 'zod';
import { MachineId, PersonId, ReleaseId, RunId } from '../../../domain/ids.ts';
import { Serial, WorkOrder } from '../../../domain/runs.ts';
import { PathWord } from '../../../domain/text.ts';

export type { RunReport } from '../../../domain/runs.ts';

export const RunView = z.strictObject({
  runId: RunId,
  releaseId: ReleaseId,
  machineId: MachineId,
  workOrder: z.string(),
  operator: PersonId,
  startedAt: z.string(),
  endedAt: z.string().optional(),
  note: z.string().optional(),
  /** The release was no longer in force when the run was recorded. */
  superseded: z.boolean(),
  serials: z.array(z.string()),
  index: z.int(),
  time: z.string(),
});
/** Newest first, of those that the asker may see. */
export const RunList = z.strictObject({ runs: z.array(RunView) });
export const RunRecorded = z.strictObject({ runId: RunId, index: z.int(), superseded: z.boolean() });

/** Exactly one of these. */
export const RunsQuery = z
  .strictObject({
    serial: Serial.optional(),
    workOrder: WorkOrder.optional(),
    part: PathWord.optional(),
    releaseId: ReleaseId.optional(),
    machineId: MachineId.optional(),
  })
  .refine((query) => Object.keys(query).length === 1, {
    error: 'asks for runs by one of serial, workOrder, part, releaseId or machineId',
  });
