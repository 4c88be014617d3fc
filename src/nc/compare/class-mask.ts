import { type ChangeClass, changeClasses, harmlessClasses } from '../../domain/nc-difference.ts';

/** Classes of many blocks as bits, one number a block. */
export const bitOf = (one: ChangeClass): number => 1 << changeClasses.indexOf(one);
export const maskOf = (classes: Iterable<ChangeClass>): number => {
  let mask = 0;
  for (const one of classes) mask |= bitOf(one);
  return mask;
};
export const classesOf = (mask: number): ChangeClass[] => changeClasses.filter((one) => (mask & bitOf(one)) !== 0);
export const gravestOf = (mask: number): ChangeClass => classesOf(mask).at(-1) ?? 'unknown';

/** What renumbering leaves behind: no change worth a line of its own. */
export const numberingMask = bitOf('numbering');
export const harmlessMask = maskOf(harmlessClasses);

/** All classes of the blocks from `start` to `end`. */
export function maskIn(masks: Uint16Array, start: number, end: number): number {
  let mask = 0;
  for (let at = start; at < end; at++) mask |= masks[at] as number;
  return mask;
}

/** How many of these blocks have a change of one of the classes in `mask`. */
export function countIn(masks: Uint16Array, start: number, end: number, mask: number): number {
  let count = 0;
  for (let at = start; at < end; at++) if (((masks[at] as number) & mask) !== 0) count++;
  return count;
}
