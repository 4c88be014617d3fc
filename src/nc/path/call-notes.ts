import { limits } from '../../domain/limits.ts';
import type { Call } from '../program/statement.ts';
import type { BlockWords } from './block-words.ts';
import type { Notes } from './notes.ts';

/** A call of what nobody handed over. */
export function notPackaged(notes: Notes, { via }: Call, target: number | string | undefined): void {
  const what = `${target ?? 'a computed program'}`;
  notes.add(
    'unknown',
    `${via} ${what}`,
    `${via} calls ${what}, which is not in the package: what it moves is not shown.`,
  );
}

/** CYCL DEF 12 and SEL of a TNC, and M96, whose program runs when an input comes. */
export const calledLater = ({ via }: Call): boolean =>
  via.startsWith('CYCL DEF') || via.startsWith('SEL ') || via === 'CONTOUR DEF' || via === 'M96';

export function likeACycle(notes: Notes, { via }: Call): void {
  notes.add(
    'unsupported',
    via,
    'A program that is called like a cycle, by a choice or by an input is not shown where it runs.',
  );
}

/** How often a call runs. */
export function timesOf(notes: Notes, { repeats }: Call, words: BlockWords): number {
  const times = Number.isNaN(repeats) ? (words.take('L') ?? Number.NaN) : repeats;
  if (!Number.isNaN(times)) return Math.min(times, limits.ncPathSteps);
  notes.add('unknown', 'repeats', 'How often this is repeated only the machine knows; the path shows it once.');
  return 1;
}

export function anotherProgram(notes: Notes): void {
  const text = 'Another program begins here without an end before it: the path ends here.';
  notes.add('assumed', 'next program', text);
}

/** M99 in a main program. */
export function forTheNextPart(notes: Notes): void {
  notes.add('assumed', 'M99', 'The program goes back here for the next part; the path shows it once.');
}
