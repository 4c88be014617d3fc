import { describe, expect, test } from 'vitest';
import { type Digest, digestFromHex } from '../../src/domain/digest.ts';
import type { Finding } from '../../src/domain/findings.ts';
import type { PersonId } from '../../src/domain/ids.ts';
import { applyWaivers, type Waiver } from '../../src/domain/waivers.ts';
import { isRule, ruleOf } from '../../src/nc/preflight/catalogue.ts';

const digest = digestFromHex('ab'.repeat(32));
const other = digestFromHex('cd'.repeat(32));
const finding = (rule: string, line?: number): Finding => ({
  rule,
  severity: 'hold',
  role: 'quality',
  file: 'O1.NC',
  ...(line === undefined ? {} : { line }),
  message: 'Something is remarkable.',
});
const waiver = (rule: string, line?: number, of: Digest = digest): Waiver => ({
  rule,
  digest: of,
  ...(line === undefined ? {} : { line }),
  reason: 'The fixture needs it.',
  by: 'QA-1' as PersonId,
});
const about = {
  digestOf: (file: string) => (file === 'O1.NC' ? digest : undefined),
  isFixed: (rule: string) => isRule(rule) && ruleOf(rule).fixed === true,
};
const open = (findings: Finding[], ...waivers: Waiver[]) => applyWaivers(findings, waivers, about).open;

describe('a waiver', () => {
  const held = finding('offset-write', 12);

  test('lets one finding stand, with its reason beside it', () => {
    const applied = applyWaivers([held], [waiver('offset-write', 12)], about);
    expect(applied).toEqual({ open: [], waived: [{ finding: held, waiver: waiver('offset-write', 12) }] });
  });

  test.each([
    ['another line', waiver('offset-write', 13)],
    ['the whole file', waiver('offset-write')],
    ['another rule', waiver('system-variable', 12)],
    ['other bytes', waiver('offset-write', 12, other)],
  ])('for %s says nothing about it', (_, given) => expect(open([held], given)).toEqual([held]));

  test('does not soften a rule that protects the reading', () => {
    const ambiguous = finding('control-ambiguous', 3);
    expect(open([ambiguous], waiver('control-ambiguous', 3))).toEqual([ambiguous]);
  });

  test('does not reach lines that are only counted', () => {
    const counted = { ...finding('offset-write'), more: 4 };
    expect(open([counted], waiver('offset-write'))).toEqual([counted]);
  });

  test('for a file of the deposit is none for a file that is not known', () => {
    const elsewhere = { ...held, file: 'O2.NC' };
    expect(open([elsewhere], waiver('offset-write', 12))).toEqual([elsewhere]);
  });
});
