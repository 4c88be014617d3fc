import { z } from 'zod';
import { Digest } from '../../../domain/digest.ts';
import { LegalHoldId, MachineId, PackageId, ProblemId, ReleaseId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import { MachineChannel } from '../../../domain/machines.ts';
import { ReadbackVerdict } from '../../../domain/returns.ts';
import { deliveryStates } from '../../../domain/states.ts';
import { Text } from '../../../domain/text.ts';

const machine = {
  ...{ machineId: MachineId, make: z.string(), model: z.string(), control: z.string(), cell: z.string() },
  ...{ groups: z.array(z.string()), channel: MachineChannel, suspended: z.boolean() },
};

/** `problems` and `differs` are counts of what is open there. */
export const FloorMachines = z.strictObject({
  machines: z.array(z.strictObject({ ...machine, problems: z.int(), differs: z.int() })),
});
export type FloorMachines = z.infer<typeof FloorMachines>;

export const ProblemView = z.strictObject({
  ...{ problemId: ProblemId, releaseId: ReleaseId, machineId: MachineId, reason: z.string(), by: z.string() },
  ...{ index: z.int(), since: z.string() },
});
export type ProblemView = z.infer<typeof ProblemView>;
export const ProblemList = z.strictObject({ problems: z.array(ProblemView) });
export const ReportProblem = z.strictObject({ releaseId: ReleaseId, machineId: MachineId, reason: Text });
export const ProblemReported = z.strictObject({ problemId: ProblemId, index: z.int() });
export const ResolveProblem = z.strictObject({ reason: Text });

/** One released program as whoever stands at the machine looks for it; `as` is what `POST /sendings` takes as `name`. */
export const FloorProgram = z.strictObject({
  ...{ releaseId: ReleaseId, packageId: PackageId, part: z.string(), revision: z.string(), operation: z.string() },
  banner: z.string(),
  since: z.string(),
  as: z.string(),
  programNumber: z.string().optional(),
  digest: Digest,
  /** Three words to compare by eye, such as `copper-anvil-otter` (domain/fingerprint.ts). */
  words: z.string(),
  size: z.int(),
  lines: z.int().optional(),
  /** Why it does not go to this machine now. */
  stopped: z.string().optional(),
  delivered: z.strictObject({ state: z.enum(deliveryStates), bytes: z.int(), time: z.string() }).optional(),
  readback: z.strictObject({ verdict: ReadbackVerdict, time: z.string() }).optional(),
  documents: z.array(z.strictObject({ name: z.string(), role: z.string(), digest: Digest, size: z.int() })),
});
export type FloorProgram = z.infer<typeof FloorProgram>;
export const FloorScreen = z.strictObject({
  ...machine,
  programs: z.array(FloorProgram),
  problems: z.array(ProblemView),
});
export type FloorScreen = z.infer<typeof FloorScreen>;

export const LegalHoldView = z.strictObject({
  ...{ holdId: LegalHoldId, releases: z.array(ReleaseId), reason: z.string(), by: z.string() },
  ...{ index: z.int(), since: z.string() },
});
export const LegalHoldList = z.strictObject({ legalHolds: z.array(LegalHoldView) });
export type LegalHoldList = z.infer<typeof LegalHoldList>;
/** It is let go by a signed change, `legal-hold.release`, of two people. */
export const PlaceLegalHold = z.strictObject({
  releases: z.array(ReleaseId).min(1).max(limits.releasesPerHold),
  reason: Text,
});
export const LegalHoldPlaced = z.strictObject({ holdId: LegalHoldId, index: z.int() });
