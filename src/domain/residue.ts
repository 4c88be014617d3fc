import { z } from 'zod';
import { Digest } from './digest.ts';
import { DoorChannel } from './doors.ts';
import { MachineId, PersonId, ReleaseId, RetrievalId } from './ids.ts';
import { limits } from './limits.ts';
import { Envelope, statementType } from './statements.ts';
import { ShortText, Text } from './text.ts';

/** Programs of a recalled release, by their names on the control. */
const Files = z.array(ShortText).min(1).max(limits.filesPerPackage);
export const Holder = z.strictObject({ machineId: MachineId, files: Files });
export type Holder = z.infer<typeof Holder>;

/** Why nobody has to look for a recalled program on a machine any more. */
export const ResidueProof = z.discriminatedUnion('kind', [
  /** Somebody looked, deleted it where it was, and put their name to it. */
  z.strictObject({ kind: z.literal('statement'), person: PersonId, envelope: Envelope }),
  /** Another release's program came back under its name. */
  z.strictObject({ kind: z.literal('readback'), retrievalId: RetrievalId }),
  /** The machine's own folder does not list it; `digest` is of the RFC 8785 JSON of the names that it listed. */
  z.strictObject({ kind: z.literal('listing'), channel: DoorChannel, digest: Digest }),
]);
export type ResidueProof = z.infer<typeof ResidueProof>;

export const residueFields = { releaseId: ReleaseId, machineId: MachineId, files: Files };

export const residuePredicate = 'https://keyway.example/residue/v1';

/** What somebody signs who looked at a machine. The subject is the manifest of the release, under `manifest.json`. */
export const ResidueStatement = z.strictObject({
  _type: z.literal(statementType),
  subject: z.tuple([
    z.strictObject({
      name: z.literal('manifest.json'),
      digest: z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
    }),
  ]),
  predicateType: z.literal(residuePredicate),
  predicate: z.strictObject({
    releaseId: ReleaseId,
    machineId: MachineId,
    person: PersonId,
    meaning: Text,
    time: z.iso.datetime({ precision: 3 }),
  }),
});
export type ResidueStatement = z.infer<typeof ResidueStatement>;
