import type { Severity } from '../../domain/findings.ts';
import type { PersonRole } from '../../domain/people.ts';
import type { MachineProfile } from '../profile/profile.ts';

/** What a rule does where no machine profile says otherwise, and what it does where there is a profile that is silent. */
export type Rule = {
  severity: Severity;
  /** With a profile somebody can be asked: who acknowledges it. */
  hold?: PersonRole;
  /** Protects the reading itself: no profile and no waiver softens it. */
  fixed?: true;
};

const maker: PersonRole = 'manufacturing-engineer';

/** Every rule by its id. */
export const catalogue = {
  // The text.
  'control-byte': { severity: 'block', fixed: true },
  'non-ascii-code': { severity: 'block', fixed: true },
  'invisible-character': { severity: 'block', fixed: true },
  'non-ascii-comment': { severity: 'warn' },
  tab: { severity: 'warn' },
  'lower-case': { severity: 'warn' },
  'line-long': { severity: 'warn' },
  'line-ends-mixed': { severity: 'warn', hold: maker },
  'line-ends-differ': { severity: 'warn' },
  'line-end-missing': { severity: 'warn' },
  // The reading.
  'inspection-failed': { severity: 'block', fixed: true },
  'dialect-unrecognised': { severity: 'warn', hold: maker },
  'dialect-differs': { severity: 'warn', hold: maker },
  'profile-missing': { severity: 'note' },
  'control-ambiguous': { severity: 'block', fixed: true },
  'text-behind-semicolon': { severity: 'warn', hold: maker },
  'word-unknown': { severity: 'warn', hold: maker },
  'code-computed': { severity: 'warn', hold: maker },
  'decimal-point': { severity: 'warn', hold: maker },
  'block-skip': { severity: 'note' },
  'block-skip-nested': { severity: 'warn', hold: maker },
  // The frame of a program.
  'text-after-end': { severity: 'block', fixed: true },
  'program-end-missing': { severity: 'block', fixed: true },
  'code-after-end': { severity: 'note' },
  'percent-missing': { severity: 'warn' },
  'percent-line-text': { severity: 'warn' },
  'program-number-missing': { severity: 'warn' },
  'program-number-differs': { severity: 'warn' },
  'program-number-range': { severity: 'warn', hold: maker },
  'program-number-twice': { severity: 'warn' },
  'file-name': { severity: 'warn' },
  units: { severity: 'warn', hold: maker },
  // What reaches beyond the part.
  'offset-write': { severity: 'warn', hold: 'quality' },
  'system-variable': { severity: 'warn', hold: 'quality' },
  'data-output': { severity: 'warn', hold: maker },
  'call-outside-package': { severity: 'block' },
  'call-computed': { severity: 'warn', hold: maker },
  'call-recursive': { severity: 'warn', hold: maker },
  'calls-too-many': { severity: 'block' },
  'external-call': { severity: 'warn', hold: maker },
  'goto-backwards': { severity: 'warn' },
  'goto-missing': { severity: 'warn', hold: maker },
  'loop-endless': { severity: 'warn', hold: maker },
  // The machine.
  travel: { severity: 'warn', hold: maker },
  'spindle-speed': { severity: 'warn', hold: maker },
  'feed-rate': { severity: 'warn', hold: maker },
  'tool-unknown': { severity: 'warn', hold: maker },
  'offset-unknown': { severity: 'warn', hold: maker },
  'offset-differs': { severity: 'warn', hold: maker },
  'arc-open': { severity: 'warn', hold: maker },
  'rapid-into-stock': { severity: 'warn', hold: maker },
} as const satisfies Record<string, Rule>;
export type RuleId = keyof typeof catalogue;

export const isRule = (id: string): id is RuleId => Object.hasOwn(catalogue, id);
export const ruleOf = (id: RuleId): Rule => catalogue[id];

/** Who may sign that a finding may stand: whoever would acknowledge it if it were held. Undefined where nobody may. */
export function waivableBy(id: string, profile: MachineProfile | undefined): PersonRole | undefined {
  if (!isRule(id) || ruleOf(id).fixed) return undefined;
  const choice = profile?.rules[id];
  if (choice?.verdict === 'hold') return choice.role;
  if (choice?.verdict === 'block' && choice.waivedBy) return choice.waivedBy;
  return ruleOf(id).hold ?? maker;
}

export type Verdict = { severity: Severity; role?: PersonRole } | undefined;

/** What a rule does on a machine; undefined where it is switched off there. */
export function verdictOf(id: RuleId, profile: MachineProfile | undefined): Verdict {
  const rule = ruleOf(id);
  if (!profile || rule.fixed) return { severity: rule.severity };
  const choice = profile.rules[id];
  if (choice?.verdict === 'off') return undefined;
  if (choice?.verdict === 'hold') return { severity: 'hold', role: choice.role };
  if (choice) return { severity: choice.verdict };
  return rule.hold ? { severity: 'hold', role: rule.hold } : { severity: rule.severity };
}

/** What a profile says about rules that there are not, or that no profile may soften. One sentence each. */
export function profileMistakes(profile: MachineProfile): string[] {
  return Object.entries(profile.rules).flatMap(([id, { verdict }]) => {
    if (!isRule(id)) return [`rules.${id}: there is no such rule`];
    return ruleOf(id).fixed && verdict !== 'block' ? [`rules.${id}: always blocks`] : [];
  });
}
