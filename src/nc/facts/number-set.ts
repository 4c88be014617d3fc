/** Numbers from 0 to 99,999,999 (an N-word has 8 digits at most), one bit each, so that a file of N-words stays cheap. */
export class NumberSet {
  static readonly largest = 99_999_999;
  #bits = new Uint8Array(1024);

  add(value: number): void {
    if (value < 0 || value > NumberSet.largest) return;
    const index = value >> 3;
    if (index >= this.#bits.length) this.#grow(index + 1);
    const bits = this.#bits;
    bits[index] = (bits[index] as number) | (1 << (value & 7));
  }

  #grow(atLeast: number): void {
    const bigger = new Uint8Array(Math.max(atLeast, this.#bits.length * 2));
    bigger.set(this.#bits);
    this.#bits = bigger;
  }

  has(value: number): boolean {
    return value >= 0 && ((this.#bits[value >> 3] ?? 0) & (1 << (value & 7))) !== 0;
  }
}
