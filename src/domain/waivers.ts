import { z } from 'zod';
import { Digest } from './digest.ts';
import type { Finding } from './findings.ts';
import { DepositId, PersonId } from './ids.ts';
import { ManifestWaiver, RuleName } from './manifest.ts';
import { PersonRole } from './people.ts';
import { statementType } from './statements.ts';
import { FileName, ShortText, Text } from './text.ts';

/**
 * Why one finding may stand: for one rule, in one line, of exactly these bytes. A changed file has another digest, so
 * that nothing is waived in it.
 */
export const Waiver = z.strictObject({
  rule: RuleName,
  digest: Digest,
  /** 1-based; absent where the finding is about the whole file. */
  line: z.int().min(1).optional(),
  reason: Text,
  by: PersonId,
});
export type Waiver = z.infer<typeof Waiver>;

/** One that a person signed, as it will stand in the manifest. */
export const SignedWaiver = z.strictObject({ ...Waiver.shape, ...ManifestWaiver.shape });
export type SignedWaiver = z.infer<typeof SignedWaiver>;

export const waiverPredicate = 'https://keyway.example/waiver/v1';

/** What a person signs so that a finding may stand. in-toto Statement v1; its one subject is the file, by its digest. */
export const WaiverStatement = z.strictObject({
  _type: z.literal(statementType),
  subject: z
    .array(
      z.strictObject({
        name: FileName,
        digest: z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
      }),
    )
    .length(1),
  predicateType: z.literal(waiverPredicate),
  predicate: z.strictObject({
    /** Of the ledger: what is signed for one gateway is void at another. */
    origin: ShortText,
    /** The deposit in whose quarantine the file lies. */
    depositId: DepositId,
    person: PersonId,
    role: PersonRole,
    rule: RuleName,
    line: z.int().min(1).optional(),
    reason: Text,
    time: z.iso.datetime({ precision: 3 }),
  }),
});
export type WaiverStatement = z.infer<typeof WaiverStatement>;

export type Waived<W> = { finding: Finding; waiver: W };

/**
 * The findings that still stand, and those that were waived, each with its waiver. A finding whose rule protects the
 * reading itself (`isFixed`) is never waived, and one that counts further lines names none that could be.
 */
export function applyWaivers<W extends Pick<Waiver, 'rule' | 'digest' | 'line'> & { file?: string }>(
  findings: readonly Finding[],
  waivers: readonly W[],
  about: { digestOf(file: string): Digest | undefined; isFixed(rule: string): boolean },
): { open: Finding[]; waived: Waived<W>[] } {
  const open: Finding[] = [];
  const waived: Waived<W>[] = [];
  for (const finding of findings) {
    const digest = about.digestOf(finding.file);
    const waiver = waivers.find(
      (one) =>
        one.rule === finding.rule &&
        one.line === finding.line &&
        (one.file ?? finding.file) === finding.file &&
        digest !== undefined &&
        one.digest === digest,
    );
    if (waiver && finding.more === undefined && !about.isFixed(finding.rule)) waived.push({ finding, waiver });
    else open.push(finding);
  }
  return { open, waived };
}
