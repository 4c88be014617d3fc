import { createPublicKey, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DomainError } from '../domain/errors.ts';
import { formatVerifierKey } from '../merkle/note.ts';
import { createFile, replaceFile } from '../platform/durable-file.ts';
import { keyFiles } from './key-files.ts';
import { newEd25519Key, newP256Key, privatePem } from './keys.ts';
import { parseTrust, type TrustFile } from './trust.ts';

/** Certificates and keys that somebody else makes: a development PKI, or the company's own CA. */
export type IssuedKeys = {
  authority: string;
  release: { privateKeyPem: string; certificatePem: string };
  tls: { privateKeyPem: string; certificatePem: string };
  /** OpenSSH private key of the SFTP door. */
  sshHostKey: string;
  administrators: TrustFile['administrators'];
};

/**
 * Makes the keys of a new gateway and its trust file. The trust file is written last: a crash before it leaves keys
 * that signed nothing, and the next attempt writes them anew. Throws `conflict` where a gateway already is.
 */
export function initialiseKeys(paths: { keys: string; trust: string }, origin: string, issued: IssuedKeys): void {
  if (existsSync(paths.trust))
    throw new DomainError('conflict', `${paths.trust} is already there: this gateway is initialised.`);
  mkdirSync(paths.keys, { recursive: true, mode: 0o700 });
  const ledgerKeys = [newEd25519Key(), newP256Key()] as const;
  const files: [string, string][] = [
    [keyFiles.authority, issued.authority],
    [keyFiles.release, issued.release.privateKeyPem],
    [keyFiles.releaseCertificate, issued.release.certificatePem],
    [keyFiles.tls, issued.tls.privateKeyPem],
    [keyFiles.tlsCertificate, issued.tls.certificatePem],
    [keyFiles.sshHost, issued.sshHostKey],
    [keyFiles.ledgerEd25519, privatePem(ledgerKeys[0])],
    [keyFiles.ledgerP256, privatePem(ledgerKeys[1])],
    [keyFiles.seal, randomBytes(32).toString('hex')],
  ];
  for (const [name, text] of files) replaceFile(join(paths.keys, name), text);
  const trust: TrustFile = {
    v: 1,
    origin,
    ledgerKeys: ledgerKeys.map((key) => formatVerifierKey(origin, createPublicKey(key))),
    releaseCertificate: issued.release.certificatePem,
    authority: issued.authority,
    administrators: issued.administrators,
  };
  parseTrust(trust);
  createFile(paths.trust, `${JSON.stringify(trust, null, 2)}\n`, 0o644);
}
