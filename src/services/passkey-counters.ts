import type { Standing } from '../catalog/standing.ts';
import { type Envelope, signatureCounter } from '../domain/statements.ts';
import { requireCounter } from '../signing/webauthn.ts';

/** Every passkey under this envelope has counted on since it last signed, as the ledger remembers. */
export function requireFreshCounters({ signatures }: Pick<Envelope, 'signatures'>, standing: Standing): void {
  for (const { keyid, webauthn } of signatures) {
    if (webauthn) requireCounter(signatureCounter(webauthn), standing.counter(keyid));
  }
}
