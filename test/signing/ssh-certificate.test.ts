import type { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseSshCertificate, verifySshCertificate } from '../../src/signing/ssh-certificate.ts';
import { parseSshKey, sshFingerprint, sshString } from '../../src/signing/ssh-key.ts';
import { type KeyPair, makeKey } from '../helpers/sftp-test-door.ts';
import { type CertificateWish, SshAuthority } from '../helpers/ssh-authority.ts';

/** Not before the authority's own certificate begins, which openssl writes in whole seconds. */
let now: number;
let authority: SshAuthority;
let key: KeyPair;
let sshKey: Buffer;
beforeAll(() => {
  authority = new SshAuthority();
  now = Date.now();
  key = makeKey();
  sshKey = authority.sshKey;
});
afterAll(() => authority.remove());

/** The principal, or why not. */
function judged(blob: Buffer, over: { address?: string; atMs?: number; authorities?: X509Certificate[] } = {}): string {
  const question = { authorities: [authority.certificate], atMs: now, address: '10.20.0.7', ...over };
  try {
    return verifySshCertificate(parseSshCertificate(blob), question);
  } catch (error) {
    return (error as Error).message.replace(/^The certificate of the machine |^An SSH key or certificate is /, '');
  }
}
const made = (wish?: CertificateWish) => judged(authority.certificateOf(key, wish));
const blobOf = (line: string) => Buffer.from(line.split(' ')[1] ?? '', 'base64');

describe('a certificate that ssh-keygen made for a machine', () => {
  it.each(['ed25519', 'ecdsa-256', 'ecdsa-384', 'ecdsa-521', 'rsa-3072'] as const)(
    'names it, and its %s key',
    (kind) => {
      const pair = makeKey(kind);
      const blob = authority.certificateOf(pair, { serial: 4_000_000_000 });
      const certificate = parseSshCertificate(blob);
      expect(judged(blob)).toBe('MILL-1');
      expect(certificate).toMatchObject({ serial: 4_000_000_000n, id: 'a test', principals: ['MILL-1'] });
      expect(certificate.key.blob.equals(blobOf(pair.public))).toBe(true);
    },
  );

  it.each([
    ['is for two machines', { principals: ['MILL-1', 'MILL-2'] }, 'does not name one machine as its only principal.'],
    ['is for any machine', { principals: [] }, 'does not name one machine as its only principal.'],
    ['is of a host', { host: true }, 'is not one of a user.'],
    ['has expired', { validity: '-2h:-1m' }, 'has expired.'],
    ['is not valid yet', { validity: '+1h:+2h' }, 'is not valid yet.'],
    [
      'forces a command',
      { options: ['force-command=internal-sftp'] },
      'asks for "force-command", which is not known here.',
    ],
    ['asks for what nobody knows', { options: ['critical:x@y=1'] }, 'asks for "x@y", which is not known here.'],
  ] as [string, CertificateWish, string][])('is refused when it %s', (_what, wish, why) => {
    expect(made(wish)).toBe(why);
  });

  it('is good to the second, by the clock of the gateway', () => {
    const from = Math.floor(now / 1000) + 500;
    const stamp = (at: number) => new Date(at * 1000).toISOString().replace(/[-:T]|\.000/g, '');
    const blob = authority.certificateOf(key, { validity: `${stamp(from)}:${stamp(from + 100)}` });
    expect(parseSshCertificate(blob)).toMatchObject({ validAfter: BigInt(from), validBefore: BigInt(from + 100) });
    const at = (seconds: number) => judged(blob, { atMs: (from + seconds) * 1000 });
    expect([at(-0.001), at(0), at(99.999), at(100)]).toEqual(['is not valid yet.', 'MILL-1', 'MILL-1', 'has expired.']);
  });

  it.each([
    ['10.20.0.7', '10.20.0.7', true],
    ['10.20.0.7', '::ffff:10.20.0.7', true],
    ['10.20.0.0/16', '10.20.255.1', true],
    ['10.20.0.0/16', '10.21.0.1', false],
    ['10.9.0.0/24,10.20.0.0/16', '10.20.0.7', true],
    ['2001:db8::/32', '2001:db8::7', true],
    ['2001:db8::/32', '10.20.0.7', false],
    ['10.20.0.0/16', '', false],
  ])('for use from %s lets %s in: %s', (networks, address, may) => {
    const blob = authority.certificateOf(key, { options: [`source-address=${networks}`] });
    expect(judged(blob, { address })).toBe(may ? 'MILL-1' : `is not for use from ${address}.`);
  });

  it('counts only by an authority for machines, and only while that one is valid', () => {
    const blob = authority.certificateOf(key);
    const notTrusted = `is by ${sshFingerprint(sshKey)}, which is no authority for machines.`;
    expect(judged(blob, { authorities: [] })).toBe(notTrusted);
    const late = Date.parse(authority.certificate.validTo) + 1000;
    expect(judged(blob, { atMs: late })).toBe(notTrusted);
  });
});

describe('bytes that are no such certificate', () => {
  it('are refused, cut off anywhere or with any byte changed', () => {
    const blob = authority.certificateOf(key);
    for (let at = 0; at < blob.length; at++) {
      const changed = Buffer.from(blob);
      changed.writeUInt8((blob[at] ?? 0) ^ 0x01, at);
      expect([at, judged(blob.subarray(0, at)), judged(changed)]).not.toContain('MILL-1');
    }
    expect(judged(Buffer.concat([blob, Buffer.alloc(1)]))).toBe('malformed: something stands behind its end.');
  });

  const options = (...named: [string, string][]) =>
    Buffer.concat(named.flatMap(([name, value]) => [sshString(name), sshString(sshString(value))]));
  /** What an authority signs without looking. */
  const signed = (critical: Buffer, over: { type?: string; extensions?: Buffer; ca?: Buffer } = {}) => {
    const { type = 'ssh-ed25519-cert-v01@openssh.com', extensions = Buffer.alloc(0) } = over;
    const { ca = sshKey } = over;
    const publicKey = parseSshKey(blobOf(key.public)).blob.subarray(-36);
    const [serial, forever] = [Buffer.alloc(8), Buffer.alloc(8, 0xff)];
    const about = [serial, Buffer.from([0, 0, 0, 1]), sshString('id'), sshString(sshString('MILL-1')), serial, forever];
    const rest = [sshString(critical), sshString(extensions), sshString(''), sshString(ca)];
    return authority.sign(Buffer.concat([sshString(type), sshString('nonce'), publicKey, ...about, ...rest]));
  };

  it('are refused though an authority signed them', () => {
    expect(judged(signed(options()))).toBe('MILL-1');
    const from = (networks: string) => judged(signed(options(['source-address', networks])));
    for (const networks of ['', 'x', '10.20.0.7/33', '10.20.0.7/', '10.20.0.0/16/1', '10.20.0.0/16,', '*', '!10.0.0.1'])
      expect([networks, from(networks)]).toEqual([networks, 'names a network that is none.']);
    const twice = options(['source-address', '10.20.0.7'], ['source-address', '0.0.0.0/0']);
    expect(judged(signed(twice))).toBe('names its options twice or out of order.');
    const unordered = options(['b', ''], ['a', '']);
    expect(judged(signed(options(), { extensions: unordered }))).toBe('names its options twice or out of order.');
    expect(judged(signed(options(), { type: 'ssh-dss-cert-v01@openssh.com' }))).toBe('is of an unknown kind.');
    expect(judged(signed(options(), { type: 'ssh-ed25519' }))).toBe('is of an unknown kind.');
    // A certificate is no authority, whoever signed it.
    expect(judged(signed(options(), { ca: authority.certificateOf(key) }))).toBe(
      'malformed: a key of an unknown kind.',
    );
  });
});
