import { DomainError } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';
import type { KeyId } from '../../domain/people.ts';

/**
 * Remembers the nonces of signed requests for as long as their signature would be accepted, each key's on their own so
 * that nobody can use up what others need. Lost at a restart, which is why signatures from before it are refused.
 */
export class Nonces {
  readonly #seen = new Map<KeyId, Map<string, number>>();

  /**
   * To be called once the signature holds. Times are seconds since the epoch. Throws `unauthenticated` for a nonce that
   * was used before, `busy` when this key used too many.
   */
  use(keyId: KeyId, nonce: string, now: number, until: number): void {
    const seen = this.#seen.get(keyId) ?? new Map<string, number>();
    this.#seen.set(keyId, seen);
    if ((seen.get(nonce) ?? Number.NEGATIVE_INFINITY) >= now)
      throw new DomainError('unauthenticated', 'This signed request was received before.');
    if (seen.size >= limits.requestNoncesPerKey) {
      for (const [old, oldUntil] of seen) if (oldUntil < now) seen.delete(old);
      if (seen.size >= limits.requestNoncesPerKey) {
        throw new DomainError('busy', 'This key signed too many requests in the last minutes. Try again later.');
      }
    }
    seen.set(nonce, until);
  }
}
