import { z } from 'zod';
import { Digest } from './digest.ts';
import { Dialect } from './nc.ts';

/** What a difference does, from the least grave to the gravest. A block has the class of its gravest change. */
export const changeClasses = [
  'comment',
  'numbering',
  'format',
  'feed-speed',
  'tool',
  'offset',
  'modal',
  'geometry',
  'm-code',
  'flow',
  'unknown',
] as const;
export const ChangeClass = z.enum(changeClasses);
export type ChangeClass = z.infer<typeof ChangeClass>;

/** In these classes the machine does just what it did before. */
export const harmlessClasses: readonly ChangeClass[] = ['comment', 'numbering', 'format'];
/** A change of these may move the tool, or another tool, along another path. */
export const pathClasses: readonly ChangeClass[] = ['tool', 'offset', 'modal', 'geometry', 'flow', 'unknown'];

export const gravest = (classes: Iterable<ChangeClass>): ChangeClass => {
  let found = 0;
  for (const one of classes) found = Math.max(found, changeClasses.indexOf(one));
  return changeClasses[found] ?? 'unknown';
};

const Count = z.int().nonnegative();
/** Blocks that have a change of a class, of those classes of which there are any. */
export const ChangeCounts = z.partialRecord(ChangeClass, z.int().min(1));
export type ChangeCounts = z.infer<typeof ChangeCounts>;

/** Lines as a person counts them, both ends included. */
export const LineRange = z.strictObject({ from: Count, to: Count });
export type LineRange = z.infer<typeof LineRange>;

/** One change inside a block. The texts are of the program, bounded, and hostile: show them as text only. */
export const WordChange = z.strictObject({
  class: ChangeClass,
  /** For people: `feed`, `work offset`, `the target of a jump`. */
  what: z.string(),
  before: z.string().optional(),
  after: z.string().optional(),
});
export type WordChange = z.infer<typeof WordChange>;

export const BlockChange = z.strictObject({
  before: z.strictObject({ line: Count, text: z.string() }).optional(),
  after: z.strictObject({ line: Count, text: z.string() }).optional(),
  class: ChangeClass,
  changes: z.array(WordChange),
});
export type BlockChange = z.infer<typeof BlockChange>;

/** Neighbouring blocks that changed alike. What was only renumbered is no hunk: `renumbered` counts it. */
export const Hunk = z.strictObject({
  kind: z.enum(['changed', 'added', 'removed', 'moved']),
  class: ChangeClass,
  classes: z.array(ChangeClass),
  /** Where it stands, or would stand, in the older program: for `added` the line behind which it came, twice. */
  before: LineRange,
  after: LineRange,
  blocks: Count,
  /** The tool that is in the spindle there. */
  tool: z.string().optional(),
  /** The first of its blocks; a moved run that is the same inside has none. */
  shown: z.array(BlockChange),
});
export type Hunk = z.infer<typeof Hunk>;

/** What became of the work of one tool, from its change to the next one's. */
export const ToolSection = z.strictObject({
  tool: z.string(),
  /** Where another tool did it before. */
  toolBefore: z.string().optional(),
  description: z.string().optional(),
  state: z.enum(['same', 'changed', 'added', 'removed']),
  /** It cuts at another place in the order of tools. */
  moved: z.boolean(),
  before: LineRange.optional(),
  after: LineRange.optional(),
  classes: z.array(ChangeClass),
  changedBlocks: Count,
});
export type ToolSection = z.infer<typeof ToolSection>;

/** How far the tool's path goes elsewhere. What could not be computed is not known, never none. */
export const PathDeviation = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('not-known'), reason: z.string() }),
  z.strictObject({ state: z.literal('same'), comparedBlocks: Count }),
  z.strictObject({
    state: z.literal('differs'),
    largest: z.number().nonnegative(),
    unit: z.enum(['inch', 'millimetre']),
    beforeLine: Count,
    afterLine: Count,
    tool: z.string().optional(),
    /** Something was not interpreted, so that it may be more. */
    atLeast: z.boolean(),
  }),
]);
export type PathDeviation = z.infer<typeof PathDeviation>;

export const CycleTime = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('not-known'), reason: z.string() }),
  z.strictObject({
    state: z.literal('estimated'),
    beforeSeconds: z.number(),
    afterSeconds: z.number(),
    /** Moves without a known time, such as the first one from wherever the machine stands. */
    untimedMoves: Count,
  }),
]);
export type CycleTime = z.infer<typeof CycleTime>;

/**
 * A draft for quality, which accepts or overrules it: AS9102 counts every change of an NC program as an event that asks for a
 * decision. `none-found` is the strongest that software says, and is no decision.
 */
export const FirstArticleImpact = z.strictObject({
  proposal: z.enum(['full', 'partial', 'none-found']),
  statement: z.string(),
  reasons: z.array(
    z.strictObject({ class: ChangeClass, blocks: Count, sentence: z.string(), tools: z.array(z.string()) }),
  ),
  /** Operations of the program whose characteristics are touched. */
  touched: z.array(
    z.strictObject({
      tool: z.string(),
      description: z.string().optional(),
      lines: LineRange.optional(),
      classes: z.array(ChangeClass),
      features: z.string(),
    }),
  ),
  decidedBy: z.literal('quality'),
});
export type FirstArticleImpact = z.infer<typeof FirstArticleImpact>;

const Side = z.strictObject({
  name: z.string(),
  digest: Digest,
  bytes: Count,
  lines: Count,
  blocks: Count,
  dialect: Dialect,
});

/** The difference by consequence between two revisions of a program. */
export const Difference = z.strictObject({
  before: Side,
  after: Side,
  /** `harmless`: only comments, numbering or format differ. */
  verdict: z.enum(['identical', 'harmless', 'changed']),
  /** For people, the most important first. */
  sentences: z.array(z.string()),
  /** Blocks that have a change of the class; a block may count in several. */
  counts: z.record(ChangeClass, Count),
  blocks: z.strictObject({
    same: Count,
    changed: Count,
    added: Count,
    removed: Count,
    moved: Count,
    renumbered: Count,
  }),
  /** Most blocks have another sequence number than before. */
  resequenced: z.boolean(),
  tools: z.strictObject({
    added: z.array(z.string()),
    removed: z.array(z.string()),
    described: z.array(
      z.strictObject({ tool: z.string(), before: z.string().optional(), after: z.string().optional() }),
    ),
    reordered: z.boolean(),
    orderBefore: z.array(z.string()),
    orderAfter: z.array(z.string()),
    sections: z.array(ToolSection),
  }),
  hunks: z.array(Hunk),
  /** Hunks beyond the bound, counted but not listed. */
  hunksLeftOut: Count,
  path: PathDeviation,
  cycleTime: CycleTime,
  impact: FirstArticleImpact,
});
export type Difference = z.infer<typeof Difference>;
