import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import { DomainError } from '../domain/errors.ts';
import type { KeyId } from '../domain/people.ts';
import { isP256, keyIdOf, publicPem } from './keys.ts';

/** A private ECDSA P-256 key, however it is held. */
export interface SigningKey {
  readonly keyId: KeyId;
  /** SPKI PEM. */
  readonly publicKey: string;
  /** ECDSA with SHA-256 over `bytes`, ASN.1 DER. */
  sign(bytes: Uint8Array): Promise<Buffer>;
}

export function pemSigningKey(key: KeyObject): SigningKey {
  if (!isP256(key)) throw new DomainError('config-invalid', 'The private key is not an ECDSA P-256 key.');
  return {
    keyId: keyIdOf(key),
    publicKey: publicPem(createPublicKey(key)),
    sign: async (bytes) => sign('sha256', bytes, key),
  };
}
