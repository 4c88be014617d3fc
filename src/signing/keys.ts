import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { DomainError } from '../domain/errors.ts';
import type { KeyId } from '../domain/people.ts';
import { digestOf } from '../platform/hash.ts';

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

/**
 * Reads a private key that only its owner may read. Refuses a symbolic link, a file of another kind and one that a
 * group or others may read. Throws `config-invalid` with the path, never with content.
 */
export function readPrivateKey(path: string): KeyObject {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    throw new DomainError('config-invalid', `The key file ${path} cannot be opened.`, { cause: error });
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile() || (stat.mode & 0o077) !== 0) {
      throw new DomainError(
        'config-invalid',
        `The key file ${path} must be a regular file that only its owner may read (mode 0600).`,
      );
    }
    return createPrivateKey(readFileSync(fd));
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw new DomainError('config-invalid', `The key file ${path} does not hold a private key in PEM form.`, {
      cause: error,
    });
  } finally {
    closeSync(fd);
  }
}
