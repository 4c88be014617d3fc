import { segmentKind, type Toolpath } from '../../src/nc/path/toolpath.ts';
import type { CanonMove } from './rs274.ts';

export type OurMove = { kind: CanonMove['kind']; to: [number, number, number]; line: number };
export type Difference = { ours: OurMove | undefined; theirs: CanonMove | undefined };
export type Comparison = {
  moves: number;
  agreed: number;
  /** Curves, of which the judge prints no point; that each is one, in its place, is compared. */
  curves: number;
  differences: Difference[];
  /** Lines of the program that move, and those of them where a move differs. */
  lines: number;
  differing: number[];
  extentsAgree: boolean;
};

/** The judge prints four digits, so that half of the last one is lost. */
const tolerance = 0.0001 + 0.00005;

/** A motion each, in inches; chords of one arc are one, and those of a curve. */
export function ourMoves(path: Toolpath): OurMove[] {
  const moves: OurMove[] = [];
  for (let at = 0; at < path.count; at++) {
    const is = path.kind[at] as number;
    if (is > segmentKind.counterClockwise) continue;
    if (at + 1 < path.count && path.move[at + 1] === path.move[at]) continue;
    const curve = is === segmentKind.feed && at > 0 && path.move[at - 1] === path.move[at];
    const point = [0, 1, 2].map((axis) => (path.points[(at + 1) * 3 + axis] as number) / 25.4) as OurMove['to'];
    const kind = curve ? 'curve' : is === segmentKind.rapid ? 'rapid' : is === segmentKind.feed ? 'feed' : 'arc';
    moves.push({ kind, to: point, line: path.line[at] as number });
  }
  return moves;
}

/** Side by side in their order; where one has a move that the other has not, it is a difference, and they meet again. */
export function compareMoves(ours: readonly OurMove[], theirs: readonly CanonMove[]): Comparison {
  const [left, right] = [withoutStops(ours), withoutStops(theirs)];
  const differences: Difference[] = [];
  let [i, j, agreed, curves] = [0, 0, 0, 0];
  while (i < left.length || j < right.length) {
    const [a, b] = [left[i], right[j]];
    if (a && b && same(a, b)) {
      if (b.kind === 'curve') curves++;
      else agreed++;
      i++;
      j++;
      continue;
    }
    const [skipLeft, skipRight] = meeting(left, right, i, j);
    for (let k = 0; k < Math.max(skipLeft, skipRight); k++)
      differences.push({
        ours: k < skipLeft ? left[i + k] : undefined,
        theirs: k < skipRight ? right[j + k] : undefined,
      });
    i += skipLeft;
    j += skipRight;
  }
  const moving = new Set([...left, ...right].map(({ line }) => line));
  const differing = [...new Set(differences.map(({ ours, theirs }) => (theirs ?? ours)?.line ?? 0))];
  const moves = right.length - curves;
  return { moves, agreed, curves, differences, lines: moving.size, differing, extentsAgree: sameExtents(left, right) };
}

type Move = OurMove | CanonMove;

/** Moves that go nowhere are drawn by one and left out by the other. */
function withoutStops<M extends Move>(moves: readonly M[]): M[] {
  let at: readonly number[] = [0, 0, 0];
  return moves.filter((move) => {
    const moved = move.kind === 'arc' || move.kind === 'curve' || !near(at, move.to);
    if (Number.isNaN(move.to[0]) && move.kind === 'curve') return true;
    at = move.to;
    return moved;
  });
}

const near = (a: readonly number[], b: readonly number[]): boolean =>
  a.every((value, axis) => Math.abs(value - (b[axis] as number)) <= tolerance);

const same = (a: Move, b: Move): boolean => a.kind === b.kind && (b.kind === 'curve' || near(a.to, b.to));

const window = 40;

/** How many of each side to pass until two in a row agree again. */
function meeting(left: readonly Move[], right: readonly Move[], i: number, j: number): [number, number] {
  for (let sum = 1; sum <= 2 * window; sum++)
    for (let a = Math.max(0, sum - window); a <= Math.min(sum, window); a++) {
      const [x, y] = [left[i + a], right[j + sum - a]];
      if (x && y && same(x, y)) return [a, sum - a];
    }
  return [Math.max(0, Math.min(window, left.length - i)), Math.max(0, Math.min(window, right.length - j))];
}

/** Of end points; NaN where one does not know. */
function sameExtents(left: readonly Move[], right: readonly Move[]): boolean {
  const extent = (moves: readonly Move[]): number[] =>
    [0, 1, 2].flatMap((axis) => {
      let [low, high] = [Infinity, -Infinity];
      for (const { to, kind } of moves) {
        if (kind === 'curve') continue;
        low = Math.min(low, to[axis] as number);
        high = Math.max(high, to[axis] as number);
      }
      return [low, high];
    });
  return near(extent(left), extent(right));
}
