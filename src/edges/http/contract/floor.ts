import { z } from 'zod';
import { Digest } from '../../../domain/digest.ts';
import { MachineId, PackageId, ReleaseId } from '../../../domain/ids.ts';
import { fileRoles } from '../../../domain/manifest.ts';
import { ReadbackVerdict } from '../../../domain/returns.ts';
import { deliveryStates } from '../../../domain/states.ts';
import { Text } from '../../../domain/text.ts';
import { Refused } from './refused.ts';

/** `GET /floor`: the machines that an operator may stand at, in the order of their ids. */
export const FloorMachines = z.strictObject({
  machines: z.array(
    z.strictObject({ machineId: MachineId, cell: z.string(), control: z.string(), suspended: z.boolean() }),
  ),
});
export type FloorMachines = z.infer<typeof FloorMachines>;

/** One released job that this machine could be set up for: what is on its shelf now, and nothing else. */
export const FloorJob = z.strictObject({
  packageId: PackageId,
  releaseId: ReleaseId,
  part: z.string(),
  revision: z.string(),
  operation: z.string(),
  banner: z.string(),
  released: z.string(),
  /** As it is called on the control; `digest` of the bytes that the control is sent. */
  program: z.strictObject({
    name: z.string(),
    size: z.int(),
    digest: Digest,
    /** Of the digest, to read aloud: `copper-anvil-17` (domain/fingerprint-words.ts). */
    words: z.string(),
    oNumber: z.string().optional(),
    blocks: z.int().optional(),
  }),
  /** To read beside the machine: names of files of the package. */
  sheets: z.array(z.strictObject({ name: z.string(), role: z.enum(fileRoles), size: z.int() })),
  /** The newest delivery of it to this machine, and what the newest readback said of it. */
  delivered: z.strictObject({ state: z.enum(deliveryStates), time: z.string(), bytes: z.int() }).optional(),
  readback: z.strictObject({ verdict: ReadbackVerdict, time: z.string() }).optional(),
  /** Why this machine does not get it now, in one sentence. */
  refused: Refused.optional(),
});
export type FloorJob = z.infer<typeof FloorJob>;

/** `GET /machines/:machineId/screen` */
export const MachineScreen = z.strictObject({
  machineId: MachineId,
  control: z.string(),
  cell: z.string(),
  /** `send`: POST /sendings reaches it. `pull`: it comes by itself, from this address. */
  link: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('send') }),
    z.strictObject({ kind: z.literal('pull'), channel: z.string(), at: z.string() }),
  ]),
  /** Why nothing goes to it at all. */
  refused: Refused.optional(),
  jobs: z.array(FloorJob),
});
export type MachineScreen = z.infer<typeof MachineScreen>;

/** `POST /problems`: an operator stops a release for their machine, until quality has looked. Answers `Recorded`. */
export const ReportProblem = z.strictObject({ machineId: MachineId, releaseId: ReleaseId, reason: Text });
