import { z } from 'zod';
import { type Country, countryOfTrigraph, trigraphOf } from './countries.ts';

/**
 * Category markings of the CUI Registry (32 CFR 2002.10), as CUI Basic and, with `SP-` before them, as CUI Specified:
 * checked on 2026-11-26 against the code list that NIEM 6.0 publishes of the registry (namespace cui, April 2025), with
 * PSI, which the registry added since. Entries are added when the registry changes and never taken out: labels of the
 * past must still be read.
 */
const basic = words(
  'ADJ ADPO AG APP ASYL BARG BATT CMPRS COMPT CONREG CONV CRIT CVI CVIC DCNI DCRIT DREC EMGT EXPT EXPTR FHFANPI FINT FNC',
  'FSEC FSI GENETIC HLTH ID INF INTEL INV INVENT ISVI IVIC JURY JUV LCOMM LEI LMI LNSL LPROT LSCRN LVIC MERG MIL NETW',
  'NNPI NUC OCCMTO OPSEC PERS PEST PHYS POST PRE PRIIG PRIOR PRIVILEGE PROCURE PROPIN PROT PRVCY PSEC PSI RAIL RECCOM RESD',
  'RTR RWRD SAFE SBIZ SCV SERV SRI SSEL STAT STUD SURV TAI TRACE UCNI VISA WATER WHSTL WIT XFER',
);
const specified = words(
  'ADPO AIV ARCHR BUDG CCI CEII CENS CHLD CHRI CONTRACT CRITAN CTI CVI DCNI EXPT FISA FISAB FNC FSEC FUND GENETIC GEO',
  'HISTP HLTH ID IFNC INF INTEL INTL INV JURY LDNA LFNC LPROT MFC NNPI NPSR NUC PCII PERS PRIIG PROCURE PROPIN PRVCY SGI',
  'SRI SSEL SSI STAT STUD SUB TAX TSCA UCNI WDT WHSTL WIT',
);

function words(...lines: string[]): ReadonlySet<string> {
  return new Set(lines.flatMap((line) => line.split(' ')));
}

/** Limited dissemination controls (32 CFR 2002.16(b)) that take no list of countries. */
const plainControls = ['NOFORN', 'FED ONLY', 'FEDCON', 'NOCON', 'DL ONLY'] as const;
type PlainControl = (typeof plainControls)[number];
const withCountries = /^(REL TO|DISPLAY ONLY) (USA(?:, [A-Z]{3})+)$/;

/** The words that a label may use, for whoever lets people choose; `REL TO` and `DISPLAY ONLY` take countries behind them. */
export const cuiWords = {
  categories: [...basic, ...[...specified].map((category) => `SP-${category}`)],
  controls: [...plainControls, 'REL TO USA', 'DISPLAY ONLY USA'],
} as const;

/** How far a foreign recipient named by the label may go: be shown it, or be given it. */
export type Reach = 'display' | 'release';
/** A label's markings, understood. `foreign` is undefined where no control speaks of foreign recipients. */
export type CuiMeaning = {
  categories: string[];
  controls: PlainControl[];
  foreign: ReadonlyMap<Country, Reach> | undefined;
};

const isPlain = (marking: string): marking is PlainControl => plainControls.includes(marking as PlainControl);
const isCategory = (marking: string): boolean =>
  marking.startsWith('SP-') ? specified.has(marking.slice('SP-'.length)) : basic.has(marking);

function countriesOf(marking: string): { reach: Reach; countries: (Country | undefined)[] } | undefined {
  const [, control, list] = withCountries.exec(marking) ?? [];
  if (control === undefined || list === undefined) return undefined;
  const countries = list.split(', ').slice(1).map(countryOfTrigraph);
  return { reach: control === 'REL TO' ? 'release' : 'display', countries };
}

/** One marking: a category such as `SP-CTI`, or a control such as `NOFORN` or `REL TO USA, GBR` (trigraphs, USA first). */
const CuiMarking = z
  .string()
  .max(200)
  .refine(
    (marking) => isPlain(marking) || isCategory(marking) || (countriesOf(marking)?.countries.every(Boolean) ?? false),
    'must be a category of the CUI Registry such as SP-CTI, or a control such as NOFORN or REL TO USA, GBR',
  );

/** The markings of one label, without those that contradict one another. */
export const CuiMarkings = z
  .array(CuiMarking)
  .max(10)
  .superRefine((markings, context) => {
    const message = contradiction(markings);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });

/** Two of these in one label say that a recipient may and may not have it. */
const opposed: readonly (readonly [PlainControl, PlainControl])[] = [
  ['FED ONLY', 'FEDCON'],
  ['NOCON', 'FEDCON'],
];

function contradiction(markings: readonly string[]): string | undefined {
  const twice = markings.find((marking, at) => markings.indexOf(marking) !== at);
  if (twice !== undefined) return `says ${twice} twice`;
  const lists = markings.filter((marking) => withCountries.test(marking));
  const [list] = lists;
  if (list !== undefined && markings.includes('NOFORN')) return `contradicts itself: NOFORN and ${list}`;
  const kinds = lists.map((marking) => marking.slice(0, 6));
  if (new Set(kinds).size !== kinds.length) return `has two lists of countries of one kind: ${lists.join(' and ')}`;
  const pair = opposed.find((both) => both.every((control) => markings.includes(control)));
  return pair && `contradicts itself: ${pair.join(' and ')}`;
}

export function readCui(markings: readonly string[]): CuiMeaning {
  const lists = markings.flatMap((marking) => countriesOf(marking) ?? []);
  const foreign = new Map<Country, Reach>();
  for (const { reach, countries } of lists)
    for (const country of countries) if (country && foreign.get(country) !== 'release') foreign.set(country, reach);
  return {
    categories: markings.filter(isCategory),
    controls: markings.filter(isPlain),
    foreign: lists.length > 0 || markings.includes('NOFORN') ? foreign : undefined,
  };
}

/** Both labels hold: every category, and of the recipients those that both leave. */
export function combineCui(one: readonly string[], other: readonly string[]): string[] {
  const a = readCui(one);
  const b = readCui(other);
  const foreign = a.foreign && b.foreign ? bothReach(a.foreign, b.foreign) : (a.foreign ?? b.foreign);
  return writeCui({
    categories: union(a.categories, b.categories),
    controls: strictest(union(a.controls, b.controls)),
    foreign,
  });
}

function bothReach(a: ReadonlyMap<Country, Reach>, b: ReadonlyMap<Country, Reach>): Map<Country, Reach> {
  const common = [...a].filter(([country]) => b.has(country));
  return new Map(
    common.map(([country, reach]) => [
      country,
      reach === 'release' && b.get(country) === 'release' ? reach : 'display',
    ]),
  );
}

/** Who is left by FEDCON and by NOCON, or by either and FED ONLY: federal employees. */
function strictest(controls: readonly PlainControl[]): PlainControl[] {
  const federal =
    controls.includes('FED ONLY') || (controls.includes('FEDCON') && controls.includes('NOCON'))
      ? 'FED ONLY'
      : undefined;
  if (federal === undefined) return [...controls];
  return union(
    controls.filter((control) => control !== 'FEDCON' && control !== 'NOCON'),
    [federal],
  );
}

function writeCui({ categories: named, controls, foreign }: CuiMeaning): string[] {
  const plain = controls.filter((control) => control !== 'NOFORN');
  const list = (words: string, reach: Reach) => {
    const countries = [...(foreign ?? [])].filter(([, allowed]) => allowed === reach).map(([country]) => country);
    return countries.length === 0 ? [] : [`${words} USA, ${countries.map(trigraphOf).sort().join(', ')}`];
  };
  const noForeign = foreign !== undefined && foreign.size === 0 ? ['NOFORN'] : [];
  return [...named, ...plain, ...noForeign, ...list('REL TO', 'release'), ...list('DISPLAY ONLY', 'display')].sort();
}

const union = <T extends string>(a: readonly T[], b: readonly T[]): T[] => [...new Set([...a, ...b])].sort();
