import { hash } from 'node:crypto';
import { digestFromHex } from '../../domain/digest.ts';
import { limits } from '../../domain/limits.ts';
import type { Dialect } from '../../domain/nc.ts';
import { type CycleTime, changeClasses, type Difference, type PathDeviation } from '../../domain/nc-difference.ts';
import { bitOf, numberingMask } from './class-mask.ts';
import { type Classes, Classifier } from './classify.ts';
import { firstArticleImpact } from './first-article.ts';
import { Hunks } from './hunks.ts';
import { type Pairing, pairBlocks } from './pairing.ts';
import { type ProgramIndex, seedOf } from './program-index.ts';
import { indexProgram } from './read-index.ts';
import { sentences } from './sentences.ts';
import { compareSections, type Descriptions } from './tool-sections.ts';
import { compareTools } from './tools.ts';

export type Revision = {
  name: string;
  bytes: Uint8Array;
  dialect: Dialect;
  /** What the program says of its tools, `T15` to `3" FACE MILL`. */
  descriptions: Descriptions;
};

/** What only an interpreter knows; it gets the pairs of blocks to compare where each of them ends. */
export type PathJudge = (pairs: PairedBlocks) => { path: PathDeviation; cycleTime: CycleTime };
/** By line: blocks of the newer program that each line of the older one has become. */
export type PairedBlocks = { before: ProgramIndex; after: ProgramIndex; pairing: Pairing };

/**
 * The difference by consequence. Linear in the sizes of both programs. Without `judge` the path and the cycle time are said
 * not to be known.
 */
export function compareRevisions(before: Revision, after: Revision, judge?: PathJudge): Difference {
  const seed = seedOf(before.bytes, after.bytes);
  const [older, newer] = [
    indexProgram(before.bytes, before.dialect, seed),
    indexProgram(after.bytes, after.dialect, seed),
  ];
  const pairing = pairBlocks(older, newer);
  const classifier = new Classifier(older, newer, pairing);
  const classes = classifier.all();
  const sections = compareSections([older, newer], pairing, classes, [before.descriptions, after.descriptions]);
  const { hunks, all } = new Hunks(older, newer, pairing, classes, classifier).list(limits.ncHunks);
  const { path, cycleTime } = judge?.({ before: older, after: newer, pairing }) ?? notComputed;
  const blocks = countBlocks(older, newer, pairing, classes);
  const numbered = blocks.renumbered * 2 > older.number.filter((number) => number >= 0).length;
  const facts = {
    before: side(before, older),
    after: side(after, newer),
    verdict: verdictOf(before, after, classes, pairing),
    counts: countClasses(classes),
    blocks,
    resequenced: blocks.renumbered > 0 && numbered,
    tools: { ...compareTools([before, after], sections), sections },
    hunks,
    hunksLeftOut: all - hunks.length,
    path,
    cycleTime,
  };
  const outside = outsideMask(classes, older, newer);
  return { ...facts, sentences: sentences(facts), impact: firstArticleImpact(facts, outside) };
}

const notComputed = {
  path: { state: 'not-known', reason: 'The tool paths were not computed.' },
  cycleTime: { state: 'not-known', reason: 'The tool paths were not computed.' },
} as const;

function side({ name, bytes, dialect }: Revision, { count, line }: ProgramIndex): Difference['before'] {
  const lines = count === 0 ? 0 : (line[count - 1] as number);
  return {
    name,
    digest: digestFromHex(hash('sha256', bytes, 'hex')),
    bytes: bytes.length,
    lines,
    blocks: count,
    dialect,
  };
}

const harmless = bitOf('comment') | numberingMask | bitOf('format');

function verdictOf(before: Revision, after: Revision, classes: Classes, { moved }: Pairing): Difference['verdict'] {
  if (before.dialect !== after.dialect) return 'changed';
  if (Buffer.compare(before.bytes, after.bytes) === 0) return 'identical';
  const counts = (mask: number) => (mask & ~harmless) !== 0;
  return classes.before.some(counts) || classes.after.some(counts) || moved.includes(1) ? 'changed' : 'harmless';
}

function countClasses(classes: Classes): Difference['counts'] {
  const count = (bit: number) =>
    classes.before.reduce((all, mask) => all + ((mask & bit) === 0 ? 0 : 1), 0) +
    classes.after.reduce((all, mask) => all + ((mask & bit) === 0 ? 0 : 1), 0);
  return Object.fromEntries(changeClasses.map((one) => [one, count(bitOf(one))])) as Difference['counts'];
}

function countBlocks(
  before: ProgramIndex,
  after: ProgramIndex,
  pairing: Pairing,
  classes: Classes,
): Difference['blocks'] {
  const counts = { same: 0, changed: 0, added: 0, removed: 0, moved: 0, renumbered: 0 };
  pairing.toAfter.forEach((j, i) => {
    const mask = classes.before[i] as number;
    if (j < 0) counts.removed++;
    else if ((mask & ~numberingMask) !== 0) counts.changed++;
    else counts.same++;
    if (pairing.moved[i] === 1) counts.moved++;
    if (j >= 0 && before.number[i] !== after.number[j]) counts.renumbered++;
  });
  for (const i of pairing.toBefore) if (i < 0) counts.added++;
  return counts;
}

/** What changed before the first tool, which holds for every tool behind it. */
function outsideMask(classes: Classes, before: ProgramIndex, after: ProgramIndex): number {
  const first = ({ toolChanges, count }: ProgramIndex) => toolChanges[0]?.block ?? count;
  const masks = [...classes.before.subarray(0, first(before)), ...classes.after.subarray(0, first(after))];
  return masks.reduce((all, mask) => all | mask, 0);
}
