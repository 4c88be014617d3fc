import { z } from 'zod';
import { Digest } from '../../../domain/digest.ts';
import { errorCodes } from '../../../domain/errors.ts';
import { Finding, ProgramFacts } from '../../../domain/findings.ts';
import { DepositId, PackageId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import { depositStates } from '../../../domain/states.ts';
import { FileName } from '../../../domain/text.ts';

export const ReasonView = z.strictObject({
  code: z.enum(errorCodes),
  field: z.string().optional(),
  message: z.string(),
});

export const DepositView = z.strictObject({
  depositId: DepositId,
  /** `machine`: what a control changed; it waits for a programmer to take it up. */
  door: z.enum(['drop-folder', 'http', 'machine']),
  name: z.string(),
  state: z.enum(depositStates),
  files: z.array(z.strictObject({ name: z.string(), digest: Digest, size: z.int() })),
  facts: z.array(ProgramFacts),
  findings: z.array(Finding),
  moreFindings: z.int(),
  reasons: z.array(ReasonView),
  packageId: PackageId.optional(),
  index: z.int(),
  time: z.string(),
});
export type DepositView = z.infer<typeof DepositView>;

/** Opens an upload: the sidecar's name and exact bytes (base64). Each file is then sent with PUT, then it is completed. */
export const OpenUpload = z.strictObject({
  fileName: FileName,
  sidecar: z.base64().max(Math.ceil(limits.sidecarBytes / 3) * 4),
});
export const UploadOpened = z.strictObject({ depositId: DepositId, expects: z.array(FileName) });
export const UploadedFile = z.strictObject({ name: FileName, digest: Digest, size: z.int() });

export const DepositAnswer = z.strictObject({
  depositId: DepositId,
  state: z.enum(depositStates),
  packageId: PackageId.optional(),
  reasons: z.array(ReasonView).optional(),
});
export type DepositAnswer = z.infer<typeof DepositAnswer>;

/** Newest first; at most `rows` of the newest were looked at, and only those that the asker may see are in it. */
export const DepositList = z.strictObject({ deposits: z.array(DepositView) });
