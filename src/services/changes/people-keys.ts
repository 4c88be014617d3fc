import { createPublicKey } from 'node:crypto';
import { DomainError } from '../../domain/errors.ts';
import { isCurrent, type PersonKey } from '../../domain/people.ts';
import { isP256, keyIdOf } from '../../signing/keys.ts';

/** A key that a person can sign with: ECDSA P-256, under its own name, in force. Throws `request-invalid`. */
export function requireGoodKey(key: PersonKey, timeMs: number): void {
  const field = { field: 'keys' };
  let parsed: ReturnType<typeof createPublicKey>;
  try {
    parsed = createPublicKey(key.publicKey);
  } catch (cause) {
    throw new DomainError('request-invalid', 'The public key cannot be read.', { ...field, cause });
  }
  if (!isP256(parsed)) throw new DomainError('request-invalid', 'People sign with ECDSA P-256 keys.', field);
  if (keyIdOf(parsed) !== key.keyId)
    throw new DomainError('request-invalid', 'The key id is not the digest of the public key.', field);
  if (key.assurance === 'service' && !isCurrent(key.expires, timeMs))
    throw new DomainError('request-invalid', `The service key ${key.name} would already be expired.`, field);
}
