import { z } from 'zod';
import { CuiMarkings } from './cui.ts';
import { limits } from './limits.ts';
import { PathWord, ShortText } from './text.ts';
import { UsmlCategory } from './usml.ts';

const eccn = z.string().regex(/^(EAR99|[0-9][A-E][0-9]{3}(\.[a-z]{1,2}(\.[0-9]{1,3}(\.[a-z]{1,2})?)?)?)$/, {
  message: 'must be EAR99 or an ECCN such as 9E991 or 9A610.x',
});
/** Statements of DoDI 5230.24. */
export const distributionStatements = ['A', 'B', 'C', 'D', 'E', 'F'] as const;
export type DistributionStatement = (typeof distributionStatements)[number];

export const jurisdictions = ['ITAR', 'EAR', 'none'] as const;
export type Jurisdiction = (typeof jurisdictions)[number];

/** One entry of a control list that something is under. */
export const Control = z.discriminatedUnion('jurisdiction', [
  z.strictObject({ jurisdiction: z.literal('ITAR'), usmlCategory: UsmlCategory }),
  z.strictObject({ jurisdiction: z.literal('EAR'), eccn }),
]);
export type Control = z.infer<typeof Control>;

/** The id of a licence, agreement or exemption in the ledger: what it allows stands there and not in a label. */
export const AuthorizationId = PathWord;
export type AuthorizationId = z.infer<typeof AuthorizationId>;

const common = {
  /** Further entries that it is under as well. */
  also: z.array(Control).min(1).max(limits.controlsPerLabel).optional(),
  cuiMarkings: CuiMarkings.optional(),
  /** DL ONLY: who may have it, employers of people and owners of machines as they are recorded. Nobody where it is absent. */
  disseminationList: z.array(ShortText).max(limits.partiesPerList).optional(),
  distribution: z.enum(distributionStatements).optional(),
  /** Whose proprietary information it is. */
  owner: ShortText.optional(),
  alsoOwnedBy: z.array(ShortText).min(1).max(limits.controlsPerLabel).optional(),
  authorizations: z.array(AuthorizationId).min(1).max(limits.controlsPerLabel).optional(),
  /** Last day of the control plan: from then on the label must be reviewed before anything more is delivered. */
  reviewBy: z.iso.date().optional(),
};

/**
 * Export-control classification of a document or package. `none` is a statement that someone made, not a default:
 * where nothing is said, a deposit stays in quarantine.
 * Sources: 22 CFR 121.1 (USML), 15 CFR 774 Supplement 1 (CCL), 32 CFR 2002 (CUI), DoDI 5230.24 (distribution).
 */
export const Classification = z
  .discriminatedUnion('jurisdiction', [
    z.strictObject({ jurisdiction: z.literal('ITAR'), usmlCategory: UsmlCategory, ...common }),
    z.strictObject({ jurisdiction: z.literal('EAR'), eccn, ...common }),
    z.strictObject({ jurisdiction: z.literal('none'), ...common }),
  ])
  .superRefine((label, context) => {
    if (label.disseminationList && !label.cuiMarkings?.includes('DL ONLY'))
      context.addIssue({
        code: 'custom',
        path: ['disseminationList'],
        message: 'is a list for the marking DL ONLY, which the label does not have',
      });
    // Rules ask for the jurisdiction first: a stricter one among `also` would be overlooked.
    const hidden = (label.also ?? []).some(
      ({ jurisdiction }) => jurisdictions.indexOf(jurisdiction) < jurisdictions.indexOf(label.jurisdiction),
    );
    if (hidden)
      context.addIssue({
        code: 'custom',
        path: ['jurisdiction'],
        message: 'is not the strictest that the label names',
      });
  });
export type Classification = z.infer<typeof Classification>;

/** Every entry of a control list that the label names. */
export function controlsOf(label: Classification): Control[] {
  const also = label.also ?? [];
  if (label.jurisdiction === 'ITAR') return [{ jurisdiction: 'ITAR', usmlCategory: label.usmlCategory }, ...also];
  return label.jurisdiction === 'EAR' ? [{ jurisdiction: 'EAR', eccn: label.eccn }, ...also] : [...also];
}

/** As people say it; EAR99 says by itself whose it is. */
export function controlName(control: Control): string {
  if (control.jurisdiction === 'ITAR') return `ITAR ${control.usmlCategory}`;
  return control.eccn === 'EAR99' ? control.eccn : `EAR ${control.eccn}`;
}

/** Whether export rules or CUI ask for more than care: EAR99 goes nearly anywhere. */
export const isControlled = (label: Classification): boolean =>
  controlsOf(label).some((control) => control.jurisdiction === 'ITAR' || control.eccn !== 'EAR99') ||
  (label.cuiMarkings ?? []).length > 0;

/** The banner that stands over anything shown, such as `CUI // SP-EXPT · ITAR VIII(h)`. */
export function classificationBanner(label: Classification): string {
  const cui = label.cuiMarkings && label.cuiMarkings.length > 0 ? [`CUI // ${label.cuiMarkings.join(' // ')}`] : [];
  const controls = controlsOf(label).map(controlName);
  const distribution = label.distribution ? [`Distribution ${label.distribution}`] : [];
  return [...cui, controls.join(' + ') || 'not export controlled', ...distribution].join(' · ');
}
