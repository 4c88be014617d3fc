import { createPrivateKey, createPublicKey, type KeyObject, sign, X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDevelopmentPki } from '../../certs-dev/generate.ts';
import type { Digest } from '../../src/domain/digest.ts';
import { PersonId } from '../../src/domain/ids.ts';
import type { Person, PersonRole } from '../../src/domain/people.ts';
import { formatVerifierKey, makeSigner } from '../../src/merkle/note.ts';
import { firstRoot } from '../../src/signing/initialise.ts';
import { keyIdOf, newEd25519Key, newP256Key, publicPem } from '../../src/signing/keys.ts';
import { pemSigningKey } from '../../src/signing/signing-key.ts';
import { parseTrust, type TrustFile } from '../../src/signing/trust.ts';
import { formatTrustFile, type TrustRoot } from '../../src/signing/trust-root.ts';
import { trustToBeSigned } from '../../src/signing/trust-signatures.ts';

export const testOrigin = 'test.example/ledger';

/** Keys of one gateway, made once per test file: RSA-3072 for the authority takes a while. */
export function makeTestKeys(now = Date.now()) {
  const pki = makeDevelopmentPki({ now, hostnames: ['localhost'], ips: ['127.0.0.1'] });
  const ledgerKeys = [newEd25519Key(), newP256Key()];
  const holders = ['ADMIN-1', 'ADMIN-2'].map((id) => ({ person: PersonId.parse(id), key: newP256Key() }));
  const administrators = holders.map(({ person, key }) => ({ person, key: pemSigningKey(key) }));
  const root = firstRoot({
    origin: testOrigin,
    nowMs: now,
    expiresMs: now + 500 * 24 * 60 * 60 * 1000,
    threshold: 2,
    administrators: administrators.map(({ person, key }) => ({ person, keyId: key.keyId, publicKey: key.publicKey })),
    release: { certificate: pki.release.certificatePem },
    vkeys: ledgerKeys.map((key) => formatVerifierKey(testOrigin, createPublicKey(key))),
    authorities: [{ name: 'Test authority', certificate: pki.ca.certificatePem, for: ['release'] }],
  });
  // Tests set their clocks as they like: whoever is in office has been so for long.
  for (const one of root.administrators) one.from = '2020-01-01T00:00:00.000Z';
  const sealed = (changed: TrustRoot) => signedTrust(changed, ...holders.map(({ key }) => key));
  const trustFile = sealed(root);
  return {
    pki,
    administrators,
    /** Their private keys, in the same order. */
    administratorKeys: holders.map(({ key }) => key),
    trustFile,
    /** The trust file with something else in its root, under the signatures of both administrators. */
    trustFileWith: (change: Partial<TrustRoot>): TrustFile => sealed({ ...structuredClone(root), ...change }),
    trust: parseTrust(trustFile),
    ledgerSigners: ledgerKeys.map((key) => makeSigner(testOrigin, key)),
    releaseCertificate: new X509Certificate(pki.release.certificatePem),
  };
}
/** A root under the signatures of these keys, whoever they belong to. */
export const signedTrust = (root: TrustRoot, ...keys: readonly KeyObject[]): TrustFile => ({
  root,
  signatures: keys.map((key) => ({
    keyid: keyIdOf(key),
    sig: sign('sha256', trustToBeSigned(root), key).toString('base64'),
  })),
});

/** Changes the trust root of a development gateway before it first starts, under its administrators' signatures. */
export function rewriteTrust(data: string, change: (root: TrustRoot) => void): void {
  const path = join(data, 'trust.json');
  const { root } = JSON.parse(readFileSync(path, 'utf8')) as TrustFile;
  change(root);
  const admins = join(data, 'dev-admins');
  const keys = readdirSync(admins).map((name) => createPrivateKey(readFileSync(join(admins, name))));
  writeFileSync(path, formatTrustFile(signedTrust(root, ...keys)));
}

export type TestKeys = ReturnType<typeof makeTestKeys>;

/** A person with a fresh key of their own. */
export function makePerson(id: string, roles: PersonRole[], usPerson?: boolean) {
  const key = newP256Key();
  const person: Person = {
    id: id as Person['id'],
    name: id,
    roles,
    ...(usPerson === undefined ? {} : { usPerson: { status: usPerson, evidence: 'passport', expires: '2099-12-31' } }),
    keys: [{ keyId: keyIdOf(key) as Digest, publicKey: publicPem(key), assurance: 'file' }],
  };
  return { person, key };
}

export function temporaryFolder(): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'keyway-test-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
