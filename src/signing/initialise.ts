import { createPrivateKey, createPublicKey, type KeyObject, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DomainError } from '../domain/errors.ts';
import type { PersonId } from '../domain/ids.ts';
import { formatVerifierKey, parseVerifierKey } from '../merkle/note.ts';
import { rfc3339 } from '../platform/clock.ts';
import { createFile, replaceFile } from '../platform/durable-file.ts';
import { keyFiles, ledgerKeyFile, releaseKeyFile } from './key-files.ts';
import { keyIdOf, newEd25519Key, newP256Key, privatePem } from './keys.ts';
import type { SigningKey } from './signing-key.ts';
import { parseTrust } from './trust.ts';
import { formatTrustFile, type TrustFile, type TrustRoot } from './trust-root.ts';
import { signTrust } from './trust-signatures.ts';

type Issued = { privateKeyPem: string; certificatePem: string };
/** What a development PKI makes. */
export type IssuedKeys = {
  authority: string;
  release: Issued;
  tls: Issued;
  /** OpenSSH private key of the SFTP door. */
  sshHostKey: string;
  administrators: readonly { person: PersonId; key: SigningKey }[];
  expiresMs: number;
};

/**
 * Makes the keys of a new gateway and its trust file, signed by all its administrators. The trust file is written last:
 * a crash before it leaves keys that signed nothing, and the next attempt makes new ones. Throws `conflict` where a
 * gateway already is.
 */
export async function initialiseKeys(
  paths: { keys: string; trust: string },
  origin: string,
  { authority, release, tls, sshHostKey, administrators, expiresMs }: IssuedKeys,
  nowMs: number,
): Promise<void> {
  requireNoGateway(paths.trust);
  const keys = new KeyFolder(paths.keys);
  keys.write(keyFiles.authority, authority);
  keys.write(keyFiles.tls, tls.privateKeyPem);
  keys.write(keyFiles.tlsCertificate, tls.certificatePem);
  keys.write(keyFiles.sshHost, sshHostKey);
  keys.write(keyFiles.seal, newSealKey());
  keys.keepReleaseKey(createPrivateKey(release.privateKeyPem));
  const root = firstRoot({
    origin,
    nowMs,
    expiresMs,
    threshold: administrators.length,
    administrators: administrators.map(({ person, key: { keyId, publicKey } }) => ({ person, keyId, publicKey })),
    release: { certificate: release.certificatePem },
    vkeys: keys.newLedgerKeys(origin),
    authorities: [{ name: 'Development', certificate: authority, for: ['release', 'tls'] }],
  });
  let file: TrustFile = { root, signatures: [] };
  for (const { key } of administrators) file = await signTrust(file, key);
  parseTrust(file);
  createFile(paths.trust, formatTrustFile(file), 0o644);
}

export function requireNoGateway(trustFile: string): void {
  if (!existsSync(trustFile)) return;
  throw new DomainError('conflict', `${trustFile} is already there: this gateway is initialised.`);
}

export const newSealKey = (): string => randomBytes(32).toString('hex');

/** The folder of the gateway's keys; what it makes is durable before anything names it. */
export class KeyFolder {
  readonly #path: string;
  readonly #passphrase: string | undefined;

  /** With a passphrase what the signer opens is encrypted. */
  constructor(path: string, passphrase?: string) {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    this.#path = path;
    this.#passphrase = passphrase;
  }

  write(name: string, text: string): string {
    const path = join(this.#path, name);
    replaceFile(path, text);
    return path;
  }

  keepReleaseKey(key: KeyObject): string {
    return this.write(releaseKeyFile(keyIdOf(key)), privatePem(key, this.#passphrase));
  }

  /** A new pair; gives its verifier keys. */
  newLedgerKeys(origin: string): string[] {
    return [newEd25519Key(), newP256Key()].map((key) => this.#keepLedgerKey(origin, key));
  }

  #keepLedgerKey(origin: string, key: KeyObject): string {
    const vkey = formatVerifierKey(origin, createPublicKey(key));
    this.write(ledgerKeyFile(parseVerifierKey(vkey)), privatePem(key, this.#passphrase));
    return vkey;
  }
}

type Named<K extends keyof TrustRoot> = TrustRoot[K] extends (infer T)[] ? Omit<T, 'from' | 'until'> : never;

/** Version 1; everything in it is in force from now on. */
export function firstRoot(parts: {
  origin: string;
  nowMs: number;
  expiresMs: number;
  threshold: number;
  administrators: readonly Named<'administrators'>[];
  release: { certificate: string; chain?: string[] };
  vkeys: string[];
  authorities: readonly Named<'authorities'>[];
  timestampAuthorities?: readonly Named<'timestampAuthorities'>[];
}): TrustRoot {
  const from = rfc3339(parts.nowMs);
  const beginning = <T extends object>(one: T) => ({ ...one, from });
  return {
    v: 2,
    version: 1,
    origin: parts.origin,
    created: from,
    expires: rfc3339(parts.expiresMs),
    threshold: parts.threshold,
    administrators: parts.administrators.map(beginning),
    releaseKeys: [beginning(parts.release)],
    ledgerKeys: [beginning({ vkeys: parts.vkeys })],
    timestampAuthorities: (parts.timestampAuthorities ?? []).map(beginning),
    authorities: parts.authorities.map(beginning),
  };
}
