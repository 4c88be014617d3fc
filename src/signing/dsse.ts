import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { DomainError } from '../domain/errors.ts';
import type { PersonKey } from '../domain/people.ts';
import { type Envelope, payloadType } from '../domain/statements.ts';
import { canonicalJson } from '../platform/hash.ts';
import { isP256, keyIdOf } from './keys.ts';

/** Pre-authentication encoding of DSSE v1 (secure-systems-lab/dsse, protocol.md): what the signature is over. */
export function preAuthenticationEncoding(payload: Uint8Array): Buffer {
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `, 'ascii'),
    payload,
  ]);
}

/** Signs the RFC 8785 form of `statement`: ECDSA P-256, SHA-256, ASN.1 DER, as `openssl dgst -sha256 -verify` reads it. */
export function signStatement(statement: unknown, privateKey: KeyObject): Envelope {
  const payload = canonicalJson(statement);
  const sig = sign('sha256', preAuthenticationEncoding(payload), privateKey);
  return {
    payloadType,
    payload: payload.toString('base64'),
    signatures: [{ keyid: keyIdOf(privateKey), sig: sig.toString('base64') }],
  };
}

/**
 * The payload, once its signature by one of `keys` holds. Throws `signature-invalid` for an unknown key, a bad
 * signature or base64 that is not in canonical form.
 */
export function openEnvelope(envelope: Envelope, keys: readonly Pick<PersonKey, 'keyId' | 'publicKey'>[]): Buffer {
  const [signature] = envelope.signatures;
  const known = keys.find((key) => key.keyId === signature?.keyid);
  if (!signature || !known)
    throw new DomainError('signature-invalid', 'The signature is by a key that is not registered for this signer.');
  const payload = strictBase64(envelope.payload);
  const key = createPublicKey(known.publicKey);
  if (!isP256(key) || keyIdOf(key) !== known.keyId) {
    throw new DomainError('signature-invalid', 'The registered key is not the ECDSA P-256 key that its name says.');
  }
  if (!verify('sha256', preAuthenticationEncoding(payload), key, strictBase64(signature.sig))) {
    throw new DomainError('signature-invalid', 'The signature does not match what it is said to sign.');
  }
  return payload;
}

function strictBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text)
    throw new DomainError('signature-invalid', 'The envelope is not in canonical base64.');
  return bytes;
}
