import { statfsSync } from 'node:fs';
import { limits } from '../domain/limits.ts';
import type { Clock } from '../platform/clock.ts';

/**
 * Says when the disk is nearly full. The ledger then takes nothing new while it still has the reserve to record that,
 * and what ends what was begun; it goes on by itself once there is room again.
 */
export class SpaceGuard {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #freeBytes: (folder: string) => number;
  #full = false;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(folder: string, clock: Clock, freeBytes = freeBytesOf) {
    this.#folder = folder;
    this.#clock = clock;
    this.#freeBytes = freeBytes;
  }

  /** Looks at most every `limits.spaceLookMs`; needs twice the reserve to say that there is room again. */
  get isFull(): boolean {
    const now = this.#clock();
    if (Math.abs(now - this.#lookedAt) < limits.spaceLookMs) return this.#full;
    this.#lookedAt = now;
    const free = this.#freeBytes(this.#folder);
    this.#full = free < (this.#full ? limits.spaceReserveBytes * 2 : limits.spaceReserveBytes);
    return this.#full;
  }
}

/** What an unprivileged process may still use. */
function freeBytesOf(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
