import { type ChangeClass, changeClasses } from '../../domain/nc-difference.ts';

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
