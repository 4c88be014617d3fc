import { z } from 'zod';
import { Digest } from '../../../domain/digest.ts';
import { MachineId, PackageId, PersonId, ReleaseId, RetrievalId } from '../../../domain/ids.ts';
import { ChangeCounts } from '../../../domain/nc-difference.ts';
import { Disposition } from '../../../domain/readback.ts';
import { Holder } from '../../../domain/residue.ts';
import { ReadbackVerdict } from '../../../domain/returns.ts';
import { Serial, WorkOrder } from '../../../domain/runs.ts';
import { releaseStates } from '../../../domain/states.ts';
import { PathWord } from '../../../domain/text.ts';
import { LegalHoldView, ProblemView } from './floor.ts';
import { TimelineEntry } from './package-page.ts';
import { RunView } from './runs.ts';

/** Exactly one of these. `date` is a day, UTC. */
export const TraceQuery = z
  .strictObject({
    serial: Serial.optional(),
    workOrder: WorkOrder.optional(),
    part: PathWord.optional(),
    release: ReleaseId.optional(),
    machine: MachineId.optional(),
    person: PersonId.optional(),
    date: z.iso.date().optional(),
    digest: Digest.optional(),
  })
  .refine((query) => Object.keys(query).length === 1, {
    error: 'asks by one of serial, workOrder, part, release, machine, person, date or digest',
  });

export const TracedRelease = z.strictObject({
  ...{ releaseId: ReleaseId, packageId: PackageId, state: z.enum(releaseStates), banner: z.string() },
  ...{ part: z.string(), revision: z.string(), operation: z.string(), machineGroup: z.string() },
  ...{ index: z.int(), time: z.string() },
});
/** What a machine sent back and was another program than it had been sent. `counts` and `sentences` follow once it was compared. */
export const ControlDifference = z.strictObject({
  ...{ retrievalId: RetrievalId, releaseId: ReleaseId, machineId: MachineId, file: z.string(), time: z.string() },
  ...{ counts: ChangeCounts.nullable(), sentences: z.array(z.string()) },
  /** The release does not go to that machine until somebody says what becomes of it. */
  held: z.boolean(),
  disposition: Disposition.nullable(),
});

/** `timeline`: the newest of it, the oldest first. `more`: there are more releases than are shown. */
export const TraceView = z.strictObject({
  releases: z.array(TracedRelease),
  more: z.boolean(),
  runs: z.array(RunView),
  /** The newest first; of those that the asker may compare. */
  differences: z.array(ControlDifference),
  timeline: z.array(TimelineEntry),
});
export type TraceView = z.infer<typeof TraceView>;

/** Everything that one release touched. */
export const ExposureView = z.strictObject({
  release: TracedRelease,
  serials: z.array(
    z.strictObject({
      ...{ serial: z.string(), machineId: MachineId, workOrder: z.string(), operator: z.string() },
      ...{ startedAt: z.string(), index: z.int() },
    }),
  ),
  machines: z.array(z.strictObject({ machineId: MachineId, deliveries: z.int(), first: z.string(), last: z.string() })),
  readbacks: z.array(
    z.strictObject({
      ...{ retrievalId: RetrievalId, machineId: MachineId, verdict: ReadbackVerdict.nullable() },
      ...{ time: z.string(), index: z.int() },
    }),
  ),
  holders: z.array(Holder),
  problems: z.array(ProblemView),
  legalHolds: z.array(LegalHoldView),
});
export type ExposureView = z.infer<typeof ExposureView>;
