/** A wedge types faster than anybody: this many ms between two characters at most, and at least so many of them. */
const gapMs = 60;
const leastChars = 3;

/** Characters that come close together. */
export class Burst {
  #text = '';
  #lastMs = Number.NEGATIVE_INFINITY;

  /** `code` when this key ends a scan; `isInside`: it belongs to one, and to nothing else on the page. */
  press(key: string, atMs: number): { code?: string; isInside: boolean } {
    const isClose = atMs - this.#lastMs <= gapMs;
    const before = isClose ? this.#text : '';
    if (key === 'Enter') {
      this.#text = '';
      return before.length >= leastChars ? { code: before, isInside: true } : { isInside: false };
    }
    // Shift and the like come between characters and are none.
    if ([...key].length !== 1) return { isInside: false };
    this.#text = before + key;
    this.#lastMs = atMs;
    return { isInside: before !== '' };
  }
}
