/** A set of bytes of one file, kept as disjoint ranges in order, each `[from, to)`. */
export class ByteRanges {
  readonly #maxRanges: number;
  readonly #ranges: { from: number; to: number }[] = [];
  #count = 0;

  /**
   * A client that reads every second byte makes a range for each. Beyond `maxRanges` further islands are not counted:
   * the set may then hold fewer bytes than were added, never more.
   */
  constructor(maxRanges: number) {
    this.#maxRanges = maxRanges;
  }

  /** How many different bytes are in the set. */
  get count(): number {
    return this.#count;
  }

  add(from: number, to: number): void {
    if (to <= from) return;
    const first = this.#firstEndingAtOrAfter(from);
    let end = first;
    let merged = { from, to };
    let held = 0;
    for (let range = this.#ranges[end]; range !== undefined && range.from <= to; range = this.#ranges[++end]) {
      merged = { from: Math.min(merged.from, range.from), to: Math.max(merged.to, range.to) };
      held += range.to - range.from;
    }
    if (end === first && this.#ranges.length >= this.#maxRanges) return;
    this.#ranges.splice(first, end - first, merged);
    this.#count += merged.to - merged.from - held;
  }

  /** Index of the first range that touches or follows `from`. */
  #firstEndingAtOrAfter(from: number): number {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ranges[middle]?.to ?? 0) < from) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
