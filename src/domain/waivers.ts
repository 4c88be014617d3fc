import { z } from 'zod';
import { Digest } from './digest.ts';
import type { Finding } from './findings.ts';
import { PersonId } from './ids.ts';
import { Text } from './text.ts';

/**
 * Why one finding may stand: for one rule, in one line, of exactly these bytes. A changed file has another digest, so
 * that nothing is waived in it.
 */
export const Waiver = z.strictObject({
  rule: z.string().regex(/^[a-z][a-z0-9-]{0,60}$/),
  digest: Digest,
  /** 1-based; absent where the finding is about the whole file. */
  line: z.int().min(1).optional(),
  reason: Text,
  by: PersonId,
});
export type Waiver = z.infer<typeof Waiver>;

/**
 * The findings that still stand, and those that were waived, each with its waiver. A finding whose rule protects the
 * reading itself (`isFixed`) is never waived, and one that counts further lines names none that could be.
 */
export function applyWaivers(
  findings: readonly Finding[],
  waivers: readonly Waiver[],
  about: { digestOf(file: string): Digest | undefined; isFixed(rule: string): boolean },
): { open: Finding[]; waived: { finding: Finding; waiver: Waiver }[] } {
  const open: Finding[] = [];
  const waived: { finding: Finding; waiver: Waiver }[] = [];
  for (const finding of findings) {
    const digest = about.digestOf(finding.file);
    const waiver = waivers.find(
      (one) => one.rule === finding.rule && one.line === finding.line && digest !== undefined && one.digest === digest,
    );
    if (waiver && finding.more === undefined && !about.isFixed(finding.rule)) waived.push({ finding, waiver });
    else open.push(finding);
  }
  return { open, waived };
}
