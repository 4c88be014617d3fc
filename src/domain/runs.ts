import { z } from 'zod';
import { MachineId, PersonId, ReleaseId } from './ids.ts';
import { limits } from './limits.ts';
import { ShortText, Text } from './text.ts';

/** A serial number as it stands on the part: one may run many times, and nothing about it is unique. */
export const Serial = ShortText;
export const WorkOrder = ShortText;

/**
 * What was made with which bytes: the work order and the serials that a machine cut with a release that had been
 * delivered to it (AS9100D 8.5.2). `startedAt` and `endedAt` are the operator's word, RFC 3339 UTC.
 */
export const RunReport = z
  .strictObject({
    releaseId: ReleaseId,
    machineId: MachineId,
    workOrder: WorkOrder,
    serials: z.array(Serial).min(1).max(limits.serialsPerRun),
    operator: PersonId,
    startedAt: z.iso.datetime({ precision: 3 }),
    endedAt: z.iso.datetime({ precision: 3 }).optional(),
    note: Text.optional(),
  })
  .refine(({ serials }) => new Set(serials).size === serials.length, {
    path: ['serials'],
    error: 'names one serial twice',
  })
  .refine(({ startedAt, endedAt }) => endedAt === undefined || endedAt >= startedAt, {
    path: ['endedAt'],
    error: 'is before startedAt',
  });
export type RunReport = z.infer<typeof RunReport>;
