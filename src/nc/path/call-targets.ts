import type { Dialect } from '../../domain/nc.ts';
import type { Code } from './code.ts';
import type { Notes } from './notes.ts';

const nowhere: readonly number[] = [];

/** The blocks that a jump or a label call may mean, in their order. Heidenhain counts labels and not block numbers. */
export function blocksOf(code: Code, target: number | string, dialect: Dialect): readonly number[] {
  const byLabel = code.labels.get(`${target}`.toUpperCase());
  if (dialect === 'klartext' || dialect === 'heidenhain-iso') return byLabel ?? nowhere;
  if (typeof target === 'number') return code.numbers.get(target) ?? byLabel ?? nowhere;
  if (byLabel) return byLabel;
  const number = /^N(\d+)$/.exec(target.toUpperCase())?.[1];
  return number === undefined ? nowhere : (code.numbers.get(Number(number)) ?? nowhere);
}

/** FANUC looks down to the end and then from the top; Siemens says which way. */
export function jumpTo(
  list: readonly number[],
  at: number,
  direction: 'any' | 'forward' | 'backward',
): number | undefined {
  const after = firstAfter(list, at);
  if (direction === 'forward') return after;
  if (direction === 'any') return after ?? list[0];
  return list[placeAfter(list, at) - 1];
}

export const firstAfter = (list: readonly number[], at: number): number | undefined => list[placeAfter(list, at)];

/** By halves: a hostile program may have a million of one label, and jump a million times. */
function placeAfter(list: readonly number[], at: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle] as number) > at) high = middle;
    else low = middle + 1;
  }
  return low;
}

const letterG = 71;

/** The blocks of a contour: from a number or label to another one, or to the first block with a G code, in tenths. */
export function contourBlocks(
  code: Code,
  from: number | string,
  to: number | string | { code: number },
  dialect: Dialect,
): { first: number; last: number } | undefined {
  const [first] = blocksOf(code, from, dialect);
  if (first === undefined) return undefined;
  const last = typeof to === 'object' ? blockWithCode(code, to.code, first) : blocksOf(code, to, dialect)[0];
  return last === undefined || last < first ? undefined : { first, last };
}

function blockWithCode(code: Code, tenths: number, from: number): number | undefined {
  for (let block = from; block < code.count; block++) if (hasCode(code, tenths, block)) return block;
  return undefined;
}

function hasCode(code: Code, tenths: number, block: number): boolean {
  for (let word = code.first[block] as number; word < (code.first[block + 1] as number); word++)
    if (code.letter[word] === letterG && Math.round((code.value[word] as number) * 10) === tenths) return true;
  return false;
}

/** Says what of a contour is left out. Returns whether it says itself that it is cut across: G82 of an Okuma. */
export function noteContour(code: Code, at: number, first: number, notes: Notes): boolean {
  if (first > at + 1 && (code.first[at + 1] as number) < (code.first[first] as number))
    notes.add('unsupported', 'before the contour', 'What stands between a cycle and its contour is left out.');
  if (hasCode(code, 830, first))
    notes.add('unsupported', 'G83', 'The shape of the blank (G83) is taken for a part of the contour.');
  return hasCode(code, 820, first);
}
