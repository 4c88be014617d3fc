import { z } from 'zod';
import { Digest } from '../../../domain/digest.ts';
import { errorCodes } from '../../../domain/errors.ts';
import { Finding, ProgramFacts } from '../../../domain/findings.ts';
import { DepositId, PackageId, PersonId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import { PersonRole } from '../../../domain/people.ts';
import { Envelope } from '../../../domain/statements.ts';
import { depositStates } from '../../../domain/states.ts';
import { FileName } from '../../../domain/text.ts';
import { SignedWaiver } from '../../../domain/waivers.ts';
import { RowsQuery } from './common.ts';

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
  /** What was found and may stand, by the waiver of that ledger entry. */
  waived: z.array(z.strictObject({ finding: Finding, entry: z.int() })),
  waivers: z.array(SignedWaiver),
  reasons: z.array(ReasonView),
  packageId: PackageId.optional(),
  /** Who sent it, or the author of what it became. */
  person: PersonId.optional(),
  index: z.int(),
  time: z.string(),
});
export type DepositView = z.infer<typeof DepositView>;

/** `waivable`: of each finding that keeps it back, who may sign that it may stand; nobody where no role stands there. */
export const KeptBack = z.strictObject({
  ...DepositView.shape,
  ...{ part: z.string(), revision: z.string(), operation: z.string(), banner: z.string() },
  waivable: z.array(
    z.strictObject({ file: z.string(), rule: z.string(), line: z.int().optional(), role: PersonRole.optional() }),
  ),
});
export type KeptBack = z.infer<typeof KeptBack>;

/** What a waiver would admit, the newest first and one of each revision of a job. `more`: there are older ones. */
export const KeptBackList = z.strictObject({ deposits: z.array(KeptBack), more: z.boolean() });
export type KeptBackList = z.infer<typeof KeptBackList>;

/** Opens an upload: the sidecar's name and exact bytes (base64). Each file is then sent with PUT, then it is completed. */
export const OpenUpload = z.strictObject({
  fileName: FileName,
  sidecar: z.base64().max(Math.ceil(limits.sidecarBytes / 3) * 4),
});
/** As `OpenUpload`, to be looked at and forgotten; `files`: the names of those that would come with it. */
export const CheckDeposit = z.strictObject({
  ...OpenUpload.shape,
  files: z.array(FileName).max(limits.filesPerPackage).optional(),
});
export type CheckDeposit = z.infer<typeof CheckDeposit>;
/**
 * `problems`: for which it would be rejected as it is; `banner`: the label that it would have; `missing`: listed and not
 * among `files`; `unlisted`: the other way round. What inspection finds in the bytes is known when they are there.
 */
export const DepositChecked = z.strictObject({
  good: z.boolean(),
  problems: z.array(ReasonView),
  banner: z.string().optional(),
  missing: z.array(z.string()),
  unlisted: z.array(z.string()),
});
export type DepositChecked = z.infer<typeof DepositChecked>;
export const UploadOpened = z.strictObject({ depositId: DepositId, expects: z.array(FileName) });
export const UploadedFile = z.strictObject({ name: FileName, digest: Digest, size: z.int() });

export const DepositAnswer = z.strictObject({
  depositId: DepositId,
  state: z.enum(depositStates),
  packageId: PackageId.optional(),
  reasons: z.array(ReasonView).optional(),
});
export type DepositAnswer = z.infer<typeof DepositAnswer>;

/** `mine=yes`: those that the asker sent, or is the author of. `after` is the `next` of the page before. */
export const DepositsQuery = z.strictObject({
  ...RowsQuery.shape,
  mine: z.enum(['yes']).optional(),
  state: z.enum(depositStates).optional(),
  after: z
    .string()
    .regex(/^(0|[1-9][0-9]{0,14})$/)
    .optional(),
});
/** Newest first, only those that the asker may see. */
export const DepositList = z.strictObject({ deposits: z.array(DepositView), next: z.string().optional() });

/** A signed waiver of one finding; what became of the deposit with it. */
export const SubmitWaiver = z.strictObject({ envelope: Envelope });
export const WaiverAnswer = z.strictObject({ ...DepositAnswer.shape, index: z.int() });
export type WaiverAnswer = z.infer<typeof WaiverAnswer>;
