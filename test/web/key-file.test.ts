import { createPublicKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PersonKey } from '../../src/domain/people.ts';
import { keyIdOf, newP256Key, publicPem } from '../../src/signing/keys.ts';
import { readKeyFile } from '../../src/web/proof/key-file.ts';
import { OpensslPki } from '../helpers/openssl-pki.ts';

let pki: OpensslPki;
let card: string;
let above: string;
let der: Buffer;

beforeAll(() => {
  pki = new OpensslPki();
  const authority = pki.issue('Company authority', { usage: 'authority' });
  const issued = pki.issue('ME-77', { usage: 'signer', issuer: authority });
  card = readFileSync(issued.certificate, 'utf8');
  above = readFileSync(authority.certificate, 'utf8');
  der = issued.x509.raw;
});
afterAll(() => pki.remove());

const read = (...parts: (string | Buffer)[]) =>
  readKeyFile(new Blob(parts.map((part) => (typeof part === 'string' ? part : new Uint8Array(part)))));

test('the certificate of a card gives its key and its chain, as openssl reads them, from PEM and from DER', async () => {
  const { publicKey } = new X509Certificate(card);
  const names = { keyId: keyIdOf(publicKey), publicKey: publicPem(publicKey) };
  expect(PersonKey.parse(await read(card, above))).toEqual({
    ...{ assurance: 'token', ...names },
    certificates: [card, above],
  });
  expect(await read(der)).toEqual({ assurance: 'token', ...names, certificates: [card] });
});

test('a public key of a file stays one, and what is neither is refused', async () => {
  const key = createPublicKey(newP256Key());
  expect(await read(publicPem(key))).toEqual({ assurance: 'file', keyId: keyIdOf(key), publicKey: publicPem(key) });
  const rsa = readFileSync(pki.issue('Old card', { usage: 'signer', key: 'RSA-1024' }).certificate, 'utf8');
  await expect(read(rsa)).rejects.toThrow('ECDSA P-256');
  const pem = (base64: string) => `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
  for (const cut of [der.subarray(0, 60), der.subarray(0, 3), Buffer.from([0x30, 0x84, 1, 1, 1, 1]), Buffer.of(0x30)])
    for (const broken of [read(cut), read(pem(cut.toString('base64')))]) await expect(broken).rejects.toThrow();
  await expect(read('{"assurance":"file"}')).rejects.toThrow('no public key');
  await expect(read('x'.repeat(20_001))).rejects.toThrow('no public key');
});
