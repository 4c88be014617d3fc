import { readFileSync, statSync } from 'node:fs';
import type { Command } from 'commander';
import { readPrivateKey } from '../signing/keys.ts';
import { pkcs12SigningKey } from '../signing/pkcs12-key.ts';
import { pemSigningKey, type SigningKey } from '../signing/signing-key.ts';
import { usage } from './output.ts';

export type SigningKeyOptions = { key?: string; passphraseFile?: string };

export const signingKeyOptions = (command: Command): Command =>
  command
    .requiredOption('--key <file>', 'their private key (PEM or PKCS#12, mode 0600); it never leaves this process')
    .option('--passphrase-file <file>', 'of a PKCS#12 key: holds its passphrase, mode 0600 (or set KEYWAY_PASSPHRASE)');

/** The person's own key, however they hold it. */
export async function openSigningKey({ key = '', passphraseFile }: SigningKeyOptions): Promise<SigningKey> {
  if (!/\.(p12|pfx)$/i.test(key)) return pemSigningKey(readPrivateKey(key));
  return pkcs12SigningKey(readSecret(key, '--key'), passphrase(passphraseFile));
}

function passphrase(file: string | undefined): string {
  if (file !== undefined)
    return readSecret(file, '--passphrase-file')
      .toString('utf8')
      .replace(/\r?\n$/, '');
  const given = process.env.KEYWAY_PASSPHRASE;
  if (given === undefined)
    throw usage('A PKCS#12 key has a passphrase: name the file that holds it.', '--passphrase-file');
  return given;
}

function readSecret(file: string, field: string): Buffer {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat?.isFile()) throw usage(`${file} cannot be opened.`, field);
  if ((stat.mode & 0o077) !== 0) throw usage(`${file} must be one that only its owner may read (mode 0600).`, field);
  return readFileSync(file);
}
