import { type Block, letterBits } from './block.ts';
import type { Expression } from './expression.ts';
import { constantOf } from './expression-reader.ts';
import { blockText } from './open-block.ts';
import type { Call, Parameter, Statement } from './statement.ts';

const [G, H, L, M, P, Q] = [...'GHLMPQ'].map((letter) => letter.charCodeAt(0)) as [
  number,
  number,
  number,
  number,
  number,
  number,
];

export const callOf = (via: string, target: Call['target'], where: Call['where']): Call => ({
  kind: 'call',
  via,
  target,
  where,
  repeats: 1,
  modal: false,
  arguments: [],
});
const pBit = letterBits('P');

/** M99, and where it goes on. */
export const returnOf = (block: Block): Statement => ({ kind: 'return', via: 'M99', target: programOf(block) });

/** What P says: a number, a name, an expression, or undefined where there is no P. */
function programOf(block: Block): number | string | Expression | undefined {
  const { words } = block;
  for (let at = 0; at < words.count; at++) {
    if (words.letter[at] !== P) continue;
    const expression = words.expression(at);
    if (expression?.kind === 'text') return expression.value;
    const value = expression ? constantOf(expression) : (words.value[at] as number);
    return Number.isNaN(value) ? expression : value;
  }
  for (const statement of block.statements) {
    const [name] = statement.kind === 'other' && statement.keyword === '<>' ? statement.parameters : [];
    if (name?.value.kind === 'text') return name.value.value;
  }
  return undefined;
}

/** A number that cannot be a program's is as good as computed. */
export function targetOf(block: Block): number | string | undefined {
  const program = programOf(block);
  if (typeof program === 'string') return program;
  return typeof program === 'number' && Number.isInteger(program) && program >= 0 ? program : undefined;
}

/** M98, M198, M97. */
export function subprogramCall(block: Block, via: string): Call {
  const repeats = firstOf(block, L);
  // `M98 H20`: a part of this program, from N20 on.
  const within = block.words.letters & pBit || via !== 'M98' ? undefined : firstOf(block, H);
  if (within !== undefined && Number.isInteger(within))
    return { ...callOf(via, within, 'label'), repeats: repeats ?? 1 };
  const made = callOf(via, targetOf(block) ?? pathOf(block), via === 'M198' ? 'external' : 'program');
  const joined = repeats === undefined ? timesAndProgram(block) : undefined;
  if (joined) return { ...made, ...joined };
  return { ...made, repeats: repeats ?? 1, arguments: argumentsOf(block, (letter) => letter === H || letter === Q) };
}

/** Haas names a file in brackets where P would be: `M98 (Parts/POCKET.NC)`. */
function pathOf(block: Block): string | undefined {
  if (block.commentEnd === 0 || block.words.letters & pBit) return undefined;
  const path = blockText(block, block.commentStart, block.commentEnd).slice(1, -1).trim();
  return /^[\w .\-/\\:]+\.\w+$/.test(path) ? path : undefined;
}

/** `M96 P10 Q8` of Haas jumps when an input is off; FANUC's `M96 P1234` calls a program when one comes. */
export function interruptOf(block: Block): Statement[] {
  const target = targetOf(block);
  if (firstOf(block, Q) === undefined) return target === undefined ? [] : [callOf('M96', target, 'program')];
  if (typeof target !== 'number') return [];
  const input: Expression = {
    kind: 'call',
    name: 'INPUT',
    arguments: argumentsOf(block, (letter) => letter === Q).map(({ value }) => value),
  };
  return [{ kind: 'if', condition: input, body: [{ kind: 'goto', target, direction: 'any' }] }];
}

/** FANUC's P0051000 is program 1000, 5 times: the last four of six digits or more. No control has so long a number. */
function timesAndProgram({ words }: Block): { target: number; repeats: number } | undefined {
  for (let at = 0; at < words.count; at++) {
    if (words.letter[at] !== P || (words.end[at] as number) - (words.start[at] as number) < 7) continue;
    const value = words.value[at] as number;
    if (!Number.isInteger(value) || words.expression(at)) return undefined;
    return { target: value % 10_000, repeats: Math.max(1, Math.floor(value / 10_000)) };
  }
  return undefined;
}

/** G65, G66. */
export function macroCall(block: Block, via: string, modal: boolean): Call {
  const made = callOf(via, targetOf(block), 'program');
  const values = argumentsOf(block, (letter) => letter !== G && letter !== L && letter !== P && letter !== M);
  return { ...made, modal, repeats: firstOf(block, L) ?? 1, arguments: values };
}

function firstOf(block: Block, letter: number): number | undefined {
  const { words } = block;
  for (let at = 0; at < words.count; at++) if (words.letter[at] === letter) return words.value[at];
  return undefined;
}

function argumentsOf(block: Block, wanted: (letter: number) => boolean): Parameter[] {
  const { words } = block;
  const list: Parameter[] = [];
  for (let at = 0; at < words.count; at++) {
    const letter = words.letter[at] as number;
    if (!wanted(letter)) continue;
    const value = words.expression(at) ?? ({ kind: 'number', value: words.value[at] as number } as const);
    list.push({ name: String.fromCharCode(letter), value });
  }
  return list;
}
