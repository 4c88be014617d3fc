import type { Dialect } from '../../domain/nc.ts';
import type { Code } from './code.ts';

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
