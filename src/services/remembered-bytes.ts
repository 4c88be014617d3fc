/** Answers by key, the ones that were asked for last, as many as fit into so many bytes. */
export class RememberedBytes {
  readonly #limitBytes: number;
  readonly #held = new Map<string, Buffer>();
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get(key: string): Buffer | undefined {
    const found = this.#held.get(key);
    if (!found) return undefined;
    this.#held.delete(key);
    this.#held.set(key, found);
    return found;
  }

  /** What is too large for all of the place is only given back. */
  keep(key: string, bytes: Buffer): Buffer {
    if (bytes.length > this.#limitBytes / 2) return bytes;
    this.#held.set(key, bytes);
    this.#bytes += bytes.length;
    for (const [oldest, { length }] of this.#held) {
      if (this.#bytes <= this.#limitBytes) break;
      this.#held.delete(oldest);
      this.#bytes -= length;
    }
    return bytes;
  }
}
