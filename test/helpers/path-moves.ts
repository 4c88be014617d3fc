import type { PathOptions } from '../../src/nc/path/options.ts';
import { type PathResult, pathOf } from '../../src/nc/path/path-of.ts';
import { ourMoves } from './rs274-compare.ts';

/** A machine that stands at a known point, so that every move of a short program is known. */
const standing = { start: [0, 0, 100] as const };

export function runPath(lines: readonly string[], options: Partial<PathOptions> = {}): PathResult {
  return pathOf({ name: 'TEST', bytes: Buffer.from(`${lines.join('\n')}\n`, 'latin1') }, { ...standing, ...options });
}

/** `feed 10 20 -5`, in millimetres, one for each motion; an arc is one. */
export function movesIn(lines: readonly string[], options: Partial<PathOptions> = {}): string[] {
  return ourMoves(runPath(lines, options).path).map(
    ({ kind, to }) => `${kind} ${to.map((value) => String(Number((value * 25.4).toFixed(3)) + 0)).join(' ')}`,
  );
}

/** What the path says that it does not show: `unsupported CYCLE800`. */
export function notesIn(lines: readonly string[], options: Partial<PathOptions> = {}): string[] {
  return runPath(lines, options).notes.map(({ kind, what }) => `${kind} ${what}`);
}
