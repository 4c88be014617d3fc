import type { X509Certificate } from 'node:crypto';
import type { Logger } from 'pino';
import { limits } from '../domain/limits.ts';
import { type Clock, rfc3339 } from '../platform/clock.ts';
import type { SignedCheckpoint } from './publisher.ts';
import type { LedgerReader, LedgerStore } from './store.ts';
import { openStoredTimestamp } from './stored-timestamps.ts';
import type { AskTimestamp } from './timestamp-client.ts';

/** Stored timestamps that a start looks at until it finds one that holds. */
const lookedBack = 5;

export type StampedState = {
  /** The newest checkpoint with a timestamp: its size (0: none yet), the time that it says (RFC 3339 UTC), and its age. */
  size: number;
  at?: string;
  ageSeconds?: number;
  /** Why the last attempt gave none; absent where it did. */
  failing?: string;
};

/** A checkpoint's note, and the answer of an authority over its exact bytes. */
export type StampedCheckpoint = { size: number; note: string; response: Buffer; genTimeMs: number };

export type TimestampsParts = {
  ask: AskTimestamp;
  intervalMs: number;
  authoritiesAt(timeMs: number): readonly X509Certificate[];
  store: Pick<LedgerStore, 'addTimestamp'>;
  reader: Pick<LedgerReader, 'timestamps' | 'checkpoint' | 'leaves'>;
  clock: Clock;
  log: Logger;
  /** The ledger's storage failed. */
  onFatal(error: unknown): void;
};

/**
 * Has a checkpoint stamped now and then: the newest one, as a timestamp over it is one over all that came before. Nothing
 * waits for it: with the authority away work goes on, with an alarm in the log.
 */
export class Timestamps {
  readonly #parts: TimestampsParts;
  readonly #stop = new AbortController();
  #checkpoint: SignedCheckpoint | undefined;
  #stamped: StampedCheckpoint | undefined;
  #busy = false;
  #failing: string | undefined;
  /** Not before this time of the clock. */
  #dueMs = Number.NEGATIVE_INFINITY;
  #retryMs: number = limits.timestampRetryMs;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: TimestampsParts) {
    this.#parts = parts;
    this.#recall();
  }

  /** Takes a published checkpoint; returns at once. */
  offer(checkpoint: SignedCheckpoint): void {
    this.#checkpoint = checkpoint;
    this.#advance();
  }

  get newest(): StampedCheckpoint | undefined {
    return this.#stamped;
  }

  status(): StampedState {
    const { size = 0, genTimeMs } = this.#stamped ?? {};
    const ageSeconds = (since: number) => Math.max(0, Math.floor((this.#parts.clock() - since) / 1000));
    return {
      size,
      ...(genTimeMs === undefined ? {} : { at: rfc3339(genTimeMs), ageSeconds: ageSeconds(genTimeMs) }),
      ...(this.#failing === undefined ? {} : { failing: this.#failing }),
    };
  }

  close(): void {
    this.#stop.abort();
    clearTimeout(this.#timer);
  }

  /** What is stored counts only where it verifies. */
  #recall(): void {
    const { reader, authoritiesAt, clock, log, intervalMs } = this.#parts;
    let looked = 0;
    for (const stored of reader.timestamps()) {
      if (looked++ === lookedBack) return;
      try {
        this.#stamped = openStoredTimestamp(reader, stored, {
          authoritiesAt,
          latestMs: clock() + limits.timestampClockMs,
        });
        this.#dueMs = this.#stamped.genTimeMs + intervalMs;
        return;
      } catch (error) {
        log.error({ size: stored.size, why: (error as Error).message }, 'a stored timestamp does not verify');
      }
    }
  }

  #advance(): void {
    const checkpoint = this.#checkpoint;
    if (!checkpoint || this.#busy || this.#stop.signal.aborted) return;
    if (checkpoint.size <= (this.#stamped?.size ?? 0)) return;
    const waitMs = this.#dueMs - this.#parts.clock();
    if (waitMs > 0) this.#wait(waitMs);
    else void this.#stamp(checkpoint);
  }

  #wait(waitMs: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#advance();
    }, waitMs);
    this.#timer.unref();
  }

  async #stamp({ size, note }: SignedCheckpoint): Promise<void> {
    this.#busy = true;
    try {
      const { response, stamp } = await this.#parts.ask(note, this.#stop.signal);
      if (this.#stop.signal.aborted) return;
      this.#keep({ size, note, response, genTimeMs: stamp.genTimeMs });
    } catch (error) {
      this.#onRefusal((error as Error).message);
    } finally {
      this.#busy = false;
    }
    this.#advance();
  }

  #keep(stamped: StampedCheckpoint): void {
    const { store, clock, log, intervalMs, onFatal } = this.#parts;
    const { size, response } = stamped;
    try {
      store.addTimestamp({ size, response, time: rfc3339(clock()) });
    } catch (error) {
      this.close();
      onFatal(error);
      return;
    }
    if (this.#failing !== undefined) log.info({ size }, 'checkpoints are timestamped again');
    this.#stamped = stamped;
    this.#failing = undefined;
    this.#retryMs = limits.timestampRetryMs;
    this.#dueMs = clock() + intervalMs;
  }

  #onRefusal(why: string): void {
    if (this.#stop.signal.aborted) return;
    const { clock, log, intervalMs } = this.#parts;
    // Said once for each cause, as it is asked again until it answers.
    if (why !== this.#failing)
      log.error({ why }, 'checkpoints are not timestamped: the authority gives none that holds');
    this.#failing = why;
    this.#dueMs = clock() + this.#retryMs;
    this.#retryMs = Math.min(this.#retryMs * 2, Math.max(intervalMs, limits.timestampRetryMs));
  }
}
