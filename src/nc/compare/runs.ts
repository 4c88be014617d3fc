/** Neighbouring elements without a partner: `[start, end)`. */
export type Run = { start: number; end: number };

/** `breaks`: 1 for elements before which a run is cut in two. */
export function* runs(partner: Int32Array, breaks?: Uint8Array): Generator<Run> {
  let start = -1;
  for (let at = 0; at <= partner.length; at++) {
    const free = at < partner.length && partner[at] === -1;
    if (start >= 0 && (!free || breaks?.[at] === 1)) {
      yield { start, end: at };
      start = -1;
    }
    if (free && start < 0) start = at;
  }
}
