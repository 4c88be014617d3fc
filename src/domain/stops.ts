import { z } from 'zod';
import { LegalHoldId, MachineId, ProblemId, ReleaseId } from './ids.ts';
import { limits } from './limits.ts';
import { Text } from './text.ts';

/** What somebody at a machine says is wrong: the release does not go there until quality has looked. */
export const problemFields = { problemId: ProblemId, releaseId: ReleaseId, machineId: MachineId, reason: Text };

/** Everything about these releases is kept, whatever else would end it, until two people let go of it. */
export const legalHoldFields = {
  holdId: LegalHoldId,
  releases: z.array(ReleaseId).min(1).max(limits.releasesPerHold),
  reason: Text,
};
