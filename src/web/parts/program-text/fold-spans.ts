/** Lines that are shown before and behind what is to be seen, and as how many a fold takes at least. */
const around = 3;
const smallest = 8;

/** The first line of a piece, and the first one behind it. */
export type Piece = readonly [from: number, behind: number];

/** The lines that may be folded away, both ends included, where these pieces of a text are to be seen. */
export function foldSpans(lines: number, seen: readonly Piece[]): [from: number, to: number][] {
  const found: [number, number][] = [];
  const behindAll: Piece = [lines + 1 + around, lines + 1];
  let from = 1;
  for (const [start, behind] of [...seen.toSorted(([a], [b]) => a - b), behindAll]) {
    const to = Math.min(lines, start - 1 - around);
    if (to - from + 1 >= smallest) found.push([from, to]);
    from = Math.max(from, behind + around);
  }
  return found;
}
