import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';

/** Where a passphrase or PIN stands, never the word itself: a file of ours, or a credential that systemd hands over. */
export type SecretPlace = { file: string } | { credential: string };

/** A secret's file. systemd guards the folder of its credentials itself (systemd.exec(5), Credentials). */
export type SecretFile = { path: string; guarded: boolean };

/** Throws `config-invalid` where a credential is named and systemd gave us none. */
export function secretFile(place: SecretPlace, credentialsFolder: string | undefined): SecretFile {
  if ('file' in place) return { path: place.file, guarded: false };
  if (credentialsFolder === undefined || !isAbsolute(credentialsFolder))
    throw new DomainError(
      'config-invalid',
      `The credential ${place.credential} is not there: $CREDENTIALS_DIRECTORY is not set. Add LoadCredentialEncrypted= to the unit.`,
    );
  return { path: join(credentialsFolder, place.credential), guarded: true };
}

/**
 * The word in a file that only its owner may read, without the line end that editors leave. Refuses a symbolic link.
 * Throws `config-invalid` with the path, never with content.
 */
export function readSecret({ path, guarded }: SecretFile): string {
  const bytes = readOwnFile(path, { guarded });
  if (bytes.length > limits.secretBytes)
    throw new DomainError('config-invalid', `${path} is larger than ${limits.secretBytes} bytes: no passphrase.`);
  const word = bytes.toString('utf8').replace(/\r?\n$/, '');
  if (word === '') throw new DomainError('config-invalid', `${path} is empty.`);
  return word;
}

/** The bytes of a regular file that neither a group nor others may read, unless its folder is `guarded`. */
export function readOwnFile(path: string, { guarded = false }: { guarded?: boolean } = {}): Buffer {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    throw new DomainError('config-invalid', `The file ${path} cannot be opened.`, { cause: error });
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile() || (!guarded && (stat.mode & 0o077) !== 0)) {
      throw new DomainError(
        'config-invalid',
        `The file ${path} must be a regular file that only its owner may read (mode 0600).`,
      );
    }
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}
