import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf } from '../../src/platform/hash.ts';
import { CmsSigner } from '../../src/signing/cms.ts';
import { pemSigningKey } from '../../src/signing/signing-key.ts';
import { onPath } from '../debian-packages.ts';
import { askHere } from '../helpers/keyway-here.ts';
import { OpensslPki } from '../helpers/openssl-pki.ts';

import { makeTestKeys, temporaryFolder } from '../helpers/test-keys.ts';

const place = temporaryFolder();
const at = (name: string) => join(place.folder, name);
const keys = makeTestKeys();
const program = Buffer.from('%\r\nO4471\r\nG0 X1.\r\nM30\r\n%\r\n');
const later = new Date(Date.now() + 3_600_000).toISOString();
let pki: OpensslPki;

const verify = (...args: string[]) => askHere(at('keyway.yaml'), 'verify', ...args);

describe.skipIf(!onPath('openssl'))('keyway verify', () => {
  beforeAll(async () => {
    pki = new OpensslPki();
    writeFileSync(at('keyway.yaml'), JSON.stringify({ data: 'data' }));
    writeFileSync(at('trust.json'), JSON.stringify(keys.trustFile));
    writeFileSync(at('O4471.NC'), program);
    const release = pemSigningKey(createPrivateKey(keys.pki.release.privateKeyPem));
    const signer = await CmsSigner.create(release, [keys.releaseCertificate]);
    writeFileSync(at('O4471.NC.p7s'), await signer.sign(digestOf(program), Date.now()));
  });
  afterAll(() => {
    pki.remove();
    place.remove();
  });

  it('finds the signature beside the file and says who signed it', async () => {
    expect(await verify(at('O4471.NC'), '--trust', at('trust.json'))).toMatchObject({
      code: 0,
      out: { verified: true, digest: digestOf(program), signer: expect.stringContaining('release signer') },
    });
  });

  it('tells changed bytes, a missing signature and another signer apart by exit code and sentence', async () => {
    writeFileSync(at('changed.NC'), program.toString().replaceAll('\r\n', '\n'));
    expect(await verify(at('changed.NC'), at('O4471.NC.p7s'), '--trust', at('trust.json'))).toMatchObject({
      code: 4,
      out: { error: { code: 'not-verified', message: expect.stringContaining('other bytes') } },
    });
    expect(await verify(at('changed.NC'), '--trust', at('trust.json'))).toMatchObject({
      code: 13,
      out: { verified: false, missing: at('changed.NC.p7s') },
    });
    writeFileSync(at('other-trust.json'), JSON.stringify(makeTestKeys().trustFile));
    expect(await verify(at('O4471.NC'), '--trust', at('other-trust.json'))).toMatchObject({ code: 4 });
    expect(await verify(at('O4471.NC'), '--trust', at('trust.json'), '--at', 'yesterday')).toMatchObject({ code: 2 });
  });

  it('judges with an authority and its revocation list alone', async () => {
    const root = pki.issue('Root', { usage: 'authority' });
    const signer = pki.issue('Signer', { usage: 'signer', issuer: root });
    const cms = await CmsSigner.create(pemSigningKey(createPrivateKey(readFileSync(signer.key))), [signer.x509]);
    writeFileSync(at('by-ca.p7s'), await cms.sign(digestOf(program), Date.now()));
    const asked = [at('O4471.NC'), at('by-ca.p7s'), '--authority', root.certificate, '--at', later];
    expect(await verify(...asked)).toMatchObject({ code: 0, out: { path: expect.any(Array) } });
    // The authority's own word for another certificate does not make its key the release key.
    const trusted = pki.issue('Release', { usage: 'signer', issuer: root });
    const pem = (file: string) => new X509Certificate(readFileSync(file)).toString();
    const from = later;
    const named = keys.trustFileWith({
      releaseKeys: [{ certificate: pem(trusted.certificate), from }],
      authorities: [{ name: 'Root', certificate: pem(root.certificate), for: ['release'], from }],
    });
    writeFileSync(at('root-trust.json'), JSON.stringify(named));
    const byTrust = [at('O4471.NC'), at('by-ca.p7s'), '--trust', at('root-trust.json'), '--at', later];
    expect(await verify(...byTrust)).toMatchObject({
      code: 4,
      out: { error: { message: expect.stringContaining('a key that the trust root does not name') } },
    });
    const crl = pki.revocationList(root, [[signer, '260101000000Z']]);
    expect(await verify(...asked, '--crl', crl)).toMatchObject({
      code: 4,
      out: { error: { message: expect.stringContaining('revoked') } },
    });
  });
});
