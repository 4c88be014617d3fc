import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import type { KeyId } from '../domain/people.ts';
import { digestOf } from '../platform/hash.ts';
import { readOwnFile } from '../platform/secret.ts';

/** The key's name everywhere: SHA-256 of its SubjectPublicKeyInfo DER (RFC 5280 4.1.2.7). */
export const keyIdOf = (key: KeyObject): KeyId =>
  digestOf((key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' }));

export const newP256Key = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
export const newEd25519Key = (): KeyObject => generateKeyPairSync('ed25519').privateKey;

export const privatePem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();
export const publicPem = (key: KeyObject): string =>
  (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'pem' }).toString();

export const isP256 = (key: KeyObject): boolean =>
  key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';

/** A public key, and what is known of it. */
export type ReadKey = { key: KeyObject; keyId: KeyId; isP256: boolean };
const readKeys = new Map<string, ReadKey>();

/**
 * Reads a public key from SPKI PEM. That costs as much as a signature that is checked with it, and a few people's keys come
 * again and again: the last ones are remembered by their exact text.
 */
export function readPublicKey(pem: string): ReadKey {
  const known = readKeys.get(pem);
  if (known) return known;
  const key = createPublicKey(pem);
  const read = { key, keyId: keyIdOf(key), isP256: isP256(key) };
  const [oldest] = readKeys.keys();
  if (oldest !== undefined && readKeys.size >= limits.publicKeysRemembered) readKeys.delete(oldest);
  readKeys.set(pem, read);
  return read;
}

/**
 * Reads a private key that only its owner may read. Refuses a symbolic link, a file of another kind and one that a
 * group or others may read. With a passphrase the key must be one in encrypted PKCS#8 (RFC 5958): the old PEM encryption
 * of OpenSSL hashes the passphrase once, with MD5. Throws `config-invalid` with the path, never with content.
 */
export function readPrivateKey(path: string, passphrase?: string): KeyObject {
  const pem = readOwnFile(path).toString('utf8');
  const encrypted = pem.includes('-----BEGIN ENCRYPTED PRIVATE KEY-----');
  if (encrypted && passphrase === undefined)
    throw new DomainError('config-invalid', `The key file ${path} is encrypted, and no passphrase is given.`);
  if (!encrypted && passphrase !== undefined)
    throw new DomainError(
      'config-invalid',
      `The key file ${path} is not encrypted although a passphrase is given; encrypt it: openssl pkcs8 -topk8 -scrypt.`,
    );
  try {
    return createPrivateKey(passphrase === undefined ? pem : { key: pem, passphrase });
  } catch (error) {
    const what = encrypted ? 'cannot be opened with its passphrase' : 'does not hold a private key in PEM form';
    throw new DomainError('config-invalid', `The key file ${path} ${what}.`, { cause: error });
  }
}
