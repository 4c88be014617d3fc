import { execFileSync } from 'node:child_process';
import { verify } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newP256Key, privatePem } from '../../src/signing/keys.ts';
import { pkcs12SigningKey } from '../../src/signing/pkcs12-key.ts';
import { temporaryFolder } from '../helpers/test-keys.ts';

const place = temporaryFolder();
afterAll(() => place.remove());
const path = (name: string) => join(place.folder, name);
const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] });

/** A PKCS#12 file as OpenSSL writes it, of a P-256 key and its certificate. */
function made(name: string, passphrase: string, ...how: string[]): Buffer {
  const out = ['pkcs12', '-export', '-inkey', path('key.pem'), '-in', path('crt.pem'), '-out', path(name)];
  openssl(...out, '-passout', `pass:${passphrase}`, ...how);
  return readFileSync(path(name));
}

describe('a key in a PKCS#12 file', () => {
  const key = newP256Key();
  beforeAll(() => {
    writeFileSync(path('key.pem'), privatePem(key));
    openssl(
      'req',
      '-x509',
      '-new',
      '-key',
      path('key.pem'),
      '-subj',
      '/CN=QA-1',
      '-days',
      '30',
      '-out',
      path('crt.pem'),
    );
  });

  it.each([
    ['as OpenSSL makes it', [], 'correct horse'],
    ['with a passphrase beyond ASCII', [], 'Schlüssel-ключ'],
    ['of which the key alone is encrypted', ['-certpbe', 'NONE'], 'x'],
  ])('%s signs', async (_what, how, passphrase) => {
    const signing = await pkcs12SigningKey(made('key.p12', passphrase, ...how), passphrase);
    const bytes = Buffer.from('a statement');
    expect(verify('sha256', bytes, signing.publicKey, await signing.sign(bytes))).toBe(true);
  });

  const refused = (message: RegExp) =>
    expect.objectContaining({ code: 'config-invalid', message: expect.stringMatching(message) });
  it('is refused with another passphrase, changed, cut off, empty or without a key', async () => {
    const good = made('key.p12', 'right');
    const flipped = Buffer.from(good);
    flipped[200] = (flipped[200] ?? 0) ^ 1;
    await expect(pkcs12SigningKey(good, 'wrong')).rejects.toThrow(refused(/passphrase/));
    for (const bad of [flipped, good.subarray(0, -20), Buffer.alloc(0)])
      await expect(pkcs12SigningKey(bad, 'right')).rejects.toThrow(refused(/cannot be used/));
    const certificateOnly = made('crt.p12', 'right', '-nokeys');
    await expect(pkcs12SigningKey(certificateOnly, 'right')).rejects.toThrow(refused(/holds 0 private keys/));
    await expect(pkcs12SigningKey(Buffer.alloc(100_000), 'right')).rejects.toThrow(refused(/too large/));
  });

  it('is refused where it is no ECDSA P-256 key', async () => {
    openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      path('key.pem'),
      '-subj',
      '/CN=R',
      '-out',
      path('crt.pem'),
    );
    await expect(pkcs12SigningKey(made('rsa.p12', 'right'), 'right')).rejects.toThrow(
      refused(/not an ECDSA P-256 key/),
    );
  });
});
