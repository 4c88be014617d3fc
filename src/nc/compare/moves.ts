import type { Matcher } from './match.ts';
import { type Run, runs } from './runs.ts';

export type Sides = {
  before: Int32Array;
  after: Int32Array;
  distinct: number;
  toolBefore: Uint8Array;
  toolAfter: Uint8Array;
  matcher: Matcher;
};

/** Fewer equal blocks than this are no moved run, nor is a run most of which is not the same. */
const blocksAtLeast = 3;
const votesAtLeast = 2;
const roundsAtMost = 4;

/**
 * Looks among the blocks without partner for runs that are there on both sides, a tool's work each. Two runs belong
 * together by the blocks that each program has exactly once: `M5` and `M1` are in the work of every tool. Linear: a block has one vote at
 * most.
 */
export function pairMoved(sides: Sides, toAfter: Int32Array, toBefore: Int32Array): Uint8Array {
  const moved = new Uint8Array(toAfter.length);
  const partner = new Int32Array(toAfter.length);
  for (let round = 0; round < roundsAtMost; round++) {
    const found = movedRuns(sides, toAfter, toBefore);
    let progress = false;
    for (const [before, after] of found) {
      const span = { beforeStart: before.start, beforeEnd: before.end, afterStart: after.start, afterEnd: after.end };
      partner.fill(-1, before.start, before.end);
      sides.matcher.match(span, partner);
      const taken = pairsIn(before, partner);
      const shorter = Math.min(before.end - before.start, after.end - after.start);
      if (taken.length < blocksAtLeast || 2 * taken.length < shorter) continue;
      progress = true;
      for (const i of taken) {
        const j = partner[i] as number;
        toAfter[i] = j;
        toBefore[j] = i;
        moved[i] = 1;
      }
    }
    if (!progress) break;
  }
  return moved;
}

function pairsIn({ start, end }: Run, partner: Int32Array): number[] {
  const found: number[] = [];
  for (let i = start; i < end; i++) if ((partner[i] as number) >= 0) found.push(i);
  return found;
}

/** Pairs of runs, those with most votes first, each run in one pair at most. */
function movedRuns(sides: Sides, toAfter: Int32Array, toBefore: Int32Array): [Run, Run][] {
  const runsBefore = [...runs(toAfter, sides.toolBefore)];
  const runsAfter = [...runs(toBefore, sides.toolAfter)];
  const place = placesOfUnique(sides.after, sides.distinct, runsAfter);
  const unique = placesOfUnique(sides.before, sides.distinct, runsBefore);
  const votes = new Map<number, number>();
  for (let element = 0; element < sides.distinct; element++) {
    const [run, other] = [unique[element] as number, place[element] as number];
    if (run < 0 || other < 0) continue;
    const pair = run * runsAfter.length + other;
    votes.set(pair, (votes.get(pair) ?? 0) + 1);
  }
  const best = [...votes].filter(([, count]) => count >= votesAtLeast).sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  const [usedBefore, usedAfter] = [new Set<Run>(), new Set<Run>()];
  const pairs: [Run, Run][] = [];
  for (const [pair] of best) {
    const before = runsBefore[Math.floor(pair / runsAfter.length)] as Run;
    const after = runsAfter[pair % runsAfter.length] as Run;
    if (usedBefore.has(before) || usedAfter.has(after)) continue;
    usedBefore.add(before);
    usedAfter.add(after);
    pairs.push([before, after]);
  }
  return pairs;
}

/** By element: the number of the run that has it, where its program has it once and in a run; else below 0. */
function placesOfUnique(elements: Int32Array, distinct: number, among: readonly Run[]): Int32Array {
  const place = new Int32Array(distinct).fill(-1);
  const count = new Uint8Array(distinct);
  for (let at = 0; at < elements.length; at++) {
    const element = elements[at] as number;
    if ((count[element] as number) < 2) count[element] = (count[element] as number) + 1;
  }
  among.forEach(({ start, end }, run) => {
    for (let at = start; at < end; at++) if (count[elements[at] as number] === 1) place[elements[at] as number] = run;
  });
  return place;
}
