import { z } from 'zod';
import { ShortText } from './text.ts';

/**
 * Export-control classification of a document or package. `none` is a statement that someone made, not a default:
 * where nothing is said, a deposit stays in quarantine.
 * Sources: 22 CFR 121.1 (USML), 15 CFR 774 Supplement 1 (CCL), 32 CFR 2002 (CUI), DoDI 5230.24 (distribution).
 */
const usmlCategory = z
  .string()
  .regex(/^(I|II|III|IV|V|VI|VII|VIII|IX|X|XI|XII|XIII|XIV|XV|XVI|XVII|XVIII|XIX|XX|XXI)(\([a-z0-9]{1,4}\)){0,4}$/, {
    message: 'must be a USML category and paragraph such as VIII(h)',
  });
const eccn = z.string().regex(/^(EAR99|[0-9][A-E][0-9]{3}(\.[a-z]{1,2}(\.[0-9]{1,3}(\.[a-z]{1,2})?)?)?)$/, {
  message: 'must be EAR99 or an ECCN such as 9E991 or 9A610.x',
});
const cuiMarking = z
  .string()
  .regex(/^[A-Z][A-Z0-9/ -]{0,39}$/, 'must be a CUI marking in capitals such as SP-EXPT or NOFORN');

const common = {
  cuiMarkings: z.array(cuiMarking).max(10).optional(),
  distribution: z.enum(['A', 'B', 'C', 'D', 'E', 'F']).optional(),
  owner: ShortText.optional(),
};

export const Classification = z.discriminatedUnion('jurisdiction', [
  z.strictObject({ jurisdiction: z.literal('ITAR'), usmlCategory, ...common }),
  z.strictObject({ jurisdiction: z.literal('EAR'), eccn, ...common }),
  z.strictObject({ jurisdiction: z.literal('none'), ...common }),
]);
export type Classification = z.infer<typeof Classification>;
export const jurisdictions = ['ITAR', 'EAR', 'none'] as const;
export type Jurisdiction = (typeof jurisdictions)[number];

/** The banner that stands over anything shown, such as `CUI // SP-EXPT · ITAR VIII(h)`. */
export function classificationBanner(c: Classification): string {
  const cui = c.cuiMarkings && c.cuiMarkings.length > 0 ? [`CUI // ${c.cuiMarkings.join(' // ')}`] : [];
  const jurisdiction =
    c.jurisdiction === 'ITAR' ? `ITAR ${c.usmlCategory}` : c.jurisdiction === 'EAR' ? c.eccn : 'not export controlled';
  const distribution = c.distribution ? [`Distribution ${c.distribution}`] : [];
  return [...cui, jurisdiction, ...distribution].join(' · ');
}
