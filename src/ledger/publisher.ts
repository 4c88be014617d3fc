import type { Logger } from 'pino';
import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { type Checkpoint, openCheckpoint } from '../merkle/checkpoint.ts';
import type { NoteVerifier } from '../merkle/note.ts';
import { consistencyProof, type HashReader } from '../merkle/tree.ts';
import type { LedgerStore } from './store.ts';

export type SignedCheckpoint = Checkpoint & { note: string };

/** The signer as the ledger needs it; every root is base64. */
export interface CheckpointSigner {
  lastSigned(): Promise<{ size: number; root: string }>;
  signCheckpoint(head: { size: number; root: string; from: number; proof: string[] }): Promise<{ note: string }>;
}

export type PublisherParts = {
  store: LedgerStore;
  signer: CheckpointSigner;
  trust: { origin: string; ledgerVerifiers: readonly NoteVerifier[] };
  hashes: HashReader;
  latest: SignedCheckpoint | undefined;
  log: Logger;
  /** Least time between two checkpoints; `limits.checkpointIntervalMs` where nobody says otherwise. */
  intervalMs?: number;
  /** Keeps the checkpoint outside the ledger; called once it is stored and before anyone is shown it. Never rejects. */
  anchor?: { keep(checkpoint: SignedCheckpoint): Promise<void> };
  /** Called once everyone may see it; nothing waits for what it starts. */
  onPublished?(checkpoint: SignedCheckpoint): void;
  /** The signer found that the ledger does not extend what it signed before. */
  onInconsistent(error: DomainError): void;
  /** A checkpoint could not be stored: nobody knows what is on disk, and nothing more may be acknowledged. */
  onStorageFailed(error: unknown): void;
};

/**
 * Publishes a signed checkpoint at once when idle and at most every `intervalMs` under load. It is stored before anyone
 * sees it.
 */
export class Publisher {
  readonly #parts: PublisherParts;
  #latest: SignedCheckpoint | undefined;
  #head: { size: number; root: Buffer } | undefined;
  #running = false;
  #publishedAt = Number.NEGATIVE_INFINITY;
  #waiters: { size: number; resolve(): void }[] = [];
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  /** Why the last attempt failed; undefined when it did not. */
  #failing: string | undefined;

  constructor(parts: PublisherParts) {
    this.#parts = parts;
    this.#latest = parts.latest;
  }

  /** The newest stored checkpoint, or undefined before the first. */
  get latest(): SignedCheckpoint | undefined {
    return this.#latest;
  }

  /** Whether every entry is covered, or will be as soon as the running attempt ends. */
  get isCurrent(): boolean {
    return (this.#latest?.size ?? 0) >= (this.#head?.size ?? 0) || this.#failing === undefined;
  }

  /** Asks for a checkpoint over `head` soon; also called without one when the signer came back. */
  request(head = this.#head): void {
    if (head && head.size > (this.#head?.size ?? 0)) this.#head = head;
    if (this.#running || this.#timer || this.#closed || !this.#head || this.#head.size <= (this.#latest?.size ?? 0))
      return;
    const { intervalMs = limits.checkpointIntervalMs } = this.#parts;
    const wait = this.#publishedAt + intervalMs - performance.now();
    if (wait <= 0) void this.#publish();
    else this.#schedule(wait);
  }

  /** Resolves when a checkpoint covers the first `size` entries; rejects with `checkpoint-behind` after `timeoutMs`. */
  covering(size: number, timeoutMs: number): Promise<void> {
    if ((this.#latest?.size ?? 0) >= size) return Promise.resolve();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter = { size, resolve };
    this.#waiters.push(waiter);
    const timer = setTimeout(() => {
      this.#waiters = this.#waiters.filter((other) => other !== waiter);
      reject(
        new DomainError(
          'checkpoint-behind',
          'No signed checkpoint covers this yet: the signer is not answering. Try again.',
        ),
      );
    }, timeoutMs);
    return promise.finally(() => clearTimeout(timer));
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #publish(): Promise<void> {
    const head = this.#head;
    if (!head) return;
    this.#running = true;
    try {
      const note = await this.#sign(head);
      if (this.#closed) return;
      const { trust, anchor, onPublished } = this.#parts;
      const checkpoint = openCheckpoint(note, { origin: trust.origin, verifiers: trust.ledgerVerifiers, required: 2 });
      if (!this.#stored({ size: checkpoint.size, note })) return;
      const published = { ...checkpoint, note };
      await anchor?.keep(published);
      if (this.#closed) return;
      this.#latest = published;
      this.#failing = undefined;
      this.#publishedAt = performance.now();
      const done = this.#waiters.filter((waiter) => waiter.size <= checkpoint.size);
      this.#waiters = this.#waiters.filter((waiter) => waiter.size > checkpoint.size);
      for (const waiter of done) waiter.resolve();
      onPublished?.(published);
    } catch (error) {
      this.#onProblem(error);
      return;
    } finally {
      this.#running = false;
    }
    this.request();
  }

  #stored(checkpoint: { size: number; note: string }): boolean {
    try {
      this.#parts.store.addCheckpoint(checkpoint);
      return true;
    } catch (error) {
      this.#closed = true;
      this.#parts.onStorageFailed(error);
      return false;
    }
  }

  async #sign(head: { size: number; root: Buffer }): Promise<string> {
    const { signer, hashes } = this.#parts;
    const last = await signer.lastSigned();
    if (last.size > head.size) {
      throw new DomainError(
        'ledger-inconsistent',
        `The signer signed ${last.size} entries before; this ledger holds ${head.size}. It was cut or restored.`,
      );
    }
    const proof =
      last.size === 0 ? [] : consistencyProof(last.size, head.size, hashes).map((hash) => hash.toString('base64'));
    const { note } = await signer.signCheckpoint({
      size: head.size,
      root: head.root.toString('base64'),
      from: last.size,
      proof,
    });
    return note;
  }

  #onProblem(error: unknown): void {
    const { log, onInconsistent } = this.#parts;
    const message = String(error);
    // Said once for each cause, since it is tried again until it succeeds; a signer that is down says so itself.
    const isSaid = message === this.#failing || (error instanceof DomainError && error.code === 'signer-unavailable');
    if (!isSaid) log.warn({ cause: message }, 'no checkpoint could be signed; trying again');
    this.#failing = message;
    if (error instanceof DomainError && error.code === 'ledger-inconsistent') onInconsistent(error);
    else this.#schedule(limits.checkpointRetryMs);
  }

  #schedule(waitMs: number): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#publish();
    }, waitMs);
  }
}
