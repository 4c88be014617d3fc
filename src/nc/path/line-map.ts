import type { Toolpath } from './toolpath.ts';

/** Segments `first` to `last`, both included. */
export type SegmentRange = { first: number; last: number };

/** From a line of the main program to what it moves; the other way is `toolpath.line` and `toolpath.program`. */
export class LineMap {
  /** The ranges of line `n`, in their order, stand at `#from[n]` up to `#from[n + 1]` of the other two. */
  readonly #from: Uint32Array;
  readonly #first: Uint32Array;
  readonly #last: Uint32Array;

  constructor(path: Toolpath) {
    const ranges = ownRanges(path);
    const lineOf = (range: number) => path.line[ranges.first[range] as number] as number;
    let lines = 0;
    for (let at = 0; at < ranges.count; at++) lines = Math.max(lines, lineOf(at) + 1);
    // Counted, added up, and then put where each line's begin, which moves on with each.
    const from = new Uint32Array(lines + 2);
    for (let at = 0; at < ranges.count; at++) from[lineOf(at) + 2] = (from[lineOf(at) + 2] as number) + 1;
    for (let line = 2; line < from.length; line++) from[line] = (from[line] as number) + (from[line - 1] as number);
    this.#first = new Uint32Array(ranges.count);
    this.#last = new Uint32Array(ranges.count);
    for (let at = 0; at < ranges.count; at++) {
      const place = from[lineOf(at) + 1] as number;
      from[lineOf(at) + 1] = place + 1;
      this.#first[place] = ranges.first[at] as number;
      this.#last[place] = ranges.last[at] as number;
    }
    this.#from = from;
  }

  /** Empty for a line that moves nothing; several ranges where it ran more than once. */
  segmentsOf(line: number): SegmentRange[] {
    const ranges: SegmentRange[] = [];
    const end = this.#from[line + 1] ?? 0;
    for (let at = this.#from[line] ?? end; at < end; at++)
      ranges.push({ first: this.#first[at] as number, last: this.#last[at] as number });
    return ranges;
  }
}

/** Neighbours that one line of the main program made, as the program runs. */
function ownRanges({ count, line, program }: Toolpath): { count: number; first: Uint32Array; last: Uint32Array } {
  const [first, last] = [new Uint32Array(count), new Uint32Array(count)];
  let ranges = 0;
  let begin = 0;
  for (let at = 1; at <= count; at++) {
    if (at < count && line[at] === line[begin] && program[at] === program[begin]) continue;
    if (program[begin] === 0) {
      first[ranges] = begin;
      last[ranges++] = at - 1;
    }
    begin = at;
  }
  return { count: ranges, first, last };
}
