/** Places in the shared memory. */
const [wantedAt, neededAt, stopAt] = [0, 1, 2];

/**
 * What the sequencer's thread tells the one that folds, in memory that both see: telling costs the sequencer a fraction of
 * what a message would. Everything only ever grows.
 */
export class FoldControl {
  readonly memory: { numbers: SharedArrayBuffer; signal: SharedArrayBuffer };
  readonly #numbers: BigInt64Array;
  readonly #signal: Int32Array;

  constructor(memory = { numbers: new SharedArrayBuffer(3 * 8), signal: new SharedArrayBuffer(4) }) {
    this.memory = memory;
    this.#numbers = new BigInt64Array(memory.numbers);
    this.#signal = new Int32Array(memory.signal);
  }

  /** The ledger holds so many entries. */
  set wanted(size: number) {
    this.#tell(wantedAt, size);
  }
  get wanted(): number {
    return Number(Atomics.load(this.#numbers, wantedAt));
  }

  /** Somebody waits until so many are committed. */
  set needed(size: number) {
    if (size > this.needed) this.#tell(neededAt, size);
  }
  get needed(): number {
    return Number(Atomics.load(this.#numbers, neededAt));
  }

  stop(): void {
    this.#tell(stopAt, 1);
  }
  get isStopping(): boolean {
    return Atomics.load(this.#numbers, stopAt) === 1n;
  }

  /** Changes with everything that is told; taken before looking, so that nothing told meanwhile is slept over. */
  get signal(): number {
    return Atomics.load(this.#signal, 0);
  }

  /** Blocks the calling thread until something was told after `signal` was taken, or for so long. */
  wait(signal: number, timeoutMs: number | undefined): void {
    Atomics.wait(this.#signal, 0, signal, timeoutMs);
  }

  #tell(at: number, value: number): void {
    Atomics.store(this.#numbers, at, BigInt(value));
    Atomics.add(this.#signal, 0, 1);
    Atomics.notify(this.#signal, 0);
  }
}
