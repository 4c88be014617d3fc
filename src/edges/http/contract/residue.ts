import { z } from 'zod';
import { Digest } from '../../../domain/digest.ts';
import { MachineId, PackageId, ReleaseId } from '../../../domain/ids.ts';
import { Holder } from '../../../domain/residue.ts';
import { Envelope } from '../../../domain/statements.ts';

export const Recalled = z.strictObject({ index: z.int(), holders: z.array(Holder) });
/** A signed statement (domain/residue.ts) that a machine holds a recalled release no more. */
export const ClearResidue = z.strictObject({ envelope: Envelope });
export const ResidueView = z.strictObject({
  releaseId: ReleaseId,
  packageId: PackageId,
  manifestDigest: Digest,
  machineId: MachineId,
  file: z.string(),
  time: z.string(),
  /** What showed that it is gone; null while it is open. */
  clearedBy: z.string().nullable(),
  clearedTime: z.string().nullable(),
});
export const ResidueList = z.strictObject({ residue: z.array(ResidueView) });
