import { z } from 'zod';
import { EvidenceQuestion } from '../../../domain/evidence.ts';

/** `older`: a signed checkpoint that the asker holds; the pack then proves that the ledger extends it. */
export const EvidenceAsked = z.strictObject({
  question: EvidenceQuestion,
  redact: z.boolean(),
  older: z.string().min(1).max(16_000).optional(),
});
export type EvidenceAsked = z.infer<typeof EvidenceAsked>;
