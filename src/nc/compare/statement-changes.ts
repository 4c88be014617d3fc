import type { ChangeClass, WordChange } from '../../domain/nc-difference.ts';
import type { Variable } from '../program/expression.ts';
import type { Parameter, Statement } from '../program/statement.ts';
import { expressionText } from './expression-text.ts';

/** What the comparison of two blocks needs to know of the programs around them. */
export type Judge = {
  gravest(classes: readonly ChangeClass[]): ChangeClass;
  /** Whether two block numbers, one of each program, name the same block. */
  sameTarget(before: number, after: number): boolean;
  /** What a variable leads to, in both programs. */
  consequence(variable: Variable): ChangeClass;
};

export function statementChanges(
  before: readonly Statement[],
  after: readonly Statement[],
  judge: Judge,
): WordChange[] {
  const texts = new Set(after.map((one) => JSON.stringify(one)));
  const known = new Set(before.map((one) => JSON.stringify(one)));
  const gone = before.filter((one) => !texts.has(JSON.stringify(one)));
  const come = after.filter((one) => !known.has(JSON.stringify(one)));
  if (gone.length * come.length > comparisonsAtMost) return [tooMany];
  const changes: WordChange[] = [];
  for (const one of gone) {
    const at = come.findIndex(({ kind }) => kind === one.kind);
    const other = at < 0 ? undefined : come.splice(at, 1)[0];
    changes.push(...(other === undefined ? [alone(one, 'before', judge)] : between(one, other, judge)));
  }
  if (gone.length === 0 && come.length === 0 && before.length !== after.length) return [repetition];
  return [...changes, ...come.map((one) => alone(one, 'after', judge))];
}

/** No honest block has so many statements that differ. */
const comparisonsAtMost = 10_000;
const tooMany: WordChange = { class: 'unknown', what: 'more statements than can be compared' };

/** Equal statements, but not equally many. */
const repetition: WordChange = { class: 'unknown', what: 'how often a statement is there' };

const alone = (one: Statement, side: 'before' | 'after', judge: Judge): WordChange => ({
  class: classOf(one, judge),
  what: statementName(one),
  [side]: statementText(one),
});

function between(before: Statement, after: Statement, judge: Judge): WordChange[] {
  const change = { what: statementName(after), before: statementText(before), after: statementText(after) };
  if (sameTarget(before, after, judge)) return [{ ...change, class: 'numbering', what: 'number of the same block' }];
  if (before.kind === 'program-start' && after.kind === 'program-start' && before.units !== after.units)
    return [{ ...change, class: 'modal', what: 'unit' }];
  if (before.kind === 'cycle' && after.kind === 'cycle' && before.name === after.name)
    return parameterChanges(before.parameters, after.parameters, cycleParameterClass);
  if (before.kind === 'call' && after.kind === 'call' && sameCall(before, after))
    return parameterChanges(before.arguments, after.arguments, () => 'unknown');
  if (before.kind === 'tool' && after.kind === 'tool' && expressionText(before.tool) === expressionText(after.tool))
    return parameterChanges(before.parameters, after.parameters, toolParameterClass);
  if (before.kind === 'path-function' && after.kind === 'path-function' && before.compensation !== after.compensation)
    return [
      { ...change, class: before.name === after.name && before.rotation === after.rotation ? 'offset' : 'geometry' },
    ];
  return [{ ...change, class: judge.gravest([classOf(before, judge), classOf(after, judge)]) }];
}

function sameTarget(before: Statement, after: Statement, judge: Judge): boolean {
  if (before.kind !== 'goto' && before.kind !== 'return') return false;
  if (before.kind !== after.kind) return false;
  const rest = (one: Statement) => JSON.stringify({ ...one, target: undefined });
  return (
    typeof before.target === 'number' &&
    typeof after.target === 'number' &&
    rest(before) === rest(after) &&
    judge.sameTarget(before.target, after.target)
  );
}

const sameCall = (before: Extract<Statement, { kind: 'call' }>, after: Extract<Statement, { kind: 'call' }>): boolean =>
  JSON.stringify({ ...before, arguments: [] }) === JSON.stringify({ ...after, arguments: [] });

function parameterChanges(
  before: readonly Parameter[],
  after: readonly Parameter[],
  classOfName: (name: string) => ChangeClass,
): WordChange[] {
  const key = ({ name }: Parameter, at: number) => name || `parameter ${at + 1}`;
  const [old, fresh] = [before, after].map(
    (list) => new Map(list.map((one, at) => [key(one, at), expressionText(one.value)])),
  );
  if (old === undefined || fresh === undefined) return [];
  const changes: WordChange[] = [];
  for (const name of new Set([...old.keys(), ...fresh.keys()])) {
    const [was, is] = [old.get(name), fresh.get(name)];
    if (was === is) continue;
    changes.push({
      class: classOfName(name),
      what: name,
      ...(was === undefined ? {} : { before: was }),
      ...(is === undefined ? {} : { after: is }),
    });
  }
  return changes.length > 0 ? changes : [{ class: 'unknown', what: 'parameters' }];
}

/** Heidenhain's feeds (plunging, milling, retracting, finishing …) and dwells have the same numbers in every cycle. */
const klartextFeeds = new Set(['Q206', 'Q207', 'Q208', 'Q210', 'Q211', 'Q253', 'Q254', 'Q255', 'Q385', 'Q401', 'Q438']);
export const cycleParameterClass = (name: string): ChangeClass =>
  klartextFeeds.has(name) || /^(F|FF.*|_FF.*|FAL_F)$/.test(name) ? 'feed-speed' : 'geometry';

const toolParameterClass = (name: string): ChangeClass => (/^[SF]/.test(name) ? 'feed-speed' : 'offset');

function classOf(statement: Statement, judge: Judge): ChangeClass {
  switch (statement.kind) {
    case 'program-start':
      return 'numbering';
    case 'percent':
      return 'format';
    case 'blank-form':
      return 'comment';
    case 'assign':
      return judge.consequence(statement.target);
    case 'address':
      if (/^(DL|DR2?)$/.test(statement.name)) return 'offset';
      return /^(S|SB|F|FB|FZ|FU|FAUTO)\d*$/.test(statement.name) ? 'feed-speed' : 'geometry';
    case 'cycle':
    case 'cycle-call':
    case 'path-function':
      return 'geometry';
    case 'frame':
      return 'offset';
    case 'tool':
      return 'tool';
    case 'output':
      return 'm-code';
    case 'other':
      return otherClass(statement.keyword);
    case 'declare':
      return 'unknown';
    default:
      return 'flow';
  }
}

const modalKeywords = /^(DIAM|DIA|G\d|CFC|CFIN|CFTCP|FFW|BRISK|SOFT|DRIVE|NORM|KONT|ORI|SUPA|STOPRE|FNORM|COMP)/;
const otherClass = (keyword: string): ChangeClass =>
  /^STOP$|^M0?[01]$/.test(keyword) ? 'm-code' : modalKeywords.test(keyword) ? 'modal' : 'unknown';

const statementNames: Partial<Record<Statement['kind'], string>> = {
  'program-start': 'number or name of the program',
  'program-end': 'end of the program',
  subprogram: 'subprogram',
  'subprogram-end': 'end of a subprogram',
  'loop-exit': 'end of a loop',
  call: 'call',
  return: 'return',
  goto: 'jump',
  if: 'condition',
  loop: 'loop',
  'loop-end': 'end of a loop',
  assign: 'variable',
  address: 'address',
  cycle: 'cycle',
  'path-function': 'path function',
  frame: 'shift or rotation of coordinates',
  tool: 'tool',
  output: 'output',
  'blank-form': 'blank of the simulation',
};
const statementName = (one: Statement): string => statementNames[one.kind] ?? one.kind;

const textAtMost = 120;

/** For people. */
function statementText(one: Statement): string {
  const text = describe(one);
  return text.length > textAtMost ? `${text.slice(0, textAtMost)}…` : text;
}

function describe(one: Statement): string {
  switch (one.kind) {
    case 'assign':
      return `${expressionText(one.target)}=${expressionText(one.value)}`;
    case 'goto':
      return `GOTO ${typeof one.target === 'object' ? expressionText(one.target) : one.target}`;
    case 'if':
      return `IF ${expressionText(one.condition)}`;
    case 'call':
      return `${one.via} ${one.target ?? '(computed)'}${one.repeats === 1 ? '' : ` × ${one.repeats}`}`;
    case 'subprogram':
      return `O ${one.name} sub`;
    case 'subprogram-end':
      return `O ${one.name} endsub`;
    case 'loop-exit':
      return `O ${one.id} ${one.via}`;
    case 'else':
      return one.condition === undefined ? 'ELSE' : `ELSEIF ${expressionText(one.condition)}`;
    case 'return':
      return `${one.via} ${typeof one.target === 'object' ? expressionText(one.target) : (one.target ?? '')}`.trim();
    case 'loop':
      return `${one.via} ${one.condition === undefined ? '' : expressionText(one.condition)}`.trim();
    case 'address':
      return `${one.name}=${expressionText(one.value)}`;
    case 'cycle':
      return `${one.name} ${one.parameters.map(({ name, value }) => `${name}${name ? '=' : ''}${expressionText(value)}`).join(' ')}`;
    case 'tool':
      return `${one.via} ${expressionText(one.tool)}`;
    case 'path-function':
      return [one.name, one.compensation, ['DR-', '', 'DR+'][one.rotation + 1], one.rapid ? 'FMAX' : '']
        .filter(Boolean)
        .join(' ');
    case 'program-start':
      return one.name ?? (one.number === undefined ? '' : `O${one.number}`);
    case 'frame':
      return one.name;
    case 'other':
    case 'declare':
      return one.keyword;
    case 'program-end':
    case 'output':
    case 'cycle-call':
      return one.via;
    default:
      return one.kind;
  }
}
