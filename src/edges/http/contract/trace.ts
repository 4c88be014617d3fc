import { z } from 'zod';
import { EvidenceQuestion } from '../../../domain/evidence.ts';
import { MachineId, PackageId, PersonId, ReleaseId, RunId } from '../../../domain/ids.ts';
import { ReadbackVerdict } from '../../../domain/returns.ts';
import { Serial, WorkOrder } from '../../../domain/runs.ts';
import { releaseStates } from '../../../domain/states.ts';
import { PathWord, Text } from '../../../domain/text.ts';
import { TimelineEntry } from './package-page.ts';

const Moment = z.iso.datetime({ precision: 3 });

/** `GET /trace`: exactly one of these, or `from` and `to` together. `digest` with or without `sha256:`. */
export const TraceQuery = z.strictObject({
  serial: Serial.optional(),
  part: PathWord.optional(),
  workOrder: WorkOrder.optional(),
  machine: MachineId.optional(),
  person: PersonId.optional(),
  release: ReleaseId.optional(),
  digest: z
    .string()
    .regex(/^(sha256:)?[0-9a-f]{64}$/)
    .optional(),
  from: Moment.optional(),
  to: Moment.optional(),
});
export type TraceQuery = z.infer<typeof TraceQuery>;

const TracedRelease = z.strictObject({
  releaseId: ReleaseId,
  packageId: PackageId,
  part: z.string(),
  revision: z.string(),
  operation: z.string(),
  banner: z.string(),
  state: z.enum(releaseStates),
  recalled: z.boolean(),
  time: z.string(),
});
const TracedRun = z.strictObject({
  runId: RunId,
  releaseId: ReleaseId,
  machineId: MachineId,
  workOrder: z.string(),
  operator: PersonId,
  serials: z.array(z.string()),
  startedAt: z.string(),
  superseded: z.boolean(),
  index: z.int(),
});
/** `bad`: what an investigator looks for, such as a readback that was different, a hold, a refusal, a failure. */
const TraceEntry = z.strictObject({
  ...TimelineEntry.shape,
  releaseId: ReleaseId.optional(),
  machineId: MachineId.optional(),
  bad: z.boolean(),
});

/** What the ledger holds about a question, of what the asker may see: newest releases and runs first, the timeline oldest first. */
export const Trace = z.strictObject({
  releases: z.array(TracedRelease),
  runs: z.array(TracedRun),
  timeline: z.array(TraceEntry),
  /** There is more than is shown. */
  more: z.boolean(),
  holds: z.array(z.lazy(() => LegalHold)),
});
export type Trace = z.infer<typeof Trace>;

/** `GET /releases/:releaseId/exposure`: everything that may have been made with the same bytes. */
export const Exposure = z.strictObject({
  releaseId: ReleaseId,
  serials: z.array(
    z.strictObject({
      serial: z.string(),
      workOrder: z.string(),
      machineId: MachineId,
      operator: PersonId,
      time: z.string(),
      index: z.int(),
    }),
  ),
  machines: z.array(
    z.strictObject({
      machineId: MachineId,
      deliveries: z.int(),
      first: z.string(),
      last: z.string(),
      readback: z.strictObject({ verdict: ReadbackVerdict, time: z.string() }).optional(),
    }),
  ),
});
export type Exposure = z.infer<typeof Exposure>;

/** `POST /legal-holds`: nothing about it is thrown away until it is lifted. Answers `LegalHold`. */
export const OpenLegalHold = z.strictObject({ question: EvidenceQuestion, reason: Text });
export const LegalHold = z.strictObject({
  holdId: z.string(),
  question: EvidenceQuestion,
  reason: z.string(),
  by: z.string(),
  index: z.int(),
  time: z.string(),
});
export type LegalHold = z.infer<typeof LegalHold>;
/** `GET /legal-holds` */
export const LegalHolds = z.strictObject({ holds: z.array(LegalHold) });
export type LegalHolds = z.infer<typeof LegalHolds>;

/**
 * `GET /ledger/keys`: what a browser needs to check checkpoints by itself. They are what this gateway says; whoever has the
 * trust file from another way compares.
 */
export const LedgerKeys = z.strictObject({
  origin: z.string(),
  /** Pairs that sign together, the newest last; `until`: what they signed over later entries does not count. */
  ledgerKeys: z.array(z.strictObject({ vkeys: z.array(z.string()), until: z.string().optional() })),
  witnesses: z.strictObject({ quorum: z.int(), vkeys: z.array(z.string()) }).optional(),
});
export type LedgerKeys = z.infer<typeof LedgerKeys>;
