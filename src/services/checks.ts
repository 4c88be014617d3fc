import { type CheckName, checkNames, type Finding, type Severity, severities } from '../domain/findings.ts';
import { isRule, type RuleId } from '../nc/preflight/catalogue.ts';

/** Under which of the checks a person looks for it. The compiler holds it complete. */
const checkOf: Record<RuleId, CheckName> = {
  'control-byte': 'text',
  'non-ascii-code': 'text',
  'invisible-character': 'text',
  'non-ascii-comment': 'text',
  tab: 'text',
  'lower-case': 'text',
  'line-long': 'text',
  'line-ends-mixed': 'text',
  'line-ends-differ': 'text',
  'line-end-missing': 'text',
  'inspection-failed': 'dialect',
  'dialect-unrecognised': 'dialect',
  'dialect-differs': 'dialect',
  'profile-missing': 'dialect',
  'control-ambiguous': 'dialect',
  'text-behind-semicolon': 'dialect',
  'word-unknown': 'dialect',
  'code-computed': 'dialect',
  'decimal-point': 'dialect',
  'block-skip': 'flow',
  'block-skip-nested': 'flow',
  'text-after-end': 'frame',
  'program-end-missing': 'frame',
  'code-after-end': 'frame',
  'percent-missing': 'frame',
  'percent-line-text': 'frame',
  'program-number-missing': 'frame',
  'program-number-differs': 'frame',
  'program-number-range': 'frame',
  'program-number-twice': 'frame',
  'file-name': 'frame',
  units: 'frame',
  'offset-write': 'offsets',
  'system-variable': 'offsets',
  'data-output': 'flow',
  'call-outside-package': 'subprograms',
  'call-computed': 'subprograms',
  'call-recursive': 'subprograms',
  'calls-too-many': 'subprograms',
  'external-call': 'subprograms',
  'goto-backwards': 'flow',
  'goto-missing': 'flow',
  'loop-endless': 'flow',
  travel: 'envelope',
  'spindle-speed': 'envelope',
  'feed-rate': 'envelope',
  'tool-unknown': 'tools',
  'offset-unknown': 'tools',
  'offset-differs': 'tools',
  'arc-open': 'envelope',
  'rapid-into-stock': 'envelope',
};

export type CheckResult = { check: CheckName; state: Severity | 'passed'; findings: number };

/** Every check with the gravest that inspection found under it. A rule of another time counts as one of the reading. */
export function checksOf(findings: readonly Finding[]): CheckResult[] {
  const found = Map.groupBy(findings, ({ rule }) => (isRule(rule) ? checkOf[rule] : 'dialect'));
  return checkNames.map((check) => {
    const own = found.get(check) ?? [];
    const state = severities.find((severity) => own.some((finding) => finding.severity === severity)) ?? 'passed';
    return { check, state, findings: own.reduce((sum, { more = 0 }) => sum + 1 + more, 0) };
  });
}
