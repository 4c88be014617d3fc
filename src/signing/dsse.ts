import { type KeyObject, sign, verify } from 'node:crypto';
import { DomainError } from '../domain/errors.ts';
import type { KeyId, PersonKey } from '../domain/people.ts';
import { type Envelope, payloadType } from '../domain/statements.ts';
import { canonicalJson } from '../platform/hash.ts';
import { keyIdOf, readPublicKey } from './keys.ts';
import type { SigningKey } from './signing-key.ts';
import { verifyAssertion } from './webauthn.ts';

/** Pre-authentication encoding of DSSE v1 (secure-systems-lab/dsse, protocol.md): what the signature is over. */
export function preAuthenticationEncoding(payload: Uint8Array, type: string = payloadType): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${payload.length} `, 'ascii'), payload]);
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

/** One signature over a payload that is there already, such as one that somebody else signed before. */
export async function signPayload(payload: Buffer, key: SigningKey): Promise<Envelope> {
  const sig = await key.sign(preAuthenticationEncoding(payload));
  return {
    payloadType,
    payload: payload.toString('base64'),
    signatures: [{ keyid: key.keyId, sig: sig.toString('base64') }],
  };
}

/** A key that a signature may be checked with. A passkey's says what it may sign for. */
export type VerifyingKey = { keyId: KeyId; publicKey: string; assurance?: undefined } | PersonKey;

/**
 * The payload, once its one signature by one of `keys` holds. Throws `signature-invalid` for an unknown key, a bad
 * signature, more than one signature or base64 that is not in canonical form.
 */
export function openEnvelope(envelope: Envelope, keys: readonly VerifyingKey[]): Buffer {
  const [signature, ...more] = envelope.signatures;
  const known = keys.find((key) => key.keyId === signature?.keyid);
  if (!signature || !known || more.length > 0)
    throw new DomainError('signature-invalid', 'The signature is by a key that is not registered for this signer.');
  const payload = strictBase64(envelope.payload);
  verifySignature(signature, payload, known);
  return payload;
}

/** The payload, once every one of its signatures holds, each by another of `keys`. Throws as `openEnvelope`. */
export function openCosigned<K extends VerifyingKey>(
  envelope: Envelope,
  keys: readonly K[],
): { payload: Buffer; signers: K[] } {
  const payload = strictBase64(envelope.payload);
  const signers = envelope.signatures.map((signature) => {
    const known = keys.find((key) => key.keyId === signature.keyid);
    if (!known)
      throw new DomainError('signature-invalid', 'A signature is by a key that is not registered for its signer.');
    verifySignature(signature, payload, known);
    return known;
  });
  if (new Set(signers).size !== signers.length) throw new DomainError('signature-invalid', 'One key signed twice.');
  return { payload, signers };
}

function verifySignature(signature: Envelope['signatures'][number], payload: Buffer, known: VerifyingKey): void {
  const { key, keyId, isP256 } = readPublicKey(known.publicKey);
  if (!isP256 || keyId !== known.keyId)
    throw new DomainError('signature-invalid', 'The registered key is not the ECDSA P-256 key that its name says.');
  const sig = strictBase64(signature.sig);
  if (known.assurance === 'service')
    throw new DomainError('signature-invalid', 'A service key signs requests and nothing else.');
  if ((known.assurance === 'passkey') !== (signature.webauthn !== undefined))
    throw new DomainError('signature-invalid', 'A passkey signs through a browser, and no other key does.');
  if (known.assurance === 'passkey' && signature.webauthn) verifyAssertion(payload, sig, signature.webauthn, known);
  else if (!verify('sha256', preAuthenticationEncoding(payload), key, sig))
    throw new DomainError('signature-invalid', 'The signature does not match what it is said to sign.');
}

function strictBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text)
    throw new DomainError('signature-invalid', 'The envelope is not in canonical base64.');
  return bytes;
}
