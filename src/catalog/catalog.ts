import { DomainError } from '../domain/errors.ts';
import { openSqliteReadOnly, type Sqlite } from '../platform/sqlite.ts';

/** Folds the ledger into the catalogue's file, beside the sequencer and behind it: nobody's receipt waits for it. */
export interface Folding {
  /** The ledger holds so many entries durably. Returns at once. */
  follow(size: number): void;
  /** Resolves once so many entries are in the file for other connections to see; rejects when folding failed. */
  reached(size: number): Promise<void>;
  /** Folds what is left, commits it and lets go of the file. */
  stop(): Promise<void>;
}

/**
 * The read model that screens and lists query, folded from the ledger. Decisions never look at it: it may be behind, and
 * says so to nobody, since whoever asks for it waits until it holds all that the ledger held when they asked.
 */
export class Catalog {
  readonly #path: string;
  readonly #start: () => Folding;
  #folding: Folding;
  #db: Sqlite;
  #size: number;
  #swapped = Promise.resolve();

  /** `path` is a prepared file (see `prepareCatalog`), `size` the ledger's; `start` begins folding at what the file holds. */
  constructor(path: string, size: number, start: () => Folding) {
    this.#path = path;
    this.#start = start;
    this.#size = size;
    this.#db = openSqliteReadOnly(path);
    this.#folding = start();
    this.#folding.follow(size);
  }

  follow(size: number): void {
    this.#size = size;
    this.#folding.follow(size);
  }

  /** The tables, for queries, with everything in them that anybody has a receipt of. Rejects when folding failed. */
  current(): Promise<Sqlite> {
    return this.holding(this.#size);
  }

  /** As `current`, but with the first `size` entries at least. */
  async holding(size: number): Promise<Sqlite> {
    await this.#swapped;
    await this.#folding.reached(size);
    if (!this.#db.open)
      throw new DomainError('ledger-unavailable', 'The gateway is stopping, so nothing can be shown.');
    return this.#db;
  }

  /** Lets `swap` put another file in the place of this one, while nobody has it open, and goes on with that. */
  reopenAfter(swap: (path: string) => void): Promise<void> {
    this.#swapped = this.#folding.stop().then(() => {
      this.#db.close();
      swap(this.#path);
      this.#db = openSqliteReadOnly(this.#path);
      this.#folding = this.#start();
      this.#folding.follow(this.#size);
    });
    return this.#swapped;
  }

  close(): Promise<void> {
    this.#db.close();
    return this.#folding.stop();
  }
}
