import { z } from 'zod';
import { Digest } from './digest.ts';
import { ReleaseId } from './ids.ts';
import { Text } from './text.ts';

/** What software may propose. `none-found` is the strongest that it says, and is no decision. */
export const firstArticleProposals = ['full', 'partial', 'none-found'] as const;
export const FirstArticleProposal = z.enum(firstArticleProposals);
export type FirstArticleProposal = z.infer<typeof FirstArticleProposal>;

/** What quality may decide (AS9102: a changed NC program is an event that asks for it). */
export const firstArticleAnswers = ['full', 'partial', 'none'] as const;
export const FirstArticleAnswer = z.enum(firstArticleAnswers);
export type FirstArticleAnswer = z.infer<typeof FirstArticleAnswer>;

/** Made when a package goes beyond a release in force: for quality to accept or to overrule. */
export const FirstArticleDraft = z.strictObject({
  against: ReleaseId,
  proposal: FirstArticleProposal,
  statement: Text,
  /** The difference of the programs that it rests on, as a blob of the vault. */
  difference: z.strictObject({ digest: Digest, size: z.int().min(1) }),
});
export type FirstArticleDraft = z.infer<typeof FirstArticleDraft>;

/** What quality says, inside the approval that they sign. */
export const FirstArticleDecision = z.strictObject({
  needed: FirstArticleAnswer,
  reason: Text,
  /** Digest of the difference behind the draft that was in front of them; absent where there is no draft. */
  draft: Digest.optional(),
});
export type FirstArticleDecision = z.infer<typeof FirstArticleDecision>;

export const firstArticleVerdicts = ['accepted', 'overruled', 'without-draft'] as const;

/** What accepting a draft means: where no trigger was found, that no first article is needed. */
export const acceptedAs = ({ proposal }: Pick<FirstArticleDraft, 'proposal'>): FirstArticleAnswer =>
  proposal === 'none-found' ? 'none' : proposal;

/** What became of a draft by a decision. */
export function verdictOn(
  draft: Pick<FirstArticleDraft, 'proposal'> | undefined,
  { needed }: Pick<FirstArticleDecision, 'needed'>,
): (typeof firstArticleVerdicts)[number] {
  if (!draft) return 'without-draft';
  return acceptedAs(draft) === needed ? 'accepted' : 'overruled';
}

/** A decision that names the draft which was there when it was made. */
export const knowing = (
  draft: Pick<FirstArticleDraft, 'difference'> | undefined,
  decided: Omit<FirstArticleDecision, 'draft'>,
): FirstArticleDecision => ({ ...decided, ...(draft ? { draft: draft.difference.digest } : {}) });
