import { z } from 'zod';
import { Digest } from '../../../domain/digest.ts';
import { errorCodes } from '../../../domain/errors.ts';
import { FirstArticleDecision, FirstArticleDraft } from '../../../domain/first-article.ts';
import { DepositId, MachineId, PackageId, ReleaseId } from '../../../domain/ids.ts';
import { changeSizes, Manifest } from '../../../domain/manifest.ts';
import { assurances, PersonRole } from '../../../domain/people.ts';
import { Envelope } from '../../../domain/statements.ts';
import { deliveryStates, packageStates } from '../../../domain/states.ts';
import { Text } from '../../../domain/text.ts';
import { SignedWaiver } from '../../../domain/waivers.ts';

/** What a route still asks for; of several steps the lowest is open. */
export const Missing = z.strictObject({ step: z.int(), role: PersonRole, count: z.int() });

export const PackageSummary = z.strictObject({
  packageId: PackageId,
  state: z.enum(packageStates),
  part: z.string(),
  revision: z.string(),
  operation: z.string(),
  machineGroup: z.string(),
  author: z.string(),
  /** Classification banner, to stand over whatever is shown of it. */
  banner: z.string(),
  releaseId: ReleaseId.optional(),
  index: z.int(),
  time: z.string(),
});
export type PackageSummary = z.infer<typeof PackageSummary>;

export const PackageView = z.strictObject({
  ...PackageSummary.shape,
  depositId: DepositId,
  manifest: Manifest,
  manifestDigest: Digest,
  reason: z.string().optional(),
  /** The package that took the place of this one, and the one whose place this took: approvals do not pass over. */
  replacedBy: PackageId.optional(),
  replaces: PackageId.optional(),
  /** The approval route that holds for it now; an approval names its version. */
  route: z.strictObject({
    id: z.string(),
    version: Digest,
    /** Of the package beside the release in force; a route may depend on it. */
    change: z.enum(changeSizes),
    approvals: z.array(
      z.strictObject({
        step: z.int(),
        role: PersonRole,
        count: z.int(),
        assurance: z.array(z.enum(assurances)),
        meaning: z.string(),
      }),
    ),
    missing: z.array(Missing),
  }),
  /** What the change may mean for the first article, where it changes a released program. A draft: quality decides. */
  firstArticle: FirstArticleDraft.optional(),
  /** Findings that it was admitted with, by whose signature. */
  waivers: z.array(SignedWaiver),
  approvals: z.array(
    z.strictObject({
      index: z.int(),
      person: z.string(),
      role: z.string(),
      verdict: z.enum(['approve', 'refuse']),
      detail: z.string(),
      /** What it decides about the first article. */
      firstArticle: FirstArticleDecision.optional(),
      time: z.string(),
      /** Why it does not count, or no more. */
      notCounted: z.strictObject({ code: z.enum(errorCodes), message: z.string() }).optional(),
    }),
  ),
  deliveries: z.array(
    z.strictObject({
      deliveryId: z.string(),
      machineId: MachineId,
      file: z.string(),
      digest: Digest,
      state: z.enum(deliveryStates),
      bytes: z.int(),
      index: z.int(),
      time: z.string(),
    }),
  ),
});
export type PackageView = z.infer<typeof PackageView>;

/** A signed approval or refusal; the envelope's statement says which. */
export const SubmitApproval = z.strictObject({ envelope: Envelope });
export const ApprovalAnswer = z.strictObject({
  index: z.int(),
  decision: z.enum(['approve', 'refuse']),
  release: z.discriminatedUnion('state', [
    z.strictObject({ state: z.literal('released'), releaseId: ReleaseId, index: z.int() }),
    z.strictObject({ state: z.literal('waiting-for-approvals'), missing: z.array(Missing) }),
    /** The route is complete; the release follows by itself when `code` no longer holds. */
    z.strictObject({ state: z.literal('waiting'), code: z.string(), detail: z.string() }),
    z.strictObject({ state: z.literal('refused') }),
  ]),
});
export type ApprovalAnswer = z.infer<typeof ApprovalAnswer>;

export const Withdraw = z.strictObject({ reason: Text });
export const Withdrawn = z.strictObject({ index: z.int(), withdrawn: z.string() });
export const Released = z.strictObject({ releaseId: ReleaseId, index: z.int() });

/** Newest first; at most `rows` of the newest were looked at, and only those that the asker may see are in it. */
export const PackageList = z.strictObject({ packages: z.array(PackageSummary) });
