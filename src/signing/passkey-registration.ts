import { createPublicKey } from 'node:crypto';
import { DomainError } from '../domain/errors.ts';
import type { KeyOf } from '../domain/people.ts';
import { keyIdOf, publicPem } from './keys.ts';
import { parseAuthenticatorData, requireAuthenticator, requireClientData } from './webauthn.ts';

const attested = 0x40;
const extensions = 0x80;
const aaguidBytes = 16;

/**
 * An ES256 public key in CTAP2 canonical CBOR (WebAuthn Level 3, 6.5.1.1; RFC 9053 7.1): kty EC2, alg ES256, crv P-256, x, y. It
 * is the same 10 bytes before x for every such key, so that anything else is another kind of key, or two ways of reading it.
 */
const coseHead = Buffer.from('a5010203262001215820', 'hex');
const coseBetween = Buffer.from('225820', 'hex');
const coseBytes = coseHead.length + 32 + coseBetween.length + 32;

/** SubjectPublicKeyInfo of a P-256 key up to the uncompressed point (RFC 5480). */
const spkiHead = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d03010703420004', 'hex');

/** `{fmt: "none", attStmt: {}, authData: …}` in CTAP2 canonical CBOR, up to the length of authData. */
const noneHead = Buffer.concat([
  Buffer.from('a363', 'hex'),
  Buffer.from('fmt'),
  Buffer.from('64', 'hex'),
  Buffer.from('none'),
  Buffer.from('67', 'hex'),
  Buffer.from('attStmt'),
  Buffer.from('a068', 'hex'),
  Buffer.from('authData'),
]);

export type Registration = { clientDataJSON: Buffer; attestationObject: Buffer };

/**
 * The key that a registration ceremony made (7.1), without attestation: who vouches for it are the administrators that
 * sign its enrolment. Both CBOR forms are fixed for what we take, so they are compared and not interpreted. Throws
 * `signature-invalid` or `request-invalid`, saying which part.
 */
export function passkeyOf(
  { clientDataJSON, attestationObject }: Registration,
  about: { challenge: string; origin: string; rpId: string },
): KeyOf<'passkey'> {
  requireClientData(clientDataJSON, { type: 'webauthn.create', challenge: about.challenge, origin: about.origin });
  const data = parseAuthenticatorData(authDataOf(attestationObject));
  requireAuthenticator(data, about.rpId);
  if ((data.flags & attested) === 0) throw refused('it holds no credential');
  const { credentialId, publicKey, after } = readCredential(data.rest);
  if (after.length > 0 !== ((data.flags & extensions) !== 0)) throw refused('its length and flags differ');
  return {
    assurance: 'passkey',
    keyId: keyIdOf(publicKey),
    publicKey: publicPem(publicKey),
    credentialId: credentialId.toString('base64url'),
    rpId: about.rpId,
    origin: about.origin,
    counter: data.counter,
  };
}

function authDataOf(object: Buffer): Buffer {
  if (!object.subarray(0, noneHead.length).equals(noneHead))
    throw refused('its attestation is not "none" in canonical CBOR');
  const [form, rest] = [object[noneHead.length], object.subarray(noneHead.length + 1)];
  const [length, bytes] =
    form === 0x58 && rest.length > 0
      ? [rest.readUInt8(0), rest.subarray(1)]
      : form === 0x59 && rest.length > 1
        ? [rest.readUInt16BE(0), rest.subarray(2)]
        : [-1, rest];
  if (bytes.length !== length) throw refused('its attestation object is cut off or goes on');
  return bytes;
}

function readCredential(bytes: Buffer) {
  const lengthAt = aaguidBytes;
  if (bytes.length < lengthAt + 2) throw refused('its credential is cut off');
  const idAt = lengthAt + 2;
  const keyAt = idAt + bytes.readUInt16BE(lengthAt);
  const cose = bytes.subarray(keyAt, keyAt + coseBytes);
  const xAt = coseHead.length;
  const betweenAt = xAt + 32;
  const yAt = betweenAt + coseBetween.length;
  const isEs256 =
    cose.length === coseBytes &&
    cose.subarray(0, xAt).equals(coseHead) &&
    cose.subarray(betweenAt, yAt).equals(coseBetween);
  if (!isEs256 || keyAt === idAt) throw refused('its key is not ECDSA P-256 (ES256) in canonical COSE form');
  return {
    credentialId: bytes.subarray(idAt, keyAt),
    publicKey: pointKey(cose.subarray(xAt, betweenAt), cose.subarray(yAt)),
    after: bytes.subarray(keyAt + coseBytes),
  };
}

/** OpenSSL refuses a point that is not on the curve. */
function pointKey(x: Buffer, y: Buffer) {
  try {
    return createPublicKey({ key: Buffer.concat([spkiHead, x, y]), format: 'der', type: 'spki' });
  } catch (cause) {
    throw new DomainError('signature-invalid', 'The passkey cannot be registered: its key is not a point of P-256.', {
      cause,
    });
  }
}

const refused = (why: string) => new DomainError('signature-invalid', `The passkey cannot be registered: ${why}.`);
