import type { LineRange, ToolSection } from '../../domain/nc-difference.ts';
import { classesOf, countIn, harmlessMask, maskIn, numberingMask } from './class-mask.ts';
import type { Classes } from './classify.ts';
import type { Pairing } from './pairing.ts';
import { lastLine, type ProgramIndex } from './program-index.ts';

/** The blocks that one tool cuts, from its change to the next one's. */
export type Section = { tool: string; start: number; end: number };

/** By tool, what the program says of it. */
export type Descriptions = ReadonlyMap<string, string>;

export function sectionsOf({ count, toolChanges }: ProgramIndex): Section[] {
  return toolChanges
    .map(({ tool, block }, at) => ({ tool, start: block, end: toolChanges[at + 1]?.block ?? count }))
    .filter(({ start, end }) => end > start);
}

/** The section in which each block stands; -1 before the first tool. */
export function sectionOfBlocks(sections: readonly Section[], count: number): Int32Array {
  const found = new Int32Array(count).fill(-1);
  sections.forEach(({ start, end }, at) => {
    found.fill(at, start, end);
  });
  return found;
}

type Partners = { toAfter: Int32Array; toBefore: Int32Array; moved: ReadonlySet<number> };

/** What became of each tool's work, in the order of the newer program, what was removed last. */
export function compareSections(
  [before, after]: readonly [ProgramIndex, ProgramIndex],
  pairing: Pairing,
  classes: Classes,
  [describedBefore, describedAfter]: readonly [Descriptions, Descriptions],
): ToolSection[] {
  const [older, newer] = [sectionsOf(before), sectionsOf(after)];
  const partners = pairSections(older, newer, pairing);
  const found = newer.map((section, at): ToolSection => {
    const i = partners.toBefore[at] as number;
    const partner = older[i];
    const mask = maskOfSection(partner, classes.before) | maskOfSection(section, classes.after);
    return {
      tool: section.tool,
      ...(partner !== undefined && partner.tool !== section.tool ? { toolBefore: partner.tool } : {}),
      ...described(describedAfter.get(section.tool)),
      state: partner === undefined ? 'added' : (mask & ~harmlessMask) === 0 ? 'same' : 'changed',
      moved: partners.moved.has(at),
      ...(partner === undefined ? {} : { before: linesOf(partner, before) }),
      after: linesOf(section, after),
      classes: classesOf(mask & ~numberingMask),
      changedBlocks: changedIn(partner, classes.before) + changedIn(section, classes.after),
    };
  });
  const removed = older.filter((_, at) => (partners.toAfter[at] as number) < 0);
  return [...found, ...removed.map((section) => removedSection(section, before, classes, describedBefore))];
}

function removedSection(
  section: Section,
  before: ProgramIndex,
  classes: Classes,
  descriptions: Descriptions,
): ToolSection {
  const mask = maskOfSection(section, classes.before);
  return {
    tool: section.tool,
    ...described(descriptions.get(section.tool)),
    state: 'removed',
    moved: false,
    before: linesOf(section, before),
    classes: classesOf(mask & ~numberingMask),
    changedBlocks: section.end - section.start,
  };
}

const described = (description: string | undefined) => (description === undefined ? {} : { description });
const maskOfSection = (section: Section | undefined, masks: Uint16Array): number =>
  section === undefined ? 0 : maskIn(masks, section.start, section.end);
const changedIn = (section: Section | undefined, masks: Uint16Array): number =>
  section === undefined ? 0 : countIn(masks, section.start, section.end, ~numberingMask);

function linesOf({ start, end }: Section, index: ProgramIndex): LineRange {
  return { from: index.line[start] as number, to: lastLine(index, end) };
}

/** By the blocks that they share; what shares none, by its tool, in order. */
function pairSections(older: readonly Section[], newer: readonly Section[], pairing: Pairing): Partners {
  const toAfter = new Int32Array(older.length).fill(-1);
  const toBefore = new Int32Array(newer.length).fill(-1);
  const join = (i: number, j: number) => {
    if ((toAfter[i] as number) >= 0 || (toBefore[j] as number) >= 0) return;
    toAfter[i] = j;
    toBefore[j] = i;
  };
  for (const { i, j } of shared(older, newer, pairing)) join(i, j);
  newer.forEach(({ tool }, j) => {
    if ((toBefore[j] as number) >= 0) return;
    const i = older.findIndex((section, at) => section.tool === tool && (toAfter[at] as number) < 0);
    if (i >= 0) join(i, j);
  });
  return { toAfter, toBefore, moved: outOfOrder(toBefore) };
}

/** Pairs of sections that share most of the shorter one's blocks, or the tool and some blocks; those with most first. */
function shared(older: readonly Section[], newer: readonly Section[], { toAfter, toBefore }: Pairing) {
  const sectionAfter = sectionOfBlocks(newer, toBefore.length);
  const pairs: { i: number; j: number; count: number }[] = [];
  older.forEach((section, i) => {
    const counts = new Map<number, number>();
    for (let block = section.start; block < section.end; block++) {
      const j = (toAfter[block] as number) < 0 ? -1 : (sectionAfter[toAfter[block] as number] as number);
      if (j >= 0) counts.set(j, (counts.get(j) ?? 0) + 1);
    }
    for (const [j, count] of counts) {
      const other = newer[j] as Section;
      const shorter = Math.min(section.end - section.start, other.end - other.start);
      if (section.tool === other.tool || 2 * count > shorter) pairs.push({ i, j, count });
    }
  });
  return pairs.sort((a, b) => b.count - a.count || a.i - b.i);
}

/** Sections of the newer program that are not in the longest row that kept its order. */
function outOfOrder(toBefore: Int32Array): Set<number> {
  const length = new Int32Array(toBefore.length);
  const previous = new Int32Array(toBefore.length).fill(-1);
  let last = -1;
  for (let j = 0; j < toBefore.length; j++) {
    if ((toBefore[j] as number) < 0) continue;
    length[j] = 1;
    for (let k = Math.max(0, j - sectionsCompared); k < j; k++) {
      if ((toBefore[k] as number) < 0 || (toBefore[k] as number) > (toBefore[j] as number)) continue;
      if ((length[k] as number) + 1 <= (length[j] as number)) continue;
      length[j] = (length[k] as number) + 1;
      previous[j] = k;
    }
    if (last < 0 || (length[j] as number) > (length[last] as number)) last = j;
  }
  const moved = new Set<number>();
  for (let j = 0; j < toBefore.length; j++) if ((toBefore[j] as number) >= 0) moved.add(j);
  for (let j = last; j >= 0; j = previous[j] as number) moved.delete(j);
  return moved;
}

/** A hostile program changes its tool in each block; a real one some hundred times. */
const sectionsCompared = 500;
