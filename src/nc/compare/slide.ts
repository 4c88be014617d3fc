import { runs } from './runs.ts';

/**
 * A run that came or went between equal blocks may stand at several places: `M1 T7M6 … M1` is `T7M6 … M1` one block on.
 * It is put where it begins with a tool change, as a person sees it. `elements`, `partner` and `toolStart` are of the side
 * that has the run.
 */
export function slideToTools(
  elements: Int32Array,
  partner: Int32Array,
  other: Int32Array,
  toolStart: Uint8Array,
): void {
  for (const { start, end } of [...runs(partner)]) {
    const shift = bestShift(start, end, elements, partner, toolStart);
    for (let at = 0; at < shift; at++) move(start + at, end + at, partner, other);
    for (let at = 0; at > shift; at--) move(end - 1 + at, start - 1 + at, partner, other);
  }
}

/** The partner of `from` becomes that of `to`, which is equal and had none — or the other way round. */
function move(to: number, from: number, partner: Int32Array, other: Int32Array): void {
  const there = partner[from] as number;
  partner[to] = there;
  partner[from] = -1;
  other[there] = to;
}

function bestShift(
  start: number,
  end: number,
  elements: Int32Array,
  partner: Int32Array,
  toolStart: Uint8Array,
): number {
  if (toolStart[start] === 1) return 0;
  const length = end - start;
  for (let down = 1; down <= length; down++) {
    const at = end + down - 1;
    if (at >= elements.length || (partner[at] as number) < 0 || elements[at] !== elements[start + down - 1]) break;
    if (toolStart[start + down] === 1) return down;
  }
  for (let up = 1; up <= length; up++) {
    const at = start - up;
    if (at < 0 || (partner[at] as number) < 0 || elements[at] !== elements[end - up]) break;
    if (toolStart[at] === 1) return -up;
  }
  return 0;
}
