import { z } from 'zod';
import { Digest } from './digest.ts';
import { DeliveryId, DepositId, MachineId, ReleaseId, RetrievalId } from './ids.ts';
import { ChangeCounts } from './nc-difference.ts';
import { ReadbackVerdict } from './returns.ts';
import { FileName, ShortText, Text } from './text.ts';

/** What becomes of a program that came back changed. */
export const dispositions = ['accept-as-proposal', 'reject', 'machine-restored'] as const;
export const Disposition = z.enum(dispositions);
export type Disposition = z.infer<typeof Disposition>;

/** By what a program that came back was found to be the one that was delivered. */
export const matchings = ['name', 'content', 'program-number'] as const;

/** A program's digests: of its bytes, and of what of it counts by the rules of its machine's profile, where there is one. */
export const BothForms = z.strictObject({ digest: Digest, canonical: Digest.optional() });
export type BothForms = z.infer<typeof BothForms>;

/** The delivery that a program which came back is measured against. */
export const MatchedDelivery = z.strictObject({
  deliveryId: DeliveryId,
  releaseId: ReleaseId,
  /** As it was delivered. */
  file: ShortText,
  by: z.enum(matchings),
  delivered: BothForms,
});
export type MatchedDelivery = z.infer<typeof MatchedDelivery>;

const retrieval = { retrievalId: RetrievalId, machineId: MachineId };

/** What was found about one program that came back; `matched` is absent where none was delivered that it could be. */
export const readbackFields = {
  ...retrieval,
  verdict: ReadbackVerdict,
  received: BothForms,
  matched: MatchedDelivery.optional(),
  /** As the release of `matched`: entries are found by their release. */
  releaseId: ReleaseId.optional(),
  /** The same bytes came back from there before, and that is open or was accepted: nothing follows from it again. */
  sameAs: RetrievalId.optional(),
};

/** What changed, by consequence: the whole difference as a blob, and what it comes to in sentences. */
export const comparisonFields = {
  ...retrieval,
  releaseId: ReleaseId,
  /** JSON of the difference (domain/nc-difference.ts); absent where it could not be made. */
  difference: z.strictObject({ digest: Digest, size: z.int().min(1) }).optional(),
  sentences: z.array(Text).min(1).max(12),
  /** Of `difference`; absent in entries of before it was kept. */
  counts: ChangeCounts.optional(),
};

/** What a control changed, as a deposit in quarantine that a programmer may take up; the release stays as it is. */
export const proposalFields = {
  ...retrieval,
  depositId: DepositId,
  releaseId: ReleaseId,
  name: ShortText,
  file: z.strictObject({ name: FileName, digest: Digest, size: z.int().min(1) }),
};
