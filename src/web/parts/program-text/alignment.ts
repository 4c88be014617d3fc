import { Change, diff } from '@codemirror/merge';
import type { DifferenceView } from '../../../edges/http/contract/differences.ts';

type Hunk = DifferenceView['hunks'][number];

/** Characters of a changed piece beyond which its lines are shown as changed without looking inside. */
const insideChars = 4_000;
/** The browser's own difference, where ours does not fit, gives up looking for the smallest after so many milliseconds. */
export const plainDifference = { scanLimit: 500, timeout: 800 };

/**
 * The difference by consequence as places in two texts: what was only renumbered is no change. Undefined where it does not
 * fit these texts line by line (a list that was cut): then bytes are compared with bytes.
 */
export function alignedChanges(before: string, after: string, hunks: readonly Hunk[]): readonly Change[] | undefined {
  const a = lineStarts(before);
  const b = lineStarts(after);
  const changedA = new Uint8Array(a.length);
  const changedB = new Uint8Array(b.length);
  for (const { kind, before: was, after: is } of hunks) {
    if (kind !== 'added') changedA.fill(1, was.from - 1, was.to);
    if (kind !== 'removed') changedB.fill(1, is.from - 1, is.to);
  }
  const lastA = a.length - 1;
  const lastB = b.length - 1;
  const changes: Change[] = [];
  let i = 0;
  let j = 0;
  while (i < lastA || j < lastB) {
    const [fromI, fromJ] = [i, j];
    while (i < lastA && changedA[i] === 1) i++;
    while (j < lastB && changedB[j] === 1) j++;
    if (i > fromI || j > fromJ) {
      changes.push(...inside(before, after, [a[fromI] ?? 0, a[i] ?? 0], [b[fromJ] ?? 0, b[j] ?? 0]));
    } else if (i < lastA && j < lastB) {
      i++;
      j++;
    } else return undefined;
  }
  return changes;
}

/** Places where lines begin, and behind the last the length of the text. */
function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  if (starts.at(-1) !== text.length) starts.push(text.length);
  return starts;
}

type Place = [from: number, to: number];

/** Where the piece is small: which characters of it. */
function inside(before: string, after: string, [fromA, toA]: Place, [fromB, toB]: Place): readonly Change[] {
  const whole = [new Change(fromA, toA, fromB, toB)];
  if (fromA === toA || fromB === toB || toA - fromA + toB - fromB > insideChars) return whole;
  return diff(before.slice(fromA, toA), after.slice(fromB, toB)).map(
    (one) => new Change(one.fromA + fromA, one.toA + fromA, one.fromB + fromB, one.toB + fromB),
  );
}
