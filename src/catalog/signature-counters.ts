import type { KeyId, PersonKey } from '../domain/people.ts';
import { type Envelope, signatureCounter } from '../domain/statements.ts';

/** Passkeys count their signatures: what was seen once may not be offered again by a copy of the key. */
export class SignatureCounters {
  readonly #highest = new Map<KeyId, number>();

  /** The highest that the key has shown, or was enrolled with. */
  of(keyId: KeyId, enrolled: PersonKey | undefined): number {
    return this.#highest.get(keyId) ?? (enrolled?.assurance === 'passkey' ? enrolled.counter : 0);
  }

  see({ signatures }: Envelope): void {
    for (const { keyid, webauthn } of signatures) {
      if (webauthn) this.#highest.set(keyid, Math.max(signatureCounter(webauthn), this.#highest.get(keyid) ?? 0));
    }
  }
}
