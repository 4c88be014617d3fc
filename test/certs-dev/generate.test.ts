import { spawnSync } from 'node:child_process';
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DevelopmentPki, developmentOrganisation, makeDevelopmentPki } from '../../certs-dev/generate.ts';

const program = Buffer.from('%\r\nO1234\r\nG0 X0. Y0.\r\nM30\r\n%\r\n');
const now = Date.now();
let folder: string;
let made: DevelopmentPki;
const file = (name: string) => join(folder, name);

function openssl(...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyway-certs-'));
  made = makeDevelopmentPki({ now, hostnames: ['localhost', 'gateway.shop.example'], ips: ['127.0.0.1', '::1'] });
  writeFileSync(file('ca.pem'), made.ca.certificatePem);
  writeFileSync(file('release.pem'), made.release.certificatePem);
  writeFileSync(file('release.key'), made.release.privateKeyPem, { mode: 0o600 });
  writeFileSync(file('tls.pem'), made.tls.certificatePem);
  writeFileSync(file('program.nc'), program);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('development certificates', () => {
  it('chain to their authority under the strict rules of openssl, each for its own purpose only', () => {
    const verify = (purpose: string, ...rest: string[]) =>
      openssl('verify', '-x509_strict', '-CAfile', 'ca.pem', '-purpose', purpose, ...rest);
    expect(verify('smimesign', 'release.pem')).toMatchObject({ status: 0 });
    expect(verify('sslserver', '-verify_hostname', 'gateway.shop.example', 'tls.pem')).toMatchObject({ status: 0 });
    expect(verify('sslserver', '-verify_ip', '::1', 'tls.pem')).toMatchObject({ status: 0 });
    expect(verify('sslserver', '-verify_hostname', 'other.example', 'tls.pem').output).toContain('hostname mismatch');
    expect(verify('sslserver', 'release.pem').output).toContain('unsuitable certificate purpose');
    expect(verify('smimesign', 'tls.pem').output).toContain('unsuitable certificate purpose');
  });

  it('belong to no authority of another making', () => {
    const other = makeDevelopmentPki({ now, hostnames: ['localhost'], ips: [] });
    writeFileSync(file('other-ca.pem'), other.ca.certificatePem);
    expect(openssl('verify', '-CAfile', 'other-ca.pem', 'release.pem').status).not.toBe(0);
    const release = new X509Certificate(made.release.certificatePem);
    expect(release.verify(new X509Certificate(other.ca.certificatePem).publicKey)).toBe(false);
  });

  it('say what each key is for', () => {
    const text = (name: string) => openssl('x509', '-in', name, '-noout', '-text').output.replace(/\s+/g, ' ');
    const authority = text('ca.pem');
    expect(authority).toContain('Basic Constraints: critical CA:TRUE, pathlen:0');
    expect(authority).toContain('Key Usage: critical Certificate Sign, CRL Sign X509v3');
    expect(authority).toContain('Public-Key: (3072 bit)');
    const release = text('release.pem');
    expect(release).toContain('Basic Constraints: critical CA:FALSE');
    expect(release).toContain('Key Usage: critical Digital Signature, Non Repudiation X509v3');
    expect(release).toContain('Extended Key Usage: E-mail Protection X509v3');
    expect(release).toContain('NIST CURVE: P-256');
    const tls = text('tls.pem');
    expect(tls).toContain('Key Usage: critical Digital Signature X509v3');
    expect(tls).toContain('Extended Key Usage: TLS Web Server Authentication X509v3');
    expect(tls).toContain(
      'DNS:localhost, DNS:gateway.shop.example, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1 X509v3',
    );
  });

  it('are what node verifies them to be, over the keys that were handed out', () => {
    const authority = new X509Certificate(made.ca.certificatePem);
    expect(authority.ca).toBe(true);
    expect(authority.subject).toBe(`O=${developmentOrganisation}\nCN=Keyway development CA`);
    expect(authority.verify(authority.publicKey)).toBe(true);
    for (const { certificatePem, privateKeyPem } of [made.release, made.tls]) {
      const leaf = new X509Certificate(certificatePem);
      expect(leaf.ca).toBe(false);
      expect(leaf.subject).toContain(`O=${developmentOrganisation}`);
      expect(leaf.issuer).toBe(authority.subject);
      expect(leaf.checkIssued(authority)).toBe(true);
      expect(leaf.verify(authority.publicKey)).toBe(true);
      expect(leaf.checkPrivateKey(createPrivateKey(privateKeyPem))).toBe(true);
    }
  });

  it('hand out no key that could issue another certificate', () => {
    const certificates: KeyObject[] = [made.release.privateKeyPem, made.tls.privateKeyPem].map((pem) =>
      createPrivateKey(pem),
    );
    const authority = new X509Certificate(made.ca.certificatePem);
    expect(certificates.some((key) => authority.checkPrivateKey(key))).toBe(false);
    expect(Object.keys(made.ca)).toEqual(['certificatePem']);
  });

  it('carry positive serial numbers of 128 random bits, none twice', () => {
    const serials = [made.ca, made.release, made.tls].map(
      (one) => new X509Certificate(one.certificatePem).serialNumber,
    );
    for (const serial of serials) expect(serial).toMatch(/^01[0-9A-F]{32}$/);
    expect(new Set(serials).size).toBe(3);
  });

  it('are valid from five minutes ago, the release signer for two years', () => {
    const release = new X509Certificate(made.release.certificatePem);
    const from = Date.parse(release.validFrom);
    expect(from).toBe(Math.floor(now / 1000) * 1000 - 5 * 60 * 1000);
    expect(Date.parse(release.validTo) - from).toBe(2 * 365 * 24 * 60 * 60 * 1000);
    const authority = new X509Certificate(made.ca.certificatePem);
    expect(Date.parse(authority.validTo)).toBeGreaterThan(Date.parse(release.validTo));
  });

  it('write a date up to 2049 as UTCTime and a later one as GeneralizedTime', () => {
    const late = makeDevelopmentPki({ now: Date.UTC(2049, 5, 1), hostnames: ['localhost'], ips: [] });
    writeFileSync(file('late.pem'), late.release.certificatePem);
    const { output } = openssl('asn1parse', '-in', 'late.pem');
    expect(output).toMatch(/UTCTIME\s*:490531235500Z/);
    expect(output).toMatch(/GENERALIZEDTIME\s*:20510531235500Z/);
  });

  it('make a detached signature that openssl follows to the authority, over these bytes and no others', () => {
    const signing = openssl(
      ...['cms', '-sign', '-binary', '-in', 'program.nc', '-signer', 'release.pem', '-inkey', 'release.key'],
      ...['-outform', 'DER', '-out', 'program.p7s'],
    );
    expect(signing).toMatchObject({ status: 0 });
    const verify = (content: string) =>
      openssl(
        ...['cms', '-verify', '-binary', '-inform', 'DER', '-in', 'program.p7s', '-content', content],
        ...['-CAfile', 'ca.pem', '-x509_strict', '-out', '/dev/null'],
      );
    expect(verify('program.nc')).toMatchObject({ status: 0 });
    writeFileSync(file('altered.nc'), program.toString().replaceAll('\r\n', '\n'));
    expect(verify('altered.nc').output).toContain('content verify error');
  });

  it.each([
    ['no name at all', [], []],
    ['an address as a host name', ['127.0.0.1'], []],
    ['a host name with a space', ['gate way'], []],
    ['a host name as an address', [], ['localhost']],
    ['an address with a zone', [], ['fe80::1%eth0']],
  ])('are refused for %s', (_what, hostnames: string[], ips: string[]) => {
    expect(() => makeDevelopmentPki({ now, hostnames, ips })).toThrow(
      expect.objectContaining({ code: 'config-invalid' }),
    );
  });
});
