import { dialectNames } from '../../domain/nc.ts';
import {
  type BlockChange,
  changeClasses,
  type Difference,
  type Hunk,
  harmlessClasses,
  type LineRange,
  type ToolSection,
} from '../../domain/nc-difference.ts';
import { blocks, className, listed } from '../../nc/compare/sentences.ts';
import { table } from '../output.ts';

/** A difference for a person at a terminal: first what it means, then where. */
export function differenceLines(found: Difference, { brief }: { brief: boolean }): string[] {
  return [
    ...heading(found),
    '',
    ...found.sentences.map((sentence) => `  - ${sentence}`),
    ...(found.verdict === 'identical'
      ? []
      : [...toolLines(found), ...countLines(found), ...(brief ? [] : hunkLines(found)), ...impactLines(found)]),
  ];
}

const verdicts = {
  identical: 'IDENTICAL',
  harmless: 'NOTHING THAT THE MACHINE DOES',
  changed: 'CHANGED',
} as const;

function heading(found: Difference): string[] {
  const { before, after, verdict } = found;
  const language =
    before.dialect === after.dialect
      ? dialectNames[before.dialect]
      : `${dialectNames[before.dialect]}, now ${dialectNames[after.dialect]}`;
  const what = verdict === 'changed' ? `: ${listed(headlines(found))}` : verdict === 'harmless' ? ' CHANGED' : '';
  return [
    `${before.name} -> ${after.name}`,
    `${language}; ${count(before.lines)} lines, now ${count(after.lines)}`,
    `${verdicts[verdict]}${what}`,
  ];
}

/** What changed where a tool still cuts, or outside of tools; and tools that came, went or cut in another order. */
function headlines({ hunks, tools }: Difference): string[] {
  const { sections, reordered } = tools;
  const kept = sections
    .filter(({ state }) => state === 'same' || state === 'changed')
    .flatMap(({ classes }) => classes);
  const outside = hunks.filter(({ tool }) => tool === undefined).flatMap(({ classes }) => classes);
  const classes = changeClasses.filter((one) => !harmlessClasses.includes(one) && [...kept, ...outside].includes(one));
  const of = (state: ToolSection['state']) =>
    sections.filter((section) => section.state === state).map(({ tool }) => tool);
  return [
    ...(of('removed').length > 0 ? [`removed ${listed(of('removed'))}`] : []),
    ...(of('added').length > 0 ? [`added ${listed(of('added'))}`] : []),
    ...classes.reverse().map((one) => className[one]),
    ...(reordered ? ['order of tools'] : []),
  ];
}

const count = (value: number): string => value.toLocaleString('en-GB');
const range = (lines: LineRange | undefined): string =>
  lines === undefined ? '-' : lines.from === lines.to ? count(lines.from) : `${count(lines.from)}-${count(lines.to)}`;

function toolLines({ tools: { sections } }: Difference): string[] {
  if (sections.length === 0) return [];
  const rows = sections.map((section) => [
    section.tool,
    section.description ?? '',
    range(section.before),
    range(section.after),
    whatHappened(section),
  ]);
  return ['', ...table([['tool', 'description', 'lines before', 'lines now', ''], ...rows])];
}

function whatHappened({ state, moved, classes, changedBlocks, toolBefore }: ToolSection): string {
  if (state === 'added' || state === 'removed') return state;
  const inside =
    classes.length === 0
      ? 'same'
      : `${listed([...classes].reverse().map((one) => className[one]))} (${blocks(changedBlocks)})`;
  return [...(moved ? ['MOVED'] : []), ...(toolBefore === undefined ? [] : [`was ${toolBefore}`]), inside].join('; ');
}

function countLines({ counts }: Difference): string[] {
  const rows = changeClasses
    .filter((one) => counts[one] > 0)
    .reverse()
    .map((one) => `${className[one]} ${count(counts[one])}`);
  return rows.length === 0 ? [] : ['', `Changed blocks: ${rows.join(', ')}`];
}

function hunkLines({ hunks, hunksLeftOut }: Difference): string[] {
  return [
    ...hunks.flatMap((hunk) => ['', hunkHeading(hunk), ...hunk.shown.flatMap(changeLines), ...notShown(hunk)]),
    ...(hunksLeftOut > 0 ? ['', `… and ${count(hunksLeftOut)} more places that are counted above.`] : []),
  ];
}

function hunkHeading({ kind, before, after, classes, tool, blocks: many }: Hunk): string {
  const where = tool === undefined ? '' : `${tool}  `;
  const what = classes.length === 0 ? '' : `  ${listed([...classes].reverse().map((one) => className[one]))}`;
  switch (kind) {
    case 'changed':
      return `== ${where}line ${range(before)}, now ${range(after)}${what}`;
    case 'added':
      return `++ ${where}${blocks(many)} added, line ${range(after)}${what}`;
    case 'removed':
      return `-- ${where}${blocks(many)} removed, line ${range(before)} of the older program${what}`;
    case 'moved':
      return `>> ${where}${blocks(many)} moved from lines ${range(before)} to ${range(after)}${classes.length === 0 ? ', the same inside' : `, changed inside:${what}`}`;
  }
}

function changeLines({ before, after, changes }: BlockChange): string[] {
  const words = changes
    .filter((change) => change.class !== 'numbering' && (change.before !== undefined || change.after !== undefined))
    .map(({ what, before: was, after: is }) => `${what} ${was ?? '(none)'} -> ${is ?? '(none)'}`);
  const paired = before !== undefined && after !== undefined;
  return [
    ...(before === undefined ? [] : [`  -${lineNumber(before.line)}  ${oneLine(before.text)}`]),
    ...(after === undefined ? [] : [`  +${lineNumber(after.line)}  ${oneLine(after.text)}`]),
    ...(paired && words.length > 0 ? [`           ${words.join('; ')}`] : []),
  ];
}

const lineNumber = (line: number): string => String(line).padStart(7);
const oneLine = (text: string): string => text.replace(/[\r\n]+/g, ' ↵ ');

function notShown({ shown, blocks: many, kind, classes }: Hunk): string[] {
  const rest = many - shown.length;
  if (rest <= 0 || (kind === 'moved' && classes.length === 0)) return [];
  return [`           … ${count(rest)} more${kind === 'moved' ? ', the same or renumbered' : ''}`];
}

function impactLines({ impact }: Difference): string[] {
  return [
    '',
    'First article (AS9102), a draft:',
    `  ${impact.statement}`,
    ...impact.reasons.map(
      ({ sentence, tools }) => `  - ${sentence}${tools.length === 0 ? '' : ` [${listed(tools, 12)}]`}`,
    ),
  ];
}
