import {
  type ChangeClass,
  changeClasses,
  type FirstArticleImpact,
  harmlessClasses,
  pathClasses,
  type ToolSection,
} from '../../domain/nc-difference.ts';
import { classesOf } from './class-mask.ts';
import { blocks, type Facts, listed, named } from './sentences.ts';

/** A changed block of these may change what every later block does. */
const everywhere: readonly ChangeClass[] = ['flow', 'unknown'];
/** Before the first tool these hold for all of them. */
const everywhereBeforeTools: readonly ChangeClass[] = ['offset', 'modal', 'geometry', 'flow', 'unknown'];

/**
 * A draft of what a changed program means for the first article (AS9102: a changed NC program is an event that may need a
 * full or partial one). Errs on the side of more. It never says that no first article is needed: that is quality's to say.
 */
export function firstArticleImpact(facts: Facts, outside: number): FirstArticleImpact {
  const reasons = [...workReasons(facts), ...reorderReason(facts), ...classReasons(facts)];
  const touched = facts.tools.sections.filter(isTouched).map(touchedTool);
  const proposal = proposalOf(facts, outside, reasons.length);
  return { proposal, statement: statementOf(proposal, facts), reasons, touched, decidedBy: 'quality' };
}

function proposalOf(facts: Facts, outside: number, reasons: number): FirstArticleImpact['proposal'] {
  if (facts.before.dialect !== facts.after.dialect) return 'full';
  if (reasons === 0) return 'none-found';
  if (everywhere.some((one) => facts.counts[one] > 0)) return 'full';
  if (classesOf(outside).some((one) => everywhereBeforeTools.includes(one))) return 'full';
  const { sections } = facts.tools;
  const all =
    sections.length > 0 &&
    sections.every(({ state, classes }) => state === 'added' || classes.some((one) => pathClasses.includes(one)));
  return all ? 'full' : 'partial';
}

function statementOf(proposal: FirstArticleImpact['proposal'], { verdict }: Facts): string {
  switch (proposal) {
    case 'full':
      return 'Draft: full first article, because the change may reach every characteristic. Quality decides.';
    case 'partial':
      return 'Draft: partial first article of the characteristics that the operations below make. Quality decides.';
    case 'none-found':
      return verdict === 'identical'
        ? 'No trigger found in the program, which is the same byte for byte; quality decides.'
        : 'No trigger found: nothing that the machine does has changed. A changed program is still an event that AS9102 names; quality decides.';
  }
}

function workReasons({ tools: { sections } }: Facts): FirstArticleImpact['reasons'] {
  const of = (state: ToolSection['state']) => sections.filter((section) => section.state === state);
  const reason = (found: readonly ToolSection[], verb: string) => ({
    class: 'geometry' as const,
    blocks: found.reduce((all, { changedBlocks }) => all + changedBlocks, 0),
    sentence: `The work of ${listed(found.map(({ tool }) => named(tool, sections)))} ${verb}.`,
    tools: found.map(({ tool }) => tool),
  });
  const [removed, added] = [of('removed'), of('added')];
  return [
    ...(removed.length > 0 ? [reason(removed, 'is not in the program any more')] : []),
    ...(added.length > 0 ? [reason(added, 'is new in the program')] : []),
  ];
}

function reorderReason({ tools: { reordered, sections } }: Facts): FirstArticleImpact['reasons'] {
  if (!reordered) return [];
  const moved = sections.filter((section) => section.moved);
  return [
    {
      class: 'tool',
      blocks: moved.length,
      sentence: `The order of operations changed: ${listed(moved.map(({ tool }) => named(tool, sections)))} ${moved.length === 1 ? 'cuts' : 'cut'} at another place, which can change datums, burrs and distortion.`,
      tools: moved.map(({ tool }) => tool),
    },
  ];
}

function classReasons({ counts, tools: { sections } }: Facts): FirstArticleImpact['reasons'] {
  return changeClasses
    .filter((one) => !harmlessClasses.includes(one) && counts[one] > 0)
    .reverse()
    .map((one) => ({
      class: one,
      blocks: counts[one],
      sentence: `${blocks(counts[one])}: ${consequences[one]}`,
      tools: [...new Set(sections.filter(({ classes }) => classes.includes(one)).map(({ tool }) => tool))],
    }));
}

const consequences: Record<ChangeClass, string> = {
  comment: 'comments only.',
  numbering: 'numbers or names only.',
  format: 'writing only.',
  'feed-speed': 'feeds or speeds changed, which can change surface, size under load and burrs.',
  tool: 'another tool, or another tool change, which can change size and surface.',
  offset: 'an offset or a compensation changed, which shifts what is cut with it.',
  modal: 'a mode changed (units, plane, absolute or incremental, rotation …), which changes how later words are read.',
  geometry: 'the tool is sent elsewhere.',
  'm-code': 'an M code changed (spindle, coolant, clamping …).',
  flow: 'which blocks run, or how often, may have changed.',
  unknown: 'what they do is not known, so that anything may be touched.',
};

const isTouched = ({ state, moved, classes }: ToolSection): boolean =>
  moved || state === 'added' || state === 'removed' || classes.some((one) => !harmlessClasses.includes(one));

function touchedTool(section: ToolSection): FirstArticleImpact['touched'][number] {
  const { tool, description, state, moved, after, before, classes } = section;
  const lines = after ?? before;
  const where =
    lines === undefined
      ? ''
      : ` in lines ${lines.from} to ${lines.to}${after === undefined ? ' of the older program' : ''}`;
  const what = state === 'removed' ? 'What it cut' : 'What it cuts';
  const also = moved ? ', now at another place in the order of operations' : '';
  return {
    tool,
    ...(description === undefined ? {} : { description }),
    ...(lines === undefined ? {} : { lines }),
    classes: classes.filter((one) => !harmlessClasses.includes(one)),
    features: `${what}${where}${state === 'removed' ? ' is not cut by this program any more' : also}.`,
  };
}
