const code = (character: string): number => character.charCodeAt(0);
const [g, h, m, n, o, p, q] = ['G', 'H', 'M', 'N', 'O', 'P', 'Q'].map(code);
const marks = { m98: 1, m99: 2, g7: 4, p: 8, qOrH: 16 };

/**
 * Sees when a block seems to refer to a sequence number: a jump, `M99 P`, `M97`, `M98 … Q/H`, the contour of `G70` to
 * `G76`, an N that does not begin its block, or a code that is computed. Errs on the side of seeing one.
 */
export class NumberReferences {
  found = false;
  #letter = 0;
  #value = 0;
  #digits = 0;
  /** A sum of `marks`. */
  #seen = 0;

  beginLine(): void {
    this.#letter = 0;
    this.#seen = 0;
  }

  code(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; at++) {
      const byte = bytes[at] as number;
      if (byte >= 0x30 && byte <= 0x39) {
        this.#value = Math.min(100_000, this.#value * 10 + byte - 0x30);
        this.#digits++;
        continue;
      }
      const upper = byte & 0xdf;
      this.#word(upper, byte);
      this.#letter = byte < 0x80 && upper >= 0x41 && upper <= 0x5a ? upper : 0;
      this.#value = 0;
      this.#digits = 0;
    }
  }

  endLine(): void {
    this.#word(0, 0);
    const has = (mark: number) => (this.#seen & mark) !== 0;
    if (has(marks.m98) && has(marks.qOrH)) this.found = true;
    if (has(marks.m99) && has(marks.p)) this.found = true;
    if (has(marks.g7) && has(marks.p | marks.qOrH)) this.found = true;
  }

  /** The word that ends before `next`. */
  #word(nextUpper: number, next: number): void {
    switch (this.#letter) {
      case m:
        if (this.#digits === 0 && (next === code('#') || next === code('['))) this.found = true;
        if (this.#value === 97) this.found = true;
        if (this.#value === 98) this.#seen |= marks.m98;
        if (this.#value === 99) this.#seen |= marks.m99;
        break;
      case g:
        if (this.#digits === 0 && (nextUpper === o || next === code('#') || next === code('['))) this.found = true;
        if (this.#value >= 70 && this.#value <= 76) this.#seen |= marks.g7;
        break;
      case n:
        if (this.#digits > 0) this.found = true;
        break;
      case p:
        this.#seen |= marks.p;
        break;
      case q:
      case h:
        this.#seen |= marks.qOrH;
        break;
    }
  }
}
