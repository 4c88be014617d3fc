import {
  type BlockChange,
  type ChangeClass,
  type Difference,
  harmlessClasses,
  pathClasses,
  type ToolSection,
} from '../../domain/nc-difference.ts';

export type Facts = Omit<Difference, 'sentences' | 'impact'>;

/** The difference in a few sentences, the most important first. */
export function sentences(facts: Facts): string[] {
  if (facts.verdict === 'identical') return ['Both programs are the same, byte for byte.'];
  return [
    ...(facts.verdict === 'harmless' ? [harmlessSentence(facts)] : []),
    ...unknownSentence(facts),
    ...geometrySentences(facts),
    ...(facts.verdict === 'harmless' ? [] : pathSentence(facts)),
    ...toolSentences(facts),
    ...conditionSentences(facts),
    ...quietSentences(facts),
    ...timeSentence(facts),
  ];
}

export const blocks = (count: number): string => `${count.toLocaleString('en-GB')} ${count === 1 ? 'block' : 'blocks'}`;

/** `a`, `a and b`, `a, b and c`, at most so many. */
export function listed(words: readonly string[], most = 8): string {
  const shown = words.length > most ? [...words.slice(0, most), `${words.length - most} more`] : [...words];
  const last = shown.pop() ?? '';
  return shown.length === 0 ? last : `${shown.join(', ')} and ${last}`;
}

function harmlessSentence({ counts }: Facts): string {
  const kinds = harmlessClasses.filter((one) => counts[one] > 0).map((one) => (one === 'comment' ? 'comments' : one));
  return `Only ${listed(kinds)} differ: every block does what it did before.`;
}

function unknownSentence({ counts }: Facts): string[] {
  if (counts.unknown === 0) return [];
  return [`${blocks(counts.unknown)} changed in a way that Keyway cannot judge; a person must read them.`];
}

export const pathChanges = ({ classes }: { classes: readonly ChangeClass[] }): boolean =>
  classes.some((one) => pathClasses.includes(one));

function geometrySentences({ counts, tools: { sections }, verdict }: Facts): string[] {
  if (verdict === 'harmless') return [];
  const touching = pathClasses.filter((one) => counts[one] > 0);
  if (touching.length === 0)
    return [
      'No geometry changed: each block that moves a tool says what it said before, and so do tools, offsets, modes and program flow.',
    ];
  const kept = sections.filter(({ state }) => state === 'same' || state === 'changed');
  const changed = kept.filter(pathChanges);
  const rest = kept.filter((section) => !pathChanges(section));
  const whole = sections.length > kept.length;
  return [
    ...changed.slice(0, sectionsNamed).map(sectionSentence),
    ...(changed.length > sectionsNamed ? [`So did what ${changed.length - sectionsNamed} more tools cut.`] : []),
    ...(changed.length === 0 && !whole
      ? [`Changed outside of any tool's work: ${classCounts(counts, touching)}.`]
      : []),
    ...(rest.length > 0 ? [`No geometry changed for ${listed(distinct(rest.map(toolOf)), 20)}.`] : []),
  ];
}

const sectionsNamed = 6;

function sectionSentence({ tool, classes, changedBlocks }: ToolSection): string {
  const path = [...classes].reverse().filter((one) => pathClasses.includes(one));
  return `What ${tool} cuts changed: ${listed(path.map((one) => className[one]))} (${blocks(changedBlocks)}).`;
}

const distinct = (words: readonly string[]): string[] => [...new Set(words)];
const toolOf = ({ tool }: ToolSection): string => tool;

export const className: Record<ChangeClass, string> = {
  comment: 'comments',
  numbering: 'numbering',
  format: 'format',
  'feed-speed': 'feeds or speeds',
  tool: 'tools',
  offset: 'offsets',
  modal: 'modes',
  geometry: 'geometry',
  'm-code': 'M codes',
  flow: 'program flow',
  unknown: 'something not understood',
};

const classCounts = (counts: Difference['counts'], classes: readonly ChangeClass[]): string =>
  listed([...classes].reverse().map((one) => `${className[one]} in ${blocks(counts[one])}`));

function pathSentence({ path, counts }: Facts): string[] {
  switch (path.state) {
    case 'same':
      return [`The computed tool path is the same in all ${blocks(path.comparedBlocks)} that move in both programs.`];
    case 'differs':
      return [
        `The tool's path goes elsewhere by ${path.atLeast ? 'at least' : 'up to'} ${length(path.largest)} ${path.unit === 'inch' ? 'in' : 'mm'}, at line ${path.afterLine} (was ${path.beforeLine})${path.tool === undefined ? '' : ` with ${path.tool}`}.`,
      ];
    case 'not-known':
      return [
        pathClasses.some((one) => counts[one] > 0)
          ? `How far the tool's path goes elsewhere is not known: ${path.reason}`
          : `That is judged by the words alone: ${path.reason}`,
      ];
  }
}

export const length = (value: number): string => String(Number(value.toPrecision(4)));

function toolSentences({ tools }: Facts): string[] {
  const { added, removed, described, reordered, sections, orderBefore, orderAfter } = tools;
  const found: string[] = [];
  if (removed.length > 0) found.push(`Removed: ${listed(removed.map((tool) => named(tool, sections)))}.`);
  if (added.length > 0) found.push(`Added: ${listed(added.map((tool) => named(tool, sections)))}.`);
  const exchanged = sections.filter(({ toolBefore }) => toolBefore !== undefined);
  for (const { tool, toolBefore } of exchanged.slice(0, 4)) found.push(`${tool} does now what ${toolBefore} did.`);
  if (reordered) {
    const moved = sections.filter((section) => section.moved);
    const inside = (section: ToolSection) =>
      section.state === 'same'
        ? 'the same inside'
        : `inside changed: ${listed(section.classes.map((one) => className[one]))}`;
    found.push(
      `The order of tools changed: ${listed(
        moved.map((section) => `${section.tool} cuts at another place (${inside(section)})`),
        4,
      )}. Order before: ${listed(orderBefore, 20)}. Now: ${listed(orderAfter, 20)}.`,
    );
  }
  for (const { tool, before, after } of described.slice(0, 4))
    found.push(`${tool} is described anew: ${before ?? ''} is now ${after ?? ''}.`);
  return found;
}

export function named(tool: string, sections: readonly ToolSection[]): string {
  const description = sections.find(
    (section) => section.tool === tool && section.description !== undefined,
  )?.description;
  return description === undefined ? tool : `${tool} (${description})`;
}

function conditionSentences({ counts, hunks }: Facts): string[] {
  const found: string[] = [];
  if (counts['feed-speed'] > 0) {
    const examples = examplesOf(hunks.flatMap(({ shown, tool }) => shown.map((change) => ({ change, tool }))));
    found.push(
      `Feeds or speeds changed in ${blocks(counts['feed-speed'])}${examples.length === 0 ? '' : ` (${listed(examples, 9)})`}.`,
    );
  }
  if (counts['m-code'] > 0) found.push(`M codes changed in ${blocks(counts['m-code'])}.`);
  return found;
}

function examplesOf(changes: readonly { change: BlockChange; tool: string | undefined }[]): string[] {
  const found: string[] = [];
  for (const { change, tool } of changes)
    for (const { class: one, what, before, after } of change.changes)
      if (one === 'feed-speed' && before !== undefined && after !== undefined)
        found.push([tool, /[A-Z]/.test(before) ? '' : what, before, '→', after].filter(Boolean).join(' '));
  return distinct(found);
}

function quietSentences({ blocks: count, resequenced, counts }: Facts): string[] {
  if (resequenced) return [`Resequenced: ${blocks(count.renumbered)} carry another sequence number.`];
  if (counts.numbering > 0)
    return [`${blocks(counts.numbering)} ${counts.numbering === 1 ? 'has' : 'have'} another number or name.`];
  return [];
}

function timeSentence({ cycleTime }: Facts): string[] {
  if (cycleTime.state === 'not-known') return [];
  const delta = cycleTime.afterSeconds - cycleTime.beforeSeconds;
  const untimed = cycleTime.untimedMoves === 0 ? '' : `, without ${cycleTime.untimedMoves} moves of unknown time`;
  const change = Math.abs(delta) < 0.05 ? 'as before' : `${delta > 0 ? '+' : '−'}${duration(Math.abs(delta))}`;
  return [`Estimated cycle time ${duration(cycleTime.afterSeconds)} (${change})${untimed}.`];
}

export function duration(seconds: number): string {
  if (seconds < 60) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  return `${hours > 0 ? `${hours} h ` : ''}${minutes} min ${whole % 60} s`;
}
