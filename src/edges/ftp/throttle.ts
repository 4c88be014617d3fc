import type { Clock } from '../../platform/clock.ts';

type Failures = { count: number; until: number };

/**
 * Makes guessing slow: each failed login of an address doubles its pause, up to the longest; a login that succeeds clears
 * it. Addresses that failed are remembered up to a bound; beyond it the oldest is forgotten.
 */
export class LoginThrottle {
  readonly #options: { clock: Clock; pauseMs: number; longestMs: number; remembered: number };
  readonly #failures = new Map<string, Failures>();

  constructor(options: { clock: Clock; pauseMs: number; longestMs: number; remembered: number }) {
    this.#options = options;
  }

  /** How long this address still has to wait, in milliseconds. */
  waitMs(address: string): number {
    return Math.max(0, (this.#failures.get(address)?.until ?? 0) - this.#options.clock());
  }

  failed(address: string): void {
    const { clock, pauseMs, longestMs, remembered } = this.#options;
    const count = (this.#failures.get(address)?.count ?? 0) + 1;
    this.#failures.delete(address);
    const oldest = this.#failures.size >= remembered ? this.#failures.keys().next() : undefined;
    if (oldest && !oldest.done) this.#failures.delete(oldest.value);
    this.#failures.set(address, {
      count,
      until: clock() + Math.min(longestMs, pauseMs * 2 ** Math.min(count - 1, 20)),
    });
  }

  succeeded(address: string): void {
    this.#failures.delete(address);
  }
}
