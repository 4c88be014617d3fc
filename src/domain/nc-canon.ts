import { z } from 'zod';
import { Digest } from './digest.ts';

/**
 * What a control rewrites in a program that it is sent, as its machine's profile declares it. Only this may differ
 * between what was released and what is read back.
 */
export const ReadbackRules = z.strictObject({
  /** `any`: LF, CR LF, CR and LF CR CR end a block alike, and empty lines are none. */
  blockEnds: z.enum(['kept', 'any']),
  /** `ignored`: blanks mean nothing to the control. `collapsed`: any number of them means one. `kept`: each counts. */
  blanks: z.enum(['kept', 'collapsed', 'ignored']),
  /** `ignored`: the control reads small letters as capitals. Many FANUC controls drop small letters instead: `kept`. */
  smallLetters: z.enum(['kept', 'ignored']),
  /** `rewritten`: the control gives numbers to blocks or takes them. They count all the same where a block refers to them. */
  sequenceNumbers: z.enum(['kept', 'rewritten']),
  comments: z.enum(['kept', 'dropped']),
  /** `ignored`: a leader without words before the first `%`, bare `%` lines at both ends, and padding of NUL or DC bytes. */
  frame: z.enum(['kept', 'ignored']),
});
export type ReadbackRules = z.infer<typeof ReadbackRules>;

/** A program's two digests: of its bytes, and of what of it counts by the rules of one control. */
export const CanonicalDigests = z.strictObject({
  bytes: z.number().int().nonnegative(),
  raw: Digest,
  canonical: Digest,
  rules: ReadbackRules,
  /** Sequence numbers were kept although the rules declare them rewritten, because a block refers to one. */
  numbersReferredTo: z.boolean(),
  /** How often each kind of difference was left out; what is not named was not. */
  leftOut: z.strictObject({
    blanks: z.number().int().nonnegative(),
    smallLetters: z.number().int().nonnegative(),
    sequenceNumbers: z.number().int().nonnegative(),
    comments: z.number().int().nonnegative(),
    frameLines: z.number().int().nonnegative(),
    padding: z.number().int().nonnegative(),
    emptyLines: z.number().int().nonnegative(),
  }),
});
export type CanonicalDigests = z.infer<typeof CanonicalDigests>;
export type LeftOut = CanonicalDigests['leftOut'];
