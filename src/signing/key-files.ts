import { createSecretKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyId } from '../domain/people.ts';
import type { NoteVerifier } from '../merkle/note.ts';

/** Names in the keys folder (mode 0700). */
export const keyFiles = {
  /** Transport keys: held by the door that speaks the protocol, good for nothing but that. */
  tls: 'tls.key.pem',
  tlsCertificate: 'tls.crt.pem',
  /** Of the development PKI, or of the company: what a client is told to trust. Read by nothing of the gateway. */
  authority: 'ca.crt.pem',
  sshHost: 'sftp-host-ed25519.key.pem',
  /** Seals batches that no checkpoint covers yet; read by the core (see ledger.ts). */
  seal: 'ledger-seal.key',
} as const;

/**
 * Keys of the release and the ledger, which only the signer process opens, stand under their own ids: the trust root
 * says which of them sign, so that putting a new root in force changes root and keys in one step.
 */
export const releaseKeyFile = (keyId: KeyId): string => `release-${keyId.slice(7, 23)}.key.pem`;
export const ledgerKeyFile = ({ keyId }: Pick<NoteVerifier, 'keyId'>): string =>
  `ledger-${keyId.toString('hex')}.key.pem`;

/** As a key object: a MAC by a key in plain bytes takes six times as long. */
export const readSealKey = (folder: string): KeyObject =>
  createSecretKey(Buffer.from(readFileSync(join(folder, keyFiles.seal), 'utf8'), 'hex'));
