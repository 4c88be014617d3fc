import type { Call } from '../program/statement.ts';
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

/** CYCL DEF 12 of a TNC, and M96, whose program runs when an input comes. */
export const calledLater = ({ via }: Call): boolean => via.startsWith('CYCL DEF') || via === 'M96';

export function likeACycle(notes: Notes, { via }: Call): void {
  notes.add('unsupported', via, 'A program that is called like a cycle, or by an input, is not shown where it runs.');
}

export function anotherProgram(notes: Notes): void {
  const text = 'Another program begins here without an end before it: the path ends here.';
  notes.add('assumed', 'next program', text);
}

/** M99 in a main program. */
export function forTheNextPart(notes: Notes): void {
  notes.add('assumed', 'M99', 'The program goes back here for the next part; the path shows it once.');
}
