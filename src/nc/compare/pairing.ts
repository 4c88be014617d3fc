import { intern, type Keys } from './intern.ts';
import { Matcher } from './match.ts';
import { pairMoved } from './moves.ts';
import { type ProgramIndex, toolStarts } from './program-index.ts';
import { type Run, runs } from './runs.ts';
import { slideToTools } from './slide.ts';
import type { Span } from './span.ts';
import { blockKinds } from './text-key.ts';

/** Which block of the newer program each block of the older one has become. */
export type Pairing = {
  /** By block of the older program; -1 removed. */
  toAfter: Int32Array;
  /** By block of the newer program; -1 added. */
  toBefore: Int32Array;
  /** 1 for a block of the older program that stands at another place of the order now. */
  moved: Uint8Array;
};

/**
 * Equal blocks in their order first; then runs that moved; then, in what is left at the same place, blocks of one shape
 * (`X1.F20.` and `X1.F30.`), and at last whatever stands opposite one another.
 */
export function pairBlocks(before: ProgramIndex, after: ProgramIndex): Pairing {
  const keys = intern(before.keys, after.keys);
  const toAfter = new Int32Array(before.count).fill(-1);
  const matcher = new Matcher(keys.before, keys.after, keys.distinct);
  matcher.match({ beforeStart: 0, beforeEnd: before.count, afterStart: 0, afterEnd: after.count }, toAfter);
  const toBefore = reverse(toAfter, after.count);
  const toolBefore = toolStarts(before);
  const toolAfter = toolStarts(after);
  slideToTools(keys.before, toAfter, toBefore, toolBefore);
  slideToTools(keys.after, toBefore, toAfter, toolAfter);
  const moved = pairMoved({ ...keys, toolBefore, toolAfter, matcher }, toAfter, toBefore);
  pairChanged(before, after, toAfter, toBefore, moved);
  return { toAfter, toBefore, moved };
}

function reverse(toAfter: Int32Array, count: number): Int32Array {
  const toBefore = new Int32Array(count).fill(-1);
  for (let i = 0; i < toAfter.length; i++) if ((toAfter[i] as number) >= 0) toBefore[toAfter[i] as number] = i;
  return toBefore;
}

function pairChanged(
  before: ProgramIndex,
  after: ProgramIndex,
  toAfter: Int32Array,
  toBefore: Int32Array,
  moved: Uint8Array,
): void {
  const open = [...runs(toAfter)].map((run) => ({ run, opposite: oppositeOf(run, toAfter, toBefore) }));
  for (const { run, opposite } of open) {
    if (opposite === undefined || !stillFree(opposite, toBefore)) continue;
    const partner = partnersByShape(run, opposite, before, after);
    const inMoved = (run.start > 0 && moved[run.start - 1] === 1) || (run.end < before.count && moved[run.end] === 1);
    for (let i = run.start; i < run.end; i++) {
      const j = partner[i - run.start] as number;
      if (j < 0) continue;
      toAfter[i] = j;
      toBefore[j] = i;
      if (inMoved && isMovedWith(run, opposite, toAfter, moved)) moved[i] = 1;
    }
  }
}

const stillFree = ({ start, end }: Run, toBefore: Int32Array): boolean => {
  for (let j = start; j < end; j++) if (toBefore[j] !== -1) return false;
  return true;
};

/** By block of the run: its partner in `opposite`, both as blocks of their programs; -1 none. */
function partnersByShape(run: Run, opposite: Run, before: ProgramIndex, after: ProgramIndex): Int32Array {
  const shapes = intern(shapeKeys(before, run), shapeKeys(after, opposite));
  const span = {
    beforeStart: 0,
    beforeEnd: run.end - run.start,
    afterStart: 0,
    afterEnd: opposite.end - opposite.start,
  };
  const partner = new Int32Array(span.beforeEnd).fill(-1);
  new Matcher(shapes.before, shapes.after, shapes.distinct).match(span, partner);
  const kinds = [before.kind.subarray(run.start, run.end), after.kind.subarray(opposite.start, opposite.end)] as const;
  pairOpposite(span, kinds, partner);
  return partner.map((j) => (j < 0 ? j : j + opposite.start));
}

function shapeKeys({ shape }: ProgramIndex, { start, end }: Run): Keys {
  const shapes = shape.subarray(start, end);
  return { count: shapes.length, low: shapes, high: shapes };
}

/** What stands in the newer program between the partners of the run's neighbours. */
function oppositeOf({ start, end }: Run, toAfter: Int32Array, toBefore: Int32Array): Run | undefined {
  const free = (j: number) => j >= 0 && j < toBefore.length && toBefore[j] === -1;
  const first = start === 0 ? 0 : (toAfter[start - 1] as number) + 1;
  if (free(first)) {
    let stop = first;
    while (free(stop)) stop++;
    return { start: first, end: stop };
  }
  const last = end === toAfter.length ? toBefore.length - 1 : (toAfter[end] as number) - 1;
  if (!free(last)) return undefined;
  let from = last;
  while (free(from - 1)) from--;
  return { start: from, end: last + 1 };
}

/** The run went with the moved block beside it. */
function isMovedWith({ start, end }: Run, opposite: Run, toAfter: Int32Array, moved: Uint8Array): boolean {
  if (start > 0 && moved[start - 1] === 1 && (toAfter[start - 1] as number) + 1 === opposite.start) return true;
  return moved[end] === 1 && toAfter[end] === opposite.end;
}

/** Between blocks of one shape: equally many blocks on both sides, of the same kind, are taken as changed one by one. */
function pairOpposite(span: Span, kinds: readonly [Uint8Array, Uint8Array], partner: Int32Array): void {
  let j = span.afterStart;
  for (let i = span.beforeStart; i < span.beforeEnd; ) {
    if ((partner[i] as number) >= 0) {
      j = (partner[i++] as number) + 1;
      continue;
    }
    let stop = i;
    while (stop < span.beforeEnd && (partner[stop] as number) < 0) stop++;
    const afterStop = stop < span.beforeEnd ? (partner[stop] as number) : span.afterEnd;
    if (stop - i === afterStop - j)
      for (let k = 0; i + k < stop; k++) if (alike(kinds, i + k, j + k)) partner[i + k] = j + k;
    i = stop;
  }
}

const alike = ([before, after]: readonly [Uint8Array, Uint8Array], i: number, j: number): boolean =>
  before[i] === after[j] && before[i] !== blockKinds.blank;
