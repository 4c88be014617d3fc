import {
  type Classification,
  type Control,
  controlName,
  controlsOf,
  type DistributionStatement,
} from './classification.ts';
import { combineCui } from './cui.ts';

/**
 * The label of a package: at least as restrictive as that of each of its files. Labels have no total order, so what
 * neither outdoes stands beside the other: every control list entry, every CUI category, the smaller audience, the
 * earlier review, and of the authorisations only those that hold for every controlled file. In whatever order the files
 * come, the label is the same.
 */
export function mostRestrictive(first: Classification, ...others: readonly Classification[]): Classification {
  const all = others.filter((label) => JSON.stringify(label) !== JSON.stringify(first));
  return all.length === 0 ? first : [first, ...all].map(normal).reduce(combine);
}

/** Whether `label` restricts at least as much as `other` in every way. */
export const covers = (label: Classification, other: Classification): boolean =>
  JSON.stringify(combine(label, other)) === JSON.stringify(normal(label));

/** Two labels that say the same in another order are the same here. */
const normal = (label: Classification): Classification => combine(label, label);

function combine(one: Classification, other: Classification): Classification {
  const [main, ...also] = strictestControls([...controlsOf(one), ...controlsOf(other)]);
  const [owner, ...alsoOwnedBy] = sorted([...ownersOf(one), ...ownersOf(other)]);
  const cuiMarkings = combineCui(one.cuiMarkings ?? [], other.cuiMarkings ?? []);
  const disseminationList = onEvery(one, other);
  const distribution = fewer(one.distribution, other.distribution);
  const authorizations = forBoth(one, other);
  const [reviewBy] = sorted([one.reviewBy, other.reviewBy].filter((day) => day !== undefined));
  return {
    ...(main ?? { jurisdiction: 'none' }),
    ...(also.length > 0 ? { also } : {}),
    ...(cuiMarkings.length > 0 ? { cuiMarkings } : {}),
    ...(disseminationList ? { disseminationList } : {}),
    ...(distribution ? { distribution } : {}),
    ...(owner === undefined ? {} : { owner }),
    ...(alsoOwnedBy.length > 0 ? { alsoOwnedBy } : {}),
    ...(authorizations.length > 0 ? { authorizations } : {}),
    ...(reviewBy === undefined ? {} : { reviewBy }),
  };
}

const sorted = (texts: readonly string[]): string[] => [...new Set(texts)].sort();
const ownersOf = ({ owner, alsoOwnedBy = [] }: Classification): string[] =>
  owner === undefined ? alsoOwnedBy : [owner, ...alsoOwnedBy];

/** ITAR first. EAR99 is what no entry lists, so any entry stands in its place (15 CFR 734.3(c)). */
function strictestControls(controls: readonly Control[]): Control[] {
  const byName = new Map(controls.map((control) => [controlName(control), control]));
  const ordered = [...byName].sort(([a, one], [b, other]) => rank(one) - rank(other) || (a < b ? -1 : 1));
  const [first] = ordered;
  return ordered.filter((entry) => entry === first || rank(entry[1]) < 2).map(([, control]) => control);
}

const rank = (control: Control): number => (control.jurisdiction === 'ITAR' ? 0 : control.eccn === 'EAR99' ? 2 : 1);

/** Who is left by each statement of DoDI 5230.24: agencies, their contractors, the DoD, its contractors, the public. */
const audiences: Readonly<Record<DistributionStatement, readonly string[]>> = {
  A: ['dod', 'dod-contractor', 'agency', 'contractor', 'public'],
  C: ['dod', 'dod-contractor', 'agency', 'contractor'],
  D: ['dod', 'dod-contractor'],
  B: ['dod', 'agency'],
  E: ['dod'],
  F: [],
};

function fewer(
  one: DistributionStatement | undefined,
  other: DistributionStatement | undefined,
): DistributionStatement | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  const common = audiences[one].filter((group) => audiences[other].includes(group));
  const letters = Object.keys(audiences) as DistributionStatement[];
  return letters.find((letter) => audiences[letter].join() === common.join()) ?? 'F';
}

/** Who is on the list of each that has DL ONLY; with that marking and no list nobody is. */
function onEvery(one: Classification, other: Classification): string[] | undefined {
  const listed = [one, other].filter(({ cuiMarkings = [] }) => cuiMarkings.includes('DL ONLY'));
  if (listed.every(({ disseminationList }) => disseminationList === undefined)) return undefined;
  const lists = listed.map(({ disseminationList = [] }) => disseminationList);
  const [first = [], second = first] = lists;
  return sorted(first.filter((party) => second.includes(party)));
}

function forBoth(one: Classification, other: Classification): string[] {
  const lists = [one, other].filter((label) => controlsOf(label).length > 0).map((label) => label.authorizations ?? []);
  const [first = [], second = first] = lists;
  return sorted(first.filter((id) => second.includes(id)));
}
