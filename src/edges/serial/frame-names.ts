import { limits } from '../../domain/limits.ts';
import type { LineRequest } from '../../domain/machine-links.ts';
import type { ShelfEntry } from '../../domain/shelf.ts';

/** What a control asks for: a program by its O-number, or by its name on the shelf. */
export type Asked = { number: number } | { name: string };

const oNumber = /^[O:](\d{1,8})$/;
const getComment = /^\(GET ([A-Z0-9][A-Z0-9._-]{0,63})\)$/i;

/**
 * What a frame asks for, where it is a request by the form that this line knows and nothing besides: then it cannot be a
 * program that somebody wants back.
 */
export function readRequest(frame: Buffer, form: LineRequest): Asked | undefined {
  if (form === 'none' || frame.length > limits.serialRequestBytes) return undefined;
  const blocks = blocksOf(frame.toString('latin1'));
  if (blocks.at(0) !== '%' || blocks.at(-1) !== '%') return undefined;
  const between = blocks.slice(1, -1);
  return form === 'o-number' ? numberAsked(between) : nameAsked(between);
}

function numberAsked(blocks: readonly string[]): Asked | undefined {
  const digits = oNumber.exec(blocks[0] ?? '')?.[1];
  return blocks.length === 1 && digits !== undefined ? { number: Number(digits) } : undefined;
}

function nameAsked(blocks: readonly string[]): Asked | undefined {
  const rest = oNumber.test(blocks[0] ?? '') ? blocks.slice(1) : blocks;
  const name = getComment.exec(rest[0] ?? '')?.[1];
  return rest.length === 1 && name !== undefined ? { name } : undefined;
}

const blocksOf = (text: string): string[] =>
  text
    .split(/[\r\n]+/)
    .map((block) => block.trim())
    .filter((block) => block !== '');

type List = (path: readonly string[]) => Promise<readonly ShelfEntry[] | undefined>;

/**
 * Where on the shelf that stands. For a number it is the one program that gives itself this number, `O0471` or `O471` alike: a control
 * counts, it does not compare letters. Where there is none or more than one, the path of no file: whoever opens that is refused.
 */
export async function shelfPath(asked: Asked, list: List): Promise<readonly string[]> {
  if ('name' in asked) return ['current', asked.name];
  const numbers = ((await list(['by-number'])) ?? []).filter(({ name }) => numberOf(name) === asked.number);
  const found: string[][] = [];
  for (const { name: number } of numbers) {
    for (const { name, kind } of (await list(['by-number', number])) ?? [])
      if (kind === 'file') found.push(['by-number', number, name]);
  }
  const [only] = found;
  return found.length === 1 && only ? only : ['by-number', askedText(asked)];
}

const numberOf = (name: string): number => Number(/^O(\d{1,8})$/.exec(name)?.[1] ?? Number.NaN);

export const askedText = (asked: Asked): string => ('name' in asked ? asked.name : `O${asked.number}`);

/** How a control names a program that it sends: as its first blocks say, each of these within the first lines. */
const namings: readonly { pattern: RegExp; suffix: string }[] = [
  { pattern: /^%?\s*<([A-Z0-9][A-Z0-9._-]{0,31})>/im, suffix: '' },
  { pattern: /^[O:](\d{1,8})(?!\d)/im, suffix: '' },
  { pattern: /^\$([A-Z0-9][A-Z0-9_-]{0,31}\.[A-Z]{3})%/im, suffix: '' },
  { pattern: /^(?:\d+ )?BEGIN PGM ([A-Z0-9][A-Z0-9_-]{0,31}) (?:MM|INCH)/im, suffix: '.H' },
  { pattern: /^%_N_([A-Z0-9_]{1,24})_MPF/im, suffix: '.MPF' },
];

/** The name that a program came back under; `UNNAMED` where it says none. */
export function nameOfProgram(bytes: Buffer): string {
  const head = bytes.subarray(0, limits.serialRequestBytes).toString('latin1');
  const [first] = namings.flatMap(({ pattern, suffix }, at) => {
    const name = pattern.exec(head)?.[1];
    return name === undefined ? [] : [at === 1 ? `O${name}` : `${name}${suffix}`];
  });
  return first ?? 'UNNAMED';
}
