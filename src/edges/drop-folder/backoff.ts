import { limits } from '../../domain/limits.ts';
import type { Clock } from '../../platform/clock.ts';

/** When what failed may be tried again: after `dropRetryMs`, doubled by each failure up to `dropRetryMaxMs`. */
export class Backoff {
  readonly #clock: Clock;
  readonly #failures = new Map<string, { count: number; until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  due(key: string): boolean {
    return (this.#failures.get(key)?.until ?? 0) <= this.#clock();
  }

  failed(key: string): void {
    const now = this.#clock();
    // What was not tried again for long is gone from the folder.
    for (const [other, { until }] of this.#failures) {
      if (until + limits.dropRetryMaxMs < now) this.#failures.delete(other);
    }
    const count = (this.#failures.get(key)?.count ?? 0) + 1;
    const pause = Math.min(limits.dropRetryMs * 2 ** (count - 1), limits.dropRetryMaxMs);
    this.#failures.set(key, { count, until: now + pause });
  }

  succeeded(key: string): void {
    this.#failures.delete(key);
  }
}
