import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { DomainError } from '../../domain/errors.ts';
import type { RandomBytes } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import type { Clock } from '../../platform/clock.ts';

/**
 * Signing in by question and answer. What a browser was asked follows from a mark that it alone holds, so that an answer
 * is good in that browser only, and strangers who ask without end fill no memory. A mark that led to a sign-in is used.
 */
export class Attempts {
  readonly #clock: Clock;
  readonly #random: RandomBytes;
  /** Of this process: a restart ends what was begun. */
  readonly #key: Uint8Array;
  readonly #used = new Map<string, number>();

  constructor(clock: Clock, random: RandomBytes) {
    this.#clock = clock;
    this.#random = random;
    this.#key = random(32);
  }

  /** What the browser is given to keep: when it ends, 256 random bits, and our seal on both. */
  begin(): string {
    const said = `${this.#clock() + limits.signInAttemptMs}.${Buffer.from(this.#random(32)).toString('base64url')}`;
    return `${said}.${this.#seal('mark', said)}`;
  }

  /** What was asked for a purpose: nobody can guess it who does not hold the mark and our key. Throws `unauthenticated`. */
  asked(mark: string | undefined, purpose: string): string {
    return this.#seal(purpose, this.#requireGood(mark));
  }

  /** Throws `unauthenticated` for a mark that was used before. */
  use(mark: string): void {
    this.#requireGood(mark);
    const now = this.#clock();
    for (const [name, untilMs] of this.#used) if (untilMs <= now) this.#used.delete(name);
    this.#used.set(hash('sha256', mark), now + limits.signInAttemptMs);
  }

  #requireGood(mark: string | undefined): string {
    const [expires = '', random = '', seal = ''] = (mark ?? '').split('.');
    const said = `${expires}.${random}`;
    const [made, given] = [Buffer.from(this.#seal('mark', said)), Buffer.from(seal)];
    const isOurs = made.length === given.length && timingSafeEqual(made, given);
    if (!mark || !isOurs || Number(expires) <= this.#clock() || this.#used.has(hash('sha256', mark)))
      throw new DomainError(
        'unauthenticated',
        'This sign-in was not begun in this browser, was used already, or took too long. Begin again.',
      );
    return said;
  }

  #seal(purpose: string, text: string): string {
    return createHmac('sha256', this.#key).update(`${purpose} ${text}`).digest('base64url');
  }
}
