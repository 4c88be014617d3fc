import { createPublicKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDevelopmentPki } from '../../certs-dev/generate.ts';
import type { Digest } from '../../src/domain/digest.ts';
import { PersonId } from '../../src/domain/ids.ts';
import type { Person, PersonRole } from '../../src/domain/people.ts';
import { formatVerifierKey, makeSigner } from '../../src/merkle/note.ts';
import { keyIdOf, newEd25519Key, newP256Key, publicPem } from '../../src/signing/keys.ts';
import { pemSigningKey } from '../../src/signing/signing-key.ts';
import { parseTrust } from '../../src/signing/trust.ts';

export const testOrigin = 'test.example/ledger';

/** Keys of one gateway, made once per test file: RSA-3072 for the authority takes a while. */
export function makeTestKeys(now = Date.now()) {
  const pki = makeDevelopmentPki({ now, hostnames: ['localhost'], ips: ['127.0.0.1'] });
  const ledgerKeys = [newEd25519Key(), newP256Key()];
  const administrators = ['ADMIN-1', 'ADMIN-2'].map((id) => ({
    person: PersonId.parse(id),
    key: pemSigningKey(newP256Key()),
  }));
  const trustFile = {
    v: 1,
    origin: testOrigin,
    ledgerKeys: ledgerKeys.map((key) => formatVerifierKey(testOrigin, createPublicKey(key))),
    releaseCertificate: pki.release.certificatePem,
    authority: pki.ca.certificatePem,
    administrators: administrators.map(({ person, key }) => ({ person, keyId: key.keyId, publicKey: key.publicKey })),
  };
  return {
    pki,
    administrators,
    trustFile,
    trust: parseTrust(trustFile),
    ledgerSigners: ledgerKeys.map((key) => makeSigner(testOrigin, key)),
    releaseCertificate: new X509Certificate(pki.release.certificatePem),
  };
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
