import type { CycleTime, PathDeviation } from '../../domain/nc-difference.ts';
import { LineMap } from '../path/line-map.ts';
import type { PathResult } from '../path/path-of.ts';
import { segmentFlag, segmentKind } from '../path/toolpath.ts';
import type { PairedBlocks, PathJudge } from './difference.ts';
import { largestDistance, Polyline } from './polyline.ts';
import { toolStarts } from './program-index.ts';
import { type Run, runs } from './runs.ts';

/** Millimetres. What a control's own rounding hides is no deviation. */
const sameWithin = 1e-6;
/** Stretches of blocks without partner that are measured; more of them is another program. */
const stretchesAtMost = 200;

/** Axes that went there are programmed again before they matter, or their points are not known and counted. */
const referencePoint = 'reference point';

type Found = { distance: number; i: number; j: number };

/** Judges a difference by both computed paths: where each block that is in both programs ends, and what lies between. */
export function pathJudge(before: PathResult, after: PathResult): PathJudge {
  return (pairs) => ({
    path: new PathComparison(pairs, before, after).result(),
    cycleTime: cycleTimeOf(before, after),
  });
}

class PathComparison {
  readonly #pairs: PairedBlocks;
  readonly #results: readonly [PathResult, PathResult];
  readonly #maps: readonly [LineMap, LineMap];
  #largest: Found = { distance: 0, i: 0, j: 0 };
  #compared = 0;
  /** Blocks that move the machine in both programs, but not in a way that can be compared. */
  #unlike = 0;

  constructor(pairs: PairedBlocks, before: PathResult, after: PathResult) {
    this.#pairs = pairs;
    this.#results = [before, after];
    this.#maps = [new LineMap(before.path), new LineMap(after.path)];
  }

  result(): PathDeviation {
    const early = this.#results.find(({ end }) => end !== 'program-end' && end !== 'end-of-file');
    if (early !== undefined) return notKnown(`the computed path ends early (${early.end}).`);
    this.#comparePairs();
    this.#compareStretches();
    const { distance } = this.#largest;
    if (distance > sameWithin) return this.#differs();
    const doubt = this.#doubt();
    return doubt === undefined ? { state: 'same', comparedBlocks: this.#compared } : notKnown(doubt);
  }

  #differs(): PathDeviation {
    const { distance, i, j } = this.#largest;
    const { before, after } = this.#pairs;
    const inch = before.inch && after.inch;
    const tool = after.toolChanges.findLast(({ block }) => block <= j)?.tool;
    return {
      state: 'differs',
      largest: inch ? distance / 25.4 : distance,
      unit: inch ? 'inch' : 'millimetre',
      beforeLine: before.line[i] as number,
      afterLine: after.line[j] as number,
      ...(tool === undefined ? {} : { tool }),
      atLeast: this.#doubt() !== undefined,
    };
  }

  /** Why equal paths are no proof that the machine goes the same way. */
  #doubt(): string | undefined {
    const notes = this.#results.flatMap(({ notes }) => notes);
    const blind = notes.filter(({ kind, what }) => kind !== 'assumed' && what !== referencePoint);
    if (blind.length > 0)
      return `not everything was interpreted (${[...new Set(blind.map(({ what }) => what))].slice(0, 5).join(', ')}).`;
    if (
      this.#results.some(({ path }) =>
        path.flags.subarray(0, path.count).some((flags) => (flags & segmentFlag.doubtful) !== 0),
      )
    )
      return 'a transformation that is not interpreted is on.';
    if (this.#unlike > 0)
      return `${this.#unlike} blocks that are in both programs move the machine in ways that cannot be compared.`;
    return this.#compared === 0 ? 'no block that is in both programs moves an axis.' : undefined;
  }

  #comparePairs(): void {
    const { toAfter } = this.#pairs.pairing;
    for (let i = 0; i < toAfter.length; i++) {
      const j = toAfter[i] as number;
      if (j >= 0) this.#comparePair(i, j);
    }
  }

  #comparePair(i: number, j: number): void {
    const [old, fresh] = [this.#ranges(0, i), this.#ranges(1, j)];
    if (old.length === 0 && fresh.length === 0) return;
    this.#compared++;
    if (old.length !== fresh.length) {
      this.#unlike++;
      return;
    }
    old.forEach((range, at) => {
      const other = fresh[at];
      if (other === undefined) return;
      const one = new Polyline(this.#results[0].path, range.first, range.last);
      const two = new Polyline(this.#results[1].path, other.first, other.last);
      // Only where each step ends: where the block starts from is the business of the one before.
      this.#see(one.steps === two.steps ? one.stepwise(two) : largestDistance(one, two), i, j);
    });
  }

  #ranges(side: 0 | 1, block: number) {
    const index = side === 0 ? this.#pairs.before : this.#pairs.after;
    return this.#maps[side].segmentsOf(index.line[block] as number);
  }

  #see(distance: number, i: number, j: number): void {
    if (Number.isNaN(distance)) this.#unlike++;
    else if (distance > this.#largest.distance) this.#largest = { distance, i, j };
  }

  /** Blocks that came or went between blocks that stayed; the work of a whole tool that came or went is no deviation. */
  #compareStretches(): void {
    const { before, after, pairing } = this.#pairs;
    const [starts, freshStarts] = [toolStarts(before), toolStarts(after)];
    let left = stretchesAtMost;
    for (const run of runs(pairing.toAfter)) {
      if (left-- <= 0) break;
      if (!hasTool(run, starts)) this.#compareStretch(run, this.#opposite(run, pairing.toAfter, after.count));
    }
    for (const run of runs(pairing.toBefore)) {
      if (left-- <= 0) break;
      const opposite = this.#opposite(run, pairing.toBefore, before.count);
      if (!hasTool(run, freshStarts)) this.#compareStretch(opposite, run);
    }
    if (left < 0) this.#unlike++;
  }

  /** From behind the partner of the block before to the partner of the block behind. */
  #opposite({ start, end }: Run, partner: Int32Array, count: number): Run {
    const from = start === 0 ? 0 : (partner[start - 1] as number) + 1;
    const to = end === partner.length ? count : (partner[end] as number);
    return { start: from, end: Math.max(from, to) };
  }

  /** With the block behind, which closes both stretches at one place. */
  #compareStretch(old: Run, fresh: Run): void {
    const one = this.#polyline(0, old);
    const two = this.#polyline(1, fresh);
    if (one !== undefined && two !== undefined) this.#see(largestDistance(one, two), old.start, fresh.start);
    else if ((one === undefined) !== (two === undefined)) this.#unlike++;
  }

  #polyline(side: 0 | 1, { start, end }: Run): Polyline | undefined {
    const index = side === 0 ? this.#pairs.before : this.#pairs.after;
    let first = Number.POSITIVE_INFINITY;
    let last = -1;
    for (let block = start; block < Math.min(end + 1, index.count); block++)
      for (const range of this.#ranges(side, block)) {
        first = Math.min(first, range.first);
        last = Math.max(last, range.last);
      }
    return last < 0 ? undefined : new Polyline(this.#results[side].path, first, last);
  }
}

const notKnown = (reason: string): PathDeviation => ({ state: 'not-known', reason });

function hasTool({ start, end }: Run, tools: Uint8Array): boolean {
  for (let block = start; block < end; block++) if (tools[block] === 1) return true;
  return false;
}

function cycleTimeOf(before: PathResult, after: PathResult): CycleTime {
  const [old, fresh] = [timeOf(before), timeOf(after)];
  if (old.seconds === 0 || fresh.seconds === 0) return { state: 'not-known', reason: 'no move has a known time.' };
  return {
    state: 'estimated',
    beforeSeconds: old.seconds,
    afterSeconds: fresh.seconds,
    untimedMoves: Math.max(old.untimed, fresh.untimed),
  };
}

function timeOf({ path }: PathResult): { seconds: number; untimed: number } {
  let [seconds, untimed] = [0, 0];
  for (let at = 0; at < path.count; at++) {
    seconds += path.seconds[at] as number;
    if (((path.flags[at] as number) & segmentFlag.untimed) !== 0 && path.kind[at] !== segmentKind.shift) untimed++;
  }
  return { seconds, untimed };
}
