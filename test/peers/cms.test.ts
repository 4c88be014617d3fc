import { spawnSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import * as pkijs from 'pkijs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf } from '../../src/platform/hash.ts';
import { CmsSigner, oid } from '../../src/signing/cms.ts';
import { verifyCms } from '../../src/signing/cms-verify.ts';
import { RevocationList } from '../../src/signing/revocation-list.ts';
import { pemSigningKey } from '../../src/signing/signing-key.ts';
import { onPath } from '../debian-packages.ts';
import { type Issued, OpensslPki } from '../helpers/openssl-pki.ts';
import { seeded } from '../helpers/seeded.ts';

const content = Buffer.from('%\r\nO4471 (BRACKET)\r\nG0 X1. Y2.\r\nM30\r\n%\r\n');
/** A little later than any certificate that is made below. */
const now = Date.now() + 600_000;
const past = { from: '20200101000000Z', until: '20210101000000Z' };
let pki: OpensslPki;
let root: Issued;
let between: Issued;

const signWith = async (signer: Issued, chain: Issued[] = [], timeMs = now) => {
  const key = pemSigningKey(createPrivateKey(readFileSync(signer.key)));
  const cms = await CmsSigner.create(key, [signer.x509, ...chain.map(({ x509 }) => x509)]);
  return cms.sign(digestOf(content), timeMs);
};

type Case = { der: Uint8Array; bytes?: Buffer; authority?: Issued; atMs?: number; crl?: string };
const files = ({ der, bytes = content }: Case) => {
  writeFileSync(pki.at('case.p7s'), der);
  writeFileSync(pki.at('case.nc'), bytes);
};
const byOpenssl = (judged: Case) => {
  files(judged);
  const { authority = root, atMs, crl } = judged;
  const at = atMs === undefined ? [] : ['-attime', String(Math.floor(atMs / 1000))];
  const trusted = [authority.certificate, ...(crl === undefined ? [] : [crl])].map((file) =>
    readFileSync(file, 'utf8'),
  );
  writeFileSync(pki.at('trusted.pem'), trusted.join(''));
  const args = ['-binary', '-cades', '-inform', 'DER', '-in', 'case.p7s', '-content', 'case.nc', '-out', '/dev/null'];
  const cms = [
    'cms',
    '-verify',
    ...args,
    '-CAfile',
    'trusted.pem',
    ...at,
    ...(crl === undefined ? [] : ['-crl_check']),
  ];
  return spawnSync('openssl', cms, { cwd: pki.folder }).status === 0;
};
const byGnutls = (judged: Case) => {
  files(judged);
  const { authority = root } = judged;
  const args = ['--p7-verify', '--inder', '--infile', 'case.p7s', '--load-data', 'case.nc'];
  return (
    spawnSync('certtool', [...args, '--load-ca-certificate', authority.certificate], { cwd: pki.folder }).status === 0
  );
};
const byUs = async ({ der, bytes = content, authority = root, atMs = now, crl }: Case) => {
  const authorities = [authority.x509];
  const revocationLists = crl === undefined ? [] : [await RevocationList.open(readFileSync(crl), authorities)];
  try {
    verifyCms(der, digestOf(bytes), { authorities, atMs, revocationLists });
    return 'accepted';
  } catch (error) {
    return (error as Error).message;
  }
};

describe.skipIf(!onPath('openssl') || !onPath('certtool'))('a detached signature', () => {
  beforeAll(() => {
    pki = new OpensslPki();
    root = pki.issue('Root', { usage: 'authority' });
    between = pki.issue('Between', { usage: 'lastAuthority', issuer: root });
  });
  afterAll(() => pki.remove());

  it('is accepted by openssl, by GnuTLS and by us, under an authority and under one between', async () => {
    const direct = pki.issue('Signer', { usage: 'signer', issuer: root });
    const deep = pki.issue('Deep signer', { usage: 'signer', issuer: between });
    for (const der of [await signWith(direct), await signWith(deep, [between])]) {
      expect(byOpenssl({ der })).toBe(true);
      expect(byGnutls({ der })).toBe(true);
      expect(await byUs({ der })).toBe('accepted');
    }
  });

  it('is refused by all three over a flipped byte and over changed line ends', async () => {
    const der = await signWith(pki.issue('Signer 2', { usage: 'signer', issuer: root }));
    const flipped = Buffer.from(content);
    flipped[20] = (flipped[20] ?? 0) ^ 1;
    for (const bytes of [flipped, Buffer.from(content.toString().replaceAll('\r\n', '\n'))]) {
      expect(byOpenssl({ der, bytes })).toBe(false);
      expect(byGnutls({ der, bytes })).toBe(false);
      expect(await byUs({ der, bytes })).toContain('other bytes');
    }
  });

  it.each([
    ['an unrelated authority', 'signer', undefined, 'not issued by an authority'],
    ['a certificate that does not say its usage', 'noUsage', 'root', 'does not say what its key may be used for'],
    ['a certificate for encryption', 'encryptsOnly', 'root', 'is not for digital signatures'],
    ['the certificate of a server', 'server', 'root', 'another purpose'],
    ['a critical extension that nobody knows', 'unknownExtension', 'root', 'not evaluated here'],
  ] as const)('is refused for %s', async (name, usage, by, why) => {
    const issuer = by === undefined ? pki.issue(`Stranger of ${name}`, { usage: 'authority' }) : root;
    const der = await signWith(pki.issue(`Signer with ${name}`, { usage, issuer }));
    // Only we ask for a usage where the certificate says none (RFC 5280 leaves it open).
    expect(byOpenssl({ der })).toBe(usage === 'noUsage');
    expect(await byUs({ der })).toContain(why);
  });

  it('is refused when the certificate expired, and judged at the time that is asked about', async () => {
    const der = await signWith(pki.issue('Old', { usage: 'signer', issuer: root, ...past }));
    expect(byOpenssl({ der })).toBe(false);
    expect(await byUs({ der })).toContain('was valid from');
    const oldRoot = pki.issue('Old root', { usage: 'authority', ...past });
    const oldDer = await signWith(pki.issue('Old signer', { usage: 'signer', issuer: oldRoot, ...past }));
    const atMs = Date.parse('2020-06-01');
    expect(byOpenssl({ der: oldDer, authority: oldRoot, atMs })).toBe(true);
    expect(await byUs({ der: oldDer, authority: oldRoot, atMs })).toBe('accepted');
  });

  it('is refused from the day of revocation, and holds before it', async () => {
    const long = { from: '20250101000000Z', until: '20350101000000Z' };
    const authority = pki.issue('Long root', { usage: 'authority', ...long });
    const signer = pki.issue('Lost', { usage: 'signer', issuer: authority, ...long });
    const kept = pki.issue('Kept', { usage: 'signer', issuer: authority, ...long });
    const crl = pki.revocationList(authority, [[signer, '260101000000Z']]);
    const [der, keptDer] = [await signWith(signer), await signWith(kept)];
    expect(byOpenssl({ der, authority, crl })).toBe(false);
    expect(await byUs({ der, authority, crl })).toContain('was revoked on 2026-01-01');
    expect(await byUs({ der, authority, crl, atMs: Date.parse('2025-12-31T23:59:59Z') })).toBe('accepted');
    expect(byOpenssl({ der: keptDer, authority, crl })).toBe(true);
    expect(await byUs({ der: keptDer, authority, crl })).toBe('accepted');
    const strangers = pki.issue('Other root', { usage: 'authority' });
    await expect(RevocationList.open(readFileSync(crl), [strangers.x509])).rejects.toThrow('no authority');
    expect(await byUs({ der: keptDer, authority, crl, atMs: now + 40 * 86_400_000 })).toContain('out of date');
  });

  it('is refused through a signer that issues, a path that is too long, and a weak authority', async () => {
    const issuing = pki.issue('Signer that issues', { usage: 'signerThatIssues', issuer: root });
    const below = pki.issue('Below a signer', { usage: 'signer', issuer: issuing });
    const tooDeep = pki.issue('Second between', { usage: 'authority', issuer: between });
    const deepest = pki.issue('Deepest', { usage: 'signer', issuer: tooDeep });
    const weak = pki.issue('Weak root', { usage: 'authority', key: 'RSA-1024' });
    const underWeak = pki.issue('Under weak', { usage: 'signer', issuer: weak });
    const sha1 = pki.issue('SHA-1 signer', { usage: 'signer', issuer: root, digest: 'sha1' });
    const cases: [Case, string][] = [
      [{ der: await signWith(below, [issuing]) }, 'not'],
      [{ der: await signWith(deepest, [tooDeep, between]) }, 'may not stand that high'],
      [{ der: await signWith(sha1) }, 'algorithm that is not accepted'],
    ];
    for (const [judged, why] of cases) {
      // OpenSSL takes SHA-1 at its default level of security.
      expect(byOpenssl(judged), why).toBe(why.startsWith('algorithm'));
      expect(await byUs(judged)).toContain(why);
    }
    expect(await byUs({ der: await signWith(underWeak), authority: weak })).toContain('too short');
  });

  it('is refused with another certificate in the place of its signer, and never leaves with it', async () => {
    const [signer, other] = ['One', 'Two'].map((name) => pki.issue(name, { usage: 'signer', issuer: root }));
    if (!signer || !other) throw new Error('unreachable');
    const key = pemSigningKey(createPrivateKey(readFileSync(signer.key)));
    const wrong = await CmsSigner.create(key, [other.x509]);
    await expect(wrong.sign(digestOf(content), now)).rejects.toThrow('not the one of its certificate');
    const der = replaceSigner(await signWith(signer), other);
    expect(byOpenssl({ der })).toBe(false);
    expect(byGnutls({ der })).toBe(false);
    expect(await byUs({ der })).toContain('does not bind the certificate');
  });

  it('is refused with a second certificate of the same key in the place of the one that was signed for', async () => {
    const signer = pki.issue('Own', { usage: 'signer', issuer: root });
    const second = pki.issue('Own again', { usage: 'signer', issuer: root, keyOf: signer });
    const der = replaceSigner(await signWith(signer), second);
    expect(byOpenssl({ der })).toBe(false);
    expect(await byUs({ der })).toContain('does not bind the certificate');
  });

  it('that we accept is accepted by openssl, whatever was changed in it', async () => {
    const der = await signWith(pki.issue('Mutated', { usage: 'signer', issuer: between }), [between]);
    const random = seeded(20261125);
    expect(await byUs({ der })).toBe('accepted');
    let accepted = 0;
    for (let i = 0; i < 1000; i++) {
      const changed = mutate(der, random);
      if ((await byUs({ der: changed })) !== 'accepted') continue;
      accepted++;
      expect(byOpenssl({ der: changed }), changed.toString('hex')).toBe(true);
    }
    // Nothing that is not the signature itself is left unread.
    expect(accepted).toBeLessThan(60);
  });
});

/** Neither the name of the signer nor the certificates are under the signature. */
function replaceSigner(der: Buffer, { x509 }: Issued): Buffer {
  const signed = new pkijs.SignedData({ schema: pkijs.ContentInfo.fromBER(new Uint8Array(der).buffer).content });
  const { issuer, serialNumber } = pkijs.Certificate.fromBER(new Uint8Array(x509.raw).buffer);
  const [signer] = signed.signerInfos;
  if (signer) signer.sid = new pkijs.IssuerAndSerialNumber({ issuer, serialNumber });
  signed.certificates = [pkijs.Certificate.fromBER(new Uint8Array(x509.raw).buffer)];
  const content = new pkijs.ContentInfo({ contentType: oid.signedData, content: signed.toSchema(true) });
  return Buffer.from(content.toSchema().toBER());
}

/** One to three bytes changed, cut out, doubled or added. */
function mutate(der: Buffer, random: () => number): Buffer {
  let bytes = Buffer.from(der);
  for (let times = 1 + Math.floor(random() * 3); times > 0; times--) {
    const at = Math.floor(random() * bytes.length);
    const kind = random();
    if (kind < 0.7) bytes[at] = Math.floor(random() * 256);
    else if (kind < 0.8) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
    else if (kind < 0.9) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.max(0, at - 1))]);
    else bytes = Buffer.concat([bytes, Buffer.from([Math.floor(random() * 256)])]);
  }
  return bytes;
}
