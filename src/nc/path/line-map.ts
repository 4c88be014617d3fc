import type { Toolpath } from './toolpath.ts';

/** Segments `first` to `last`, both included. */
export type SegmentRange = { first: number; last: number };

/** From a line of a program to what it moves; the other way is `toolpath.line` and `toolpath.program`. */
export class LineMap {
  readonly #ranges = new Map<number, SegmentRange[]>();

  constructor(path: Toolpath) {
    let first = 0;
    for (let at = 1; at <= path.count; at++) {
      if (at < path.count && path.line[at] === path.line[first] && path.program[at] === path.program[first]) continue;
      this.#add(path.program[first] as number, path.line[first] as number, { first, last: at - 1 });
      first = at;
    }
  }

  /** Empty for a line that moves nothing; several ranges where it ran more than once. */
  segmentsOf(program: number, line: number): readonly SegmentRange[] {
    return this.#ranges.get(keyOf(program, line)) ?? [];
  }

  #add(program: number, line: number, range: SegmentRange): void {
    const key = keyOf(program, line);
    const known = this.#ranges.get(key);
    if (known) known.push(range);
    else this.#ranges.set(key, [range]);
  }
}

const keyOf = (program: number, line: number): number => program * 2 ** 32 + line;
