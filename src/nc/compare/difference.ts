import { hash } from 'node:crypto';
import { type Digest, digestFromHex } from '../../domain/digest.ts';
import { limits } from '../../domain/limits.ts';
import type { Dialect } from '../../domain/nc.ts';
import { type CycleTime, changeClasses, type Difference, type PathDeviation } from '../../domain/nc-difference.ts';
import { classesOf, harmlessMask, maskIn, numberingMask } from './class-mask.ts';
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
  const digests = [digestOf(before.bytes), digestOf(after.bytes)] as const;
  const seed = seedOf(digests);
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
  const numbered = blocks.renumbered * 2 > countNumbers(older);
  const facts = {
    before: side(before, older, digests[0]),
    after: side(after, newer, digests[1]),
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

function countNumbers({ number, count }: ProgramIndex): number {
  let numbers = 0;
  for (let at = 0; at < count; at++) if ((number[at] as number) >= 0) numbers++;
  return numbers;
}

const notComputed = {
  path: { state: 'not-known', reason: 'the tool paths were not computed.' },
  cycleTime: { state: 'not-known', reason: 'the tool paths were not computed.' },
} as const;

const digestOf = (bytes: Uint8Array): Digest => digestFromHex(hash('sha256', bytes, 'hex'));

function side({ name, bytes, dialect }: Revision, { count, line }: ProgramIndex, digest: Digest): Difference['before'] {
  const lines = count === 0 ? 0 : (line[count - 1] as number);
  return {
    name,
    digest,
    bytes: bytes.length,
    lines,
    blocks: count,
    dialect,
  };
}

function verdictOf(before: Revision, after: Revision, classes: Classes, { moved }: Pairing): Difference['verdict'] {
  if (before.dialect !== after.dialect) return 'changed';
  if (Buffer.compare(before.bytes, after.bytes) === 0) return 'identical';
  const mask = maskIn(classes.before, 0, classes.before.length) | maskIn(classes.after, 0, classes.after.length);
  return (mask & ~harmlessMask) !== 0 || moved.includes(1) ? 'changed' : 'harmless';
}

function countClasses({ before, after }: Classes): Difference['counts'] {
  const counts = new Map(changeClasses.map((one) => [one, 0]));
  for (const masks of [before, after])
    for (let at = 0; at < masks.length; at++)
      if (masks[at] !== 0)
        for (const one of classesOf(masks[at] as number)) counts.set(one, (counts.get(one) ?? 0) + 1);
  return Object.fromEntries(counts) as Difference['counts'];
}

function countBlocks(
  before: ProgramIndex,
  after: ProgramIndex,
  pairing: Pairing,
  classes: Classes,
): Difference['blocks'] {
  const { toAfter, toBefore, moved } = pairing;
  const counts = { same: 0, changed: 0, added: 0, removed: 0, moved: 0, renumbered: 0 };
  for (let i = 0; i < toAfter.length; i++) {
    const j = toAfter[i] as number;
    if (j < 0) counts.removed++;
    else if (((classes.before[i] as number) & ~numberingMask) !== 0) counts.changed++;
    else counts.same++;
    if (moved[i] === 1) counts.moved++;
    if (j >= 0 && before.number[i] !== after.number[j]) counts.renumbered++;
  }
  for (let j = 0; j < toBefore.length; j++) if ((toBefore[j] as number) < 0) counts.added++;
  return counts;
}

/** What changed before the first tool, which holds for every tool behind it. */
function outsideMask(classes: Classes, before: ProgramIndex, after: ProgramIndex): number {
  const first = ({ toolChanges, count }: ProgramIndex) => toolChanges[0]?.block ?? count;
  return maskIn(classes.before, 0, first(before)) | maskIn(classes.after, 0, first(after));
}
