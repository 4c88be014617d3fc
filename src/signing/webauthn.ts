import { hash, verify } from 'node:crypto';
import { z } from 'zod';
import { DomainError } from '../domain/errors.ts';
import type { KeyOf } from '../domain/people.ts';
import type { WebAuthnEvidence } from '../domain/statements.ts';
import { readPublicKey } from './keys.ts';

/** Flags of authenticator data (WebAuthn Level 3, 6.1). */
const flags = { userPresent: 0x01, userVerified: 0x04, attestedCredential: 0x40, extensions: 0x80 };
const headBytes = 37;

export type AuthenticatorData = { rpIdHash: Buffer; flags: number; counter: number; rest: Buffer };

/** The fixed head of authenticator data: SHA-256 of the relying party's id, flags, signature counter. */
export function parseAuthenticatorData(bytes: Buffer): AuthenticatorData {
  if (bytes.length < headBytes) throw refused('its authenticator data is cut off');
  return {
    rpIdHash: bytes.subarray(0, 32),
    flags: bytes.readUInt8(32),
    counter: bytes.readUInt32BE(33),
    rest: bytes.subarray(headBytes),
  };
}

/** What the browser signed for (5.8.1). Members that are not named here may come with later levels and mean nothing to us. */
const ClientData = z.looseObject({
  type: z.string(),
  challenge: z.string(),
  origin: z.string(),
  crossOrigin: z.boolean().optional(),
  topOrigin: z.string().optional(),
});

/** The challenge over a signed payload: SHA-256 of its bytes, base64url as it stands in the client data. */
export const challengeOf = (payload: Uint8Array): string => hash('sha256', payload, 'base64url');

/** Checks client data of either ceremony against what was asked for. Throws `signature-invalid`, saying which member. */
export function requireClientData(
  bytes: Buffer,
  about: { type: 'webauthn.create' | 'webauthn.get'; challenge: string; origin: string },
): void {
  const parsed = ClientData.safeParse(parseJson(bytes));
  if (!parsed.success) throw refused('its client data cannot be read');
  const { type, challenge, origin, crossOrigin, topOrigin } = parsed.data;
  if (type !== about.type) throw refused(`it is of the type ${shown(type)}, not ${about.type}`);
  if (challenge !== about.challenge) throw refused('it was made for another statement');
  if (origin !== about.origin) throw refused(`it was made at ${shown(origin)}, not at ${about.origin}`);
  // A page inside somebody else's page: the person may not have seen what they signed.
  if (crossOrigin === true || topOrigin !== undefined) throw refused('it was made inside a page of another origin');
}

/** Checks relying party, presence and verification of the person. */
export function requireAuthenticator(data: AuthenticatorData, rpId: string): void {
  if (!data.rpIdHash.equals(hash('sha256', rpId, 'buffer'))) throw refused(`it is not for ${rpId}`);
  if ((data.flags & flags.userPresent) === 0) throw refused('nobody touched the authenticator');
  if ((data.flags & flags.userVerified) === 0)
    throw refused('the authenticator did not verify the person (PIN or fingerprint)');
}

/**
 * Checks an assertion over `payload` by an enrolled passkey (7.2): client data, relying party, presence and verification,
 * and the ECDSA signature over authenticator data ‖ SHA-256(client data). No network, no library: the signer and an
 * auditor do the same years later. The counter is judged by `requireCounter`, by whoever knows the last one.
 */
export function verifyAssertion(
  payload: Uint8Array,
  sig: Buffer,
  evidence: WebAuthnEvidence,
  key: KeyOf<'passkey'>,
): void {
  const authenticatorData = strictBase64(evidence.authenticatorData);
  const clientData = strictBase64(evidence.clientDataJSON);
  requireClientData(clientData, { type: 'webauthn.get', challenge: challengeOf(payload), origin: key.origin });
  const data = parseAuthenticatorData(authenticatorData);
  requireAuthenticator(data, key.rpId);
  if ((data.flags & flags.attestedCredential) !== 0) throw refused('it brings a new credential');
  if (data.rest.length > 0 !== ((data.flags & flags.extensions) !== 0)) throw refused('its length and flags differ');
  const signed = Buffer.concat([authenticatorData, hash('sha256', clientData, 'buffer')]);
  if (!verify('sha256', signed, readPublicKey(key.publicKey).key, sig)) throw refused('its signature does not match');
}

/** A counter that stands still or goes back tells of a second copy of the key (6.1.1); 0 for ever means that it has none. */
export function requireCounter(counter: number, last: number): void {
  if (counter > last || (counter === 0 && last === 0)) return;
  throw refused('its signature counter went back: there may be a copy of it, so revoke it');
}

function strictBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw refused('it is not in canonical base64');
  return bytes;
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

const shown = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 60);
const refused = (why: string) => new DomainError('signature-invalid', `The passkey's answer does not count: ${why}.`);
