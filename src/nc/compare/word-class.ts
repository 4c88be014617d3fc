import type { ChangeClass } from '../../domain/nc-difference.ts';

/** What else stands in the block of a word, which decides what some addresses mean. */
export type WordContext = { has(letter: number, ...values: number[]): boolean };

export const addressOf = (letter: string): number => letter.charCodeAt(0);
const [d, e, f, g, h, l, m, p, q, s, t] = [...'DEFGHLMPQST'].map(addressOf) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

/** G codes whose meaning is the same on the controls that Keyway reads; every other one counts as geometry. */
const codes = new Map<number, ChangeClass>();
const give = (one: ChangeClass, ...values: number[]): void => {
  for (const value of values) codes.set(value, one);
};
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
give('feed-speed', 4, 25, 26, 93, 94, 95, 96, 97);
give(
  'offset',
  10,
  11,
  40,
  41,
  42,
  43,
  44,
  45,
  46,
  47,
  48,
  49,
  43.1,
  43.4,
  43.5,
  41.2,
  42.2,
  52,
  53,
  92,
  92.1,
  54.1,
  54.2,
  54.4,
  ...range(54, 59),
);
give('offset', 500, ...range(505, 599), 153);
give(
  'modal',
  5,
  5.1,
  8,
  9,
  15,
  16,
  17,
  18,
  19,
  20,
  21,
  22,
  23,
  50,
  51,
  50.1,
  51.1,
  60,
  61,
  62,
  63,
  64,
  68,
  68.2,
  69,
  70,
  71,
  90,
  91,
  98,
  99,
);
give('modal', 601, 602, 603, 641, 642, 643, 644, 645, 700, 710);
give('flow', 65, 66, 66.1, 67);

const flowCodes = [2, 17, 30, 96, 97, 98, 99, 198];
const lathes = [70, 71, 72, 73];

/** The class of a changed word: what it does to the part, judged on the grave side. `value` is NaN where it is computed. */
export function wordClass(letter: number, value: number, context: WordContext): ChangeClass {
  if (letter === g) return Number.isNaN(value) ? 'unknown' : (codes.get(value) ?? 'geometry');
  if (letter === m) return Number.isNaN(value) || flowCodes.includes(value) ? 'flow' : value === 6 ? 'tool' : 'm-code';
  if (letter === t) return 'tool';
  if (context.has(g, 10)) return 'offset';
  if (letter === s || letter === f || letter === e) return 'feed-speed';
  if (context.has(g, 65, 66, 66.1)) return 'unknown';
  if (context.has(g, 4)) return 'feed-speed';
  if (letter === h || letter === d) return 'offset';
  if (letter === p || letter === q || letter === l) return parameterClass(letter, context);
  return 'geometry';
}

/** P, Q and L are what the block makes of them. */
function parameterClass(letter: number, context: WordContext): ChangeClass {
  if (context.has(m, 96, 97, 98, 99, 198)) return 'flow';
  if (letter !== l && context.has(g, ...lathes)) return 'geometry';
  if (letter === p && context.has(g, 54.1, 54)) return 'offset';
  return 'geometry';
}

/** What a word is called, for people. */
export function wordName(letter: number, value: number): string {
  if (letter === g) return codeName(value);
  if (letter === m) return value === 6 ? 'tool change' : 'M code';
  return names[String.fromCharCode(letter)] ?? 'word';
}

const names: Record<string, string> = {
  T: 'tool',
  S: 'spindle speed',
  F: 'feed',
  E: 'feed',
  H: 'length offset',
  D: 'radius offset',
  P: 'parameter P',
  Q: 'parameter Q',
  L: 'parameter L',
  I: 'arc centre or parameter I',
  J: 'arc centre or parameter J',
  K: 'arc centre or parameter K',
  R: 'radius or plane R',
};
for (const axis of 'XYZABCUVW') names[axis] = `position ${axis}`;

function codeName(value: number): string {
  if (value >= 0 && value <= 3) return 'kind of motion';
  if (value >= 54 && value < 60) return 'work offset';
  if (value === 90 || value === 91) return 'absolute or incremental';
  if (value === 20 || value === 21 || value === 70 || value === 71) return 'unit';
  if (value >= 17 && value <= 19) return 'plane';
  if (value >= 40 && value <= 42) return 'radius compensation';
  if (value >= 43 && value < 50) return 'length compensation';
  return value >= 73 && value <= 89 ? 'canned cycle' : 'G code';
}
