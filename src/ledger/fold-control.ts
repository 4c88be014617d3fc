/** Places in the shared memory. */
const [wantedAt, neededAt, stopAt, asleepAt] = [0, 1, 2, 3];

/**
 * What the sequencer's thread tells the one that folds, in memory that both see: telling costs the sequencer a fraction of
 * what a message would. All sizes only ever grow.
 */
export class FoldControl {
  readonly memory: { numbers: SharedArrayBuffer; signal: SharedArrayBuffer };
  readonly #numbers: BigInt64Array;
  readonly #signal: Int32Array;

  constructor(memory = { numbers: new SharedArrayBuffer(4 * 8), signal: new SharedArrayBuffer(4) }) {
    this.memory = memory;
    this.#numbers = new BigInt64Array(memory.numbers);
    this.#signal = new Int32Array(memory.signal);
  }

  /**
   * The ledger holds so many entries. Wakes a thread that sleeps; one that works or rests will look by itself, as waking
   * it for each batch costs the sequencer more than the batch.
   */
  set wanted(size: number) {
    Atomics.store(this.#numbers, wantedAt, BigInt(size));
    if (Atomics.exchange(this.#numbers, asleepAt, 0n) === 1n) this.#wake();
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

  /** Changes with whatever wakes; taken before looking, so that nothing told meanwhile is slept over. */
  get signal(): number {
    return Atomics.load(this.#signal, 0);
  }

  /** Blocks the calling thread for so long, or until somebody needs an entry or stops it after `signal` was taken. */
  rest(signal: number, ms: number): void {
    Atomics.wait(this.#signal, 0, signal, ms);
  }

  /** As `rest`, until the ledger holds more than `size` entries. */
  sleep(signal: number, size: number): void {
    Atomics.store(this.#numbers, asleepAt, 1n);
    // What came before this was seen has woken nobody.
    if (this.wanted <= size) Atomics.wait(this.#signal, 0, signal);
    Atomics.store(this.#numbers, asleepAt, 0n);
  }

  #tell(at: number, value: number): void {
    Atomics.store(this.#numbers, at, BigInt(value));
    this.#wake();
  }

  #wake(): void {
    Atomics.add(this.#signal, 0, 1);
    Atomics.notify(this.#signal, 0);
  }
}
