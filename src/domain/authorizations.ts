import { z } from 'zod';
import { AuthorizationId, type Classification, Control, controlsOf } from './classification.ts';
import { Country } from './countries.ts';
import { limits } from './limits.ts';
import { Day } from './people.ts';
import { ShortText, Text } from './text.ts';

export const authorizationKinds = ['licence', 'agreement', 'exemption'] as const;

/**
 * What lets technical data go to foreign parties: a licence (22 CFR 123, 125), an agreement such as a TAA (22 CFR 124) or
 * an exemption. A label names it by its id; what it allows stands here, signed by two people.
 */
export const ExportAuthorization = z.strictObject({
  id: AuthorizationId,
  kind: z.enum(authorizationKinds),
  /** As the authority or the rule is cited: `DSP-5 050123456`, `22 CFR 126.5(b)`. */
  reference: ShortText,
  /** Where it lets the data be, beside the United States. */
  countries: z.array(Country).min(1).max(limits.countriesPerAuthorization),
  /** Employers of people and owners of machines, in the words in which those are recorded. */
  parties: z.array(ShortText).min(1).max(limits.partiesPerAuthorization),
  /** Entries of control lists. Each covers what stands below it: `VIII(h)` covers `VIII(h)(1)`. */
  covers: z.array(Control).min(1).max(limits.controlsPerLabel),
  /** Of which countries the people of these parties may be nationals; absent: of `countries` alone. */
  nationalities: z.array(Country).min(1).max(limits.countriesPerAuthorization).optional(),
  /** In force to the end of this day. */
  expires: Day,
  /** Conditions that no machine can check, for people to read. */
  provisos: z.array(Text).max(limits.provisosPerAuthorization),
});
export type ExportAuthorization = z.infer<typeof ExportAuthorization>;

/** Who would have it, and where. Whatever is not known is covered by nothing. */
export type Recipient = {
  /** The employer, or the owner of the machine. */
  party: string | undefined;
  country: string | undefined;
  /** Empty where unknown. Undefined for a machine and for a US person, whose nationality nobody asks for. */
  nationalities: readonly string[] | undefined;
};

/** Those of `named` that cover this recipient, where together they cover every ITAR entry of the label; otherwise none. */
export function authorizedBy(
  named: readonly ExportAuthorization[],
  to: Recipient,
  label: Classification,
): ExportAuthorization[] {
  const covering = named.filter((authorization) => coversRecipient(authorization, to));
  const needed = controlsOf(label).filter(({ jurisdiction }) => jurisdiction === 'ITAR');
  const all = needed.every((control) => covering.some(({ covers }) => covers.some((entry) => isUnder(control, entry))));
  return needed.length > 0 && all ? covering : [];
}

function coversRecipient(authorization: ExportAuthorization, { party, country, nationalities }: Recipient): boolean {
  const { countries, parties, nationalities: allowed = countries } = authorization;
  if (party === undefined || !parties.includes(party)) return false;
  if (country === undefined || (country !== 'US' && !countries.includes(country))) return false;
  if (nationalities === undefined) return true;
  return nationalities.length > 0 && nationalities.every((nationality) => allowed.includes(nationality));
}

function isUnder(control: Control, entry: Control): boolean {
  if (control.jurisdiction === 'EAR')
    return entry.jurisdiction === 'EAR' && (control.eccn === entry.eccn || control.eccn.startsWith(`${entry.eccn}.`));
  return (
    entry.jurisdiction === 'ITAR' &&
    (control.usmlCategory === entry.usmlCategory || control.usmlCategory.startsWith(`${entry.usmlCategory}(`))
  );
}
