import { createPublicKey, X509Certificate } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DomainError } from '../../domain/errors.ts';
import { formatVerifierKey } from '../../merkle/note.ts';
import type { Config } from '../../platform/config.ts';
import { readSecret, secretFile } from '../../platform/secret.ts';
import { KeyFolder } from '../../signing/initialise.ts';
import { ledgerKeyFile, releaseKeyFile } from '../../signing/key-files.ts';
import { keyIdOf, readPrivateKey } from '../../signing/keys.ts';
import type { Trust } from '../../signing/trust.ts';

/** The keys of the gateway on this machine, under the passphrase that its configuration names. */
export function gatewayKeys({ paths, signer }: Config) {
  const passphrase = signer.passphrase && readSecret(secretFile(signer.passphrase, process.env.CREDENTIALS_DIRECTORY));
  const names = (pattern: RegExp) =>
    (existsSync(paths.keys) ? readdirSync(paths.keys) : []).filter((name) => pattern.test(name));
  const read = (name: string) => readPrivateKey(join(paths.keys, name), passphrase);
  return {
    folder: new KeyFolder(paths.keys, passphrase),
    passphrase,
    read,
    releaseKeyFiles: () => names(/^release-[0-9a-f]{16}\.key\.pem$/),
    ledgerKeyFiles: () => names(/^ledger-[0-9a-f]{8}\.key\.pem$/),
    /** The one pair that is there, as verifier keys; undefined where there is none. Throws `conflict` for more. */
    soleLedgerPair(origin: string): string[] | undefined {
      const keys = this.ledgerKeyFiles().map(read);
      if (keys.length === 0) return undefined;
      const ordered = [...keys].sort((a, b) => kindOf(a.asymmetricKeyType) - kindOf(b.asymmetricKeyType));
      if (ordered.length !== 2 || ordered.map((key) => kindOf(key.asymmetricKeyType)).join() !== '0,1')
        throw new DomainError('conflict', `${paths.keys} holds other ledger keys than one pair; put the others away.`);
      return ordered.map((key) => formatVerifierKey(origin, createPublicKey(key)));
    },
    /** Throws `config-invalid` where the key of this certificate is not here, and no token holds it. */
    requireReleaseKey(certificate: string): void {
      const name = releaseKeyFile(keyIdOf(new X509Certificate(certificate).publicKey));
      if (signer.token || existsSync(join(paths.keys, name))) return;
      throw new DomainError(
        'config-invalid',
        `The certificate is for a key that is not here: ${join(paths.keys, name)}.`,
      );
    },
    /** Throws `config-invalid` where a key is not here that this root lets sign. */
    requireKeysOf(trust: Trust): void {
      const { entry, certificate } = trust.release;
      if (!entry.revoked) this.requireReleaseKey(certificate.toString());
      const missing = trust.ledgerVerifiers.map(ledgerKeyFile).find((name) => !existsSync(join(paths.keys, name)));
      if (missing === undefined) return;
      throw new DomainError('config-invalid', `The ledger key ${join(paths.keys, missing)} is not here.`);
    },
  };
}

const kindOf = (type: string | undefined): number => (type === 'ed25519' ? 0 : 1);
