import { createHmac, timingSafeEqual } from 'node:crypto';
import type { RandomBytes } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { Clock } from '../platform/clock.ts';
import { passwordFits } from '../platform/password.ts';

type Known = { tag: Buffer; until: number };
type Parts = { clock: Clock; random: RandomBytes; fits?: typeof passwordFits };

/**
 * A control logs in anew for each program that it takes, and argon2id costs more than all the rest of that. What fitted a
 * verifier is known again for a while by an HMAC under a key that this process alone has; it is never written. Whatever
 * is wrong costs what it always cost, and a verifier that is no more in the register is not asked for.
 */
export class KnownPasswords {
  readonly #clock: Clock;
  readonly #fits: typeof passwordFits;
  readonly #key: Uint8Array;
  /** By verifier, the oldest first. */
  readonly #known = new Map<string, Known>();

  constructor({ clock, random, fits = passwordFits }: Parts) {
    this.#clock = clock;
    this.#fits = fits;
    this.#key = random(32);
  }

  /** As `passwordFits`. */
  async fit(password: string, phc: string | undefined): Promise<boolean> {
    if (phc !== undefined && this.#isKnown(password, phc)) return true;
    const fits = await this.#fits(password, phc);
    if (fits && phc !== undefined) this.#remember(password, phc);
    return fits;
  }

  #isKnown(password: string, phc: string): boolean {
    const known = this.#known.get(phc);
    return known !== undefined && this.#clock() < known.until && timingSafeEqual(known.tag, this.#tagOf(password));
  }

  #remember(password: string, phc: string): void {
    this.#known.delete(phc);
    const oldest = this.#known.size >= limits.passwordsKnown ? this.#known.keys().next() : undefined;
    if (oldest && !oldest.done) this.#known.delete(oldest.value);
    this.#known.set(phc, { tag: this.#tagOf(password), until: this.#clock() + limits.passwordKnownMs });
  }

  #tagOf(password: string): Buffer {
    return createHmac('sha256', this.#key).update(password).digest();
  }
}
