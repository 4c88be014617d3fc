import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
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
export class GatewayKeys {
  readonly folder: KeyFolder;
  readonly #path: string;
  readonly #passphrase: string | undefined;
  readonly #inToken: boolean;

  constructor({ paths, signer }: Config) {
    const { passphrase } = signer;
    this.#passphrase = passphrase && readSecret(secretFile(passphrase, process.env.CREDENTIALS_DIRECTORY));
    this.#path = paths.keys;
    this.#inToken = signer.token !== undefined;
    this.folder = new KeyFolder(paths.keys, this.#passphrase);
  }

  read(name: string): KeyObject {
    return readPrivateKey(join(this.#path, name), this.#passphrase);
  }
  releaseKeyFiles(): string[] {
    return this.#names(/^release-[0-9a-f]{16}\.key\.pem$/);
  }
  ledgerKeyFiles(): string[] {
    return this.#names(/^ledger-[0-9a-f]{8}\.key\.pem$/);
  }
  #names(pattern: RegExp): string[] {
    return readdirSync(this.#path).filter((name) => pattern.test(name));
  }

  /** The one pair that is there, as verifier keys; undefined where there is none. Throws `conflict` for more. */
  soleLedgerPair(origin: string): string[] | undefined {
    const keys = this.ledgerKeyFiles().map((name) => this.read(name));
    if (keys.length === 0) return undefined;
    const ofKind = (type: string) => keys.filter(({ asymmetricKeyType }) => asymmetricKeyType === type);
    const [ed25519, p256] = [ofKind('ed25519'), ofKind('ec')];
    if (ed25519.length !== 1 || p256.length !== 1)
      throw new DomainError('conflict', `${this.#path} holds other ledger keys than one pair; put the others away.`);
    return [...ed25519, ...p256].map((key) => formatVerifierKey(origin, createPublicKey(key)));
  }

  /** Throws `config-invalid` where a key is not here that this root lets sign. */
  requireKeysOf({ release, ledgerVerifiers }: Trust): void {
    if (!release.entry.revoked) this.requireReleaseKey(release.certificate.toString());
    for (const verifier of ledgerVerifiers) this.#requireThere(ledgerKeyFile(verifier));
  }

  /** Throws `config-invalid` where the key of this certificate is not here, and no token holds it. */
  requireReleaseKey(certificate: string): void {
    if (!this.#inToken) this.#requireThere(releaseKeyFile(keyIdOf(new X509Certificate(certificate).publicKey)));
  }

  #requireThere(name: string): void {
    const path = join(this.#path, name);
    if (!existsSync(path)) throw new DomainError('config-invalid', `The key that should be used is not here: ${path}.`);
  }
}
