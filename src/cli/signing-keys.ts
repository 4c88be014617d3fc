import type { Command } from 'commander';
import { readOwnFile, readSecret } from '../platform/secret.ts';
import { readPrivateKey } from '../signing/keys.ts';
import { pemSigningKey, type SigningKey } from '../signing/signing-key.ts';
import { TokenKey } from '../signing/token-key.ts';
import { askSecret } from './ask-secret.ts';
import { usage } from './output.ts';

export type TokenOptions = { token?: string; tokenLabel?: string; keyLabel?: string; pinFile?: string };
export type SigningKeyOptions = TokenOptions & { key?: string; passphraseFile?: string };

export const tokenOptions = (command: Command): Command =>
  command
    .option('--token <module>', 'their card or token: the path of its PKCS#11 module')
    .option('--token-label <label>', 'with --token: the name of the token')
    .option('--key-label <label>', 'with --token: the name of the key, where it holds several')
    .option('--pin-file <file>', 'with --token: holds the PIN, mode 0600 (or set KEYWAY_PIN, or be asked)');

export const signingKeyOptions = (command: Command): Command =>
  tokenOptions(
    command
      .option('--key <file>', 'their private key (PEM or PKCS#12, mode 0600); it never leaves this process')
      .option(
        '--passphrase-file <file>',
        'of an encrypted key: holds its passphrase, mode 0600 (or set KEYWAY_PASSPHRASE, or be asked)',
      ),
  );

/** The person's own key, however they hold it. */
export async function openSigningKey(options: SigningKeyOptions): Promise<SigningKey> {
  const { key, token, passphraseFile } = options;
  if ((key === undefined) === (token === undefined)) throw usage('Give one of --key and --token.', '--key');
  if (key === undefined) return openTokenKey(options);
  const passphrase = () => secret('passphrase', passphraseFile, process.env.KEYWAY_PASSPHRASE, '--passphrase-file');
  if (/\.(p12|pfx)$/i.test(key)) {
    // Loaded here only: reading PKCS#12 takes a library that every other command would start slower for.
    const { pkcs12SigningKey } = await import('../signing/pkcs12-key.ts');
    return pkcs12SigningKey(readOwnFile(key), await passphrase());
  }
  const isEncrypted = readOwnFile(key).includes('-----BEGIN ENCRYPTED PRIVATE KEY-----');
  return pemSigningKey(readPrivateKey(key, isEncrypted ? await passphrase() : undefined));
}

export async function openTokenKey({ token, tokenLabel, keyLabel, pinFile }: TokenOptions): Promise<TokenKey> {
  if (token === undefined || tokenLabel === undefined) throw usage('Say which token it is.', '--token-label');
  const pin = await secret('PIN', pinFile, process.env.KEYWAY_PIN, '--pin-file');
  return TokenKey.open({ module: token, tokenLabel, keyLabel }, pin);
}

/** From the file that was named, the environment, or whoever sits there. */
async function secret(
  what: string,
  file: string | undefined,
  given: string | undefined,
  option: string,
): Promise<string> {
  if (file !== undefined) return readSecret({ path: file, guarded: false });
  const said = given ?? (await askSecret(`${what}: `));
  if (said === undefined) throw usage(`The ${what} is needed: name the file that holds it.`, option);
  return said;
}
