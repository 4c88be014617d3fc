import { createPublicKey, verify } from 'node:crypto';
import { DomainError } from '../domain/errors.ts';
import type { PersonId } from '../domain/ids.ts';
import { canonicalJson } from '../platform/hash.ts';
import { preAuthenticationEncoding } from './dsse.ts';
import type { SigningKey } from './signing-key.ts';
import { inForce, type TrustFile, type TrustRoot } from './trust-root.ts';

export const trustPayloadType = 'application/vnd.keyway.trust+json';

/** What administrators sign: the DSSE PAE of the type above and the RFC 8785 JSON of the root. */
export const trustToBeSigned = (root: TrustRoot): Buffer =>
  preAuthenticationEncoding(canonicalJson(root), trustPayloadType);

/** Adds one administrator's signature; the same key again changes nothing. Throws `not-administrator` for another key. */
export async function signTrust(file: TrustFile, key: SigningKey): Promise<TrustFile> {
  if (!file.root.administrators.some(({ keyId }) => keyId === key.keyId))
    throw new DomainError('not-administrator', 'This key is not one of an administrator that the trust root names.');
  if (file.signatures.some(({ keyid }) => keyid === key.keyId)) return file;
  const sig = (await key.sign(trustToBeSigned(file.root))).toString('base64');
  return { root: file.root, signatures: [...file.signatures, { keyid: key.keyId, sig }] };
}

/**
 * Checks every signature of `file` against the keys that its root lists, and says whose of them were in office under
 * `root` at `timeMs`: one person once, whatever their keys. Throws `signature-invalid` for a signature that does not
 * hold, is by a key that is not listed, or stands there twice, as nobody adds one in good faith.
 */
export function trustSigners(file: TrustFile, root: TrustRoot, timeMs: number): Set<PersonId> {
  const bytes = trustToBeSigned(file.root);
  const seen = new Set<string>();
  for (const { keyid, sig } of file.signatures) {
    const known = file.root.administrators.find(({ keyId }) => keyId === keyid);
    if (!known) throw refused(`a signature is by ${keyid}, which is no key of an administrator that it names`);
    if (seen.has(keyid)) throw refused(`${known.person} signed twice with one key`);
    seen.add(keyid);
    const raw = Buffer.from(sig, 'base64');
    if (raw.toString('base64') !== sig || !verify('sha256', bytes, createPublicKey(known.publicKey), raw))
      throw refused(`the signature of ${known.person} is over something else`);
  }
  const inOffice = root.administrators.filter((one) => seen.has(one.keyId) && inForce(one, timeMs));
  return new Set(inOffice.map(({ person }) => person));
}

/** Who of its own administrators signed it. */
export const ownSigners = (file: TrustFile): PersonId[] => [
  ...trustSigners(file, file.root, Date.parse(file.root.created)),
];

/** Throws `signatures-missing` while fewer of its own administrators signed it than it asks for. */
export function requireThreshold(file: TrustFile): void {
  const signed = ownSigners(file).length;
  if (signed >= file.root.threshold) return;
  throw new DomainError(
    'signatures-missing',
    `Version ${file.root.version} of the trust root is signed by ${signed} of the ${file.root.threshold} administrators that it needs; each signs it with "keyway keys sign-root FILE --key KEY".`,
  );
}

const refused = (why: string) => new DomainError('signature-invalid', `The trust root is not accepted: ${why}.`);
