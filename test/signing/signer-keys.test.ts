import { execFileSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatVerifierKey } from '../../src/merkle/note.ts';
import { SignerConfig } from '../../src/platform/signer-config.ts';
import { ledgerKeyFile, releaseKeyFile } from '../../src/signing/key-files.ts';
import { newEd25519Key, newP256Key, privatePem } from '../../src/signing/keys.ts';
import { keyPlaces, openSignerKeys } from '../../src/signing/signer-keys.ts';
import { parseTrust } from '../../src/signing/trust.ts';
import { makeTestKeys, temporaryFolder, testOrigin } from '../helpers/test-keys.ts';

const place = temporaryFolder();
afterAll(() => place.remove());
const keys = makeTestKeys();
const release = createPrivateKey(keys.pki.release.privateKeyPem);
const ledger = [newEd25519Key(), newP256Key()] as const;
const vkeys = ledger.map((key) => formatVerifierKey(testOrigin, createPublicKey(key)));
const trust = parseTrust(keys.trustFileWith({ ledgerKeys: [{ vkeys, from: keys.trustFile.root.created }] }));
const releaseFile = releaseKeyFile(trust.release.keyId);
const [ed25519File = '', p256File = ''] = trust.ledgerVerifiers.map(ledgerKeyFile);

let plain: string;
let encrypted: string;
const passphraseFile = join(place.folder, 'passphrase');
const names: [string, KeyObject][] = [
  [releaseFile, release],
  [ed25519File, ledger[0]],
  [p256File, ledger[1]],
];

beforeAll(() => {
  plain = mkdtempSync(join(place.folder, 'plain-'));
  encrypted = mkdtempSync(join(place.folder, 'encrypted-'));
  writeFileSync(passphraseFile, 'correct horse\n', { mode: 0o600 });
  for (const [name, key] of names) {
    writeFileSync(join(plain, name), privatePem(key), { mode: 0o600 });
    const args = ['pkcs8', '-topk8', '-scrypt', '-passout', `file:${passphraseFile}`, '-in', join(plain, name)];
    execFileSync('openssl', [...args, '-out', join(encrypted, name)]);
  }
});

const open = (folder: string, config: unknown, credentials?: string) =>
  openSignerKeys(keyPlaces(folder, SignerConfig.parse(config), credentials), trust);
const refused = (message: RegExp) =>
  expect.objectContaining({ code: 'config-invalid', message: expect.stringMatching(message) });

describe('the keys of the signer', () => {
  it('are plain files, or encrypted ones with a passphrase from a file or from systemd', async () => {
    expect((await open(plain, {})).release.keyId).toBe(trust.release.keyId);
    const byFile = await open(encrypted, { passphrase: { file: passphraseFile } });
    expect(byFile.release.keyId).toBe(trust.release.keyId);
    expect(byFile.ledger).toHaveLength(2);
    const credentials = join(place.folder, 'credentials');
    mkdirSync(credentials);
    copyFileSync(passphraseFile, join(credentials, 'keyway'));
    const byCredential = await open(encrypted, { passphrase: { credential: 'keyway' } }, credentials);
    expect(byCredential.release.keyId).toBe(trust.release.keyId);
  });

  it('are refused without their passphrase, with another one, and where one of them is not encrypted', async () => {
    await expect(open(encrypted, {})).rejects.toThrow(refused(/is encrypted, and no passphrase/));
    const other = join(place.folder, 'other');
    writeFileSync(other, 'battery staple', { mode: 0o600 });
    await expect(open(encrypted, { passphrase: { file: other } })).rejects.toThrow(refused(/with its passphrase/));
    await expect(open(plain, { passphrase: { file: passphraseFile } })).rejects.toThrow(refused(/is not encrypted/));
  });

  it('are refused where the release key is another one than the trust file names', async () => {
    const wrong = mkdtempSync(join(place.folder, 'wrong-'));
    for (const [name] of names) copyFileSync(join(plain, name), join(wrong, name));
    writeFileSync(join(wrong, releaseFile), privatePem(newP256Key()), { mode: 0o600 });
    await expect(open(wrong, {})).rejects.toThrow(refused(/not the one that the trust file names/));
  });

  it('are told to the signer by where they stand, never by what opens them', () => {
    const config = SignerConfig.parse({ passphrase: { file: passphraseFile } });
    expect(JSON.stringify(keyPlaces(plain, config, undefined))).not.toContain('horse');
    expect(readFileSync(passphraseFile, 'utf8')).toContain('horse');
  });
});
