import { generateKeyPairSync, hash, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import forge from 'node-forge';
import { DomainError } from '../src/domain/errors.ts';

const { asn1, pki } = forge;
type Asn1 = forge.asn1.Asn1;

/** In the subject and issuer of everything made here; a gateway in production mode refuses certificates that carry it. */
export const developmentOrganisation = 'Keyway development - not for production';

export type DevelopmentPki = {
  ca: { certificatePem: string };
  release: { privateKeyPem: string; certificatePem: string };
  tls: { privateKeyPem: string; certificatePem: string };
};

const dayMs = 24 * 60 * 60 * 1000;
const validity = {
  /** A clock that is a little behind ours must not find a certificate that is not valid yet. */
  beforeNowMs: 5 * 60 * 1000,
  caMs: 5 * 365 * dayMs,
  releaseMs: 2 * 365 * dayMs,
  /** What browsers accept at most (CA/Browser Forum Baseline Requirements 6.3.2, 2024). */
  tlsMs: 397 * dayMs,
} as const;

const sha256WithRsa = '1.2.840.113549.1.1.11';
const subjectKeyIdentifier = '2.5.29.14';
/** RFC 5280 4.1: TBSCertificate is version, serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo. */
const publicKeyPosition = 6;

type Issuer = { name: string; privateKey: KeyObject; publicKey: KeyObject };
type Template = { name: string; publicKey: KeyObject; now: number; lifetimeMs: number; extensions: object[] };

/**
 * A certificate authority for development (RSA-3072), a release signer and a TLS server under it (ECDSA P-256), all as
 * PEM; keys are PKCS #8. `now` is milliseconds since the epoch. The authority's private key is dropped when this
 * returns, so nothing more can ever be issued under it. Throws `config-invalid` for a name that is not a host name or
 * an address, or when there is none.
 */
export function makeDevelopmentPki(options: { now: number; hostnames: string[]; ips: string[] }): DevelopmentPki {
  const { now } = options;
  const alternativeNames = subjectAlternativeNames(options.hostnames, options.ips);
  const authority = { name: 'Keyway development CA', ...generateKeyPairSync('rsa', { modulusLength: 3072 }) };
  const release = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const tls = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  return {
    ca: {
      certificatePem: issue(authority, { ...authority, now, lifetimeMs: validity.caMs, extensions: caExtensions }),
    },
    release: {
      privateKeyPem: privatePem(release.privateKey),
      certificatePem: issue(authority, {
        name: 'Keyway development release signer',
        publicKey: release.publicKey,
        now,
        lifetimeMs: validity.releaseMs,
        extensions: releaseExtensions,
      }),
    },
    tls: {
      privateKeyPem: privatePem(tls.privateKey),
      certificatePem: issue(authority, {
        name: 'Keyway development gateway',
        publicKey: tls.publicKey,
        now,
        lifetimeMs: validity.tlsMs,
        extensions: [...tlsExtensions, { name: 'subjectAltName', altNames: alternativeNames }],
      }),
    },
  };
}

const caExtensions = [
  { name: 'basicConstraints', critical: true, cA: true, pathLenConstraint: 0 },
  { name: 'keyUsage', critical: true, keyCertSign: true, cRLSign: true },
];

/**
 * `openssl cms -verify` judges a chain for the purpose smimesign: emailProtection, or no extended usage at all. Naming
 * it keeps a stolen release key from passing as a TLS server.
 */
const releaseExtensions = [
  { name: 'basicConstraints', critical: true, cA: false },
  { name: 'keyUsage', critical: true, digitalSignature: true, nonRepudiation: true },
  { name: 'extKeyUsage', emailProtection: true },
];

const tlsExtensions = [
  { name: 'basicConstraints', critical: true, cA: false },
  { name: 'keyUsage', critical: true, digitalSignature: true },
  { name: 'extKeyUsage', serverAuth: true },
];

/** GeneralName tags of RFC 5280 4.2.1.6: dNSName 2, iPAddress 7. */
function subjectAlternativeNames(hostnames: readonly string[], ips: readonly string[]): object[] {
  if (hostnames.length + ips.length === 0) {
    throw new DomainError('config-invalid', 'A TLS certificate needs at least one host name or address.');
  }
  const label = '[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
  const hostname = new RegExp(`^(?=.{1,253}$)${label}(\\.${label})*$`);
  for (const name of hostnames) {
    if (isIP(name) !== 0 || !hostname.test(name))
      throw new DomainError('config-invalid', `"${name}" is not a host name.`);
  }
  for (const ip of ips) {
    if (isIP(ip) === 0 || ip.includes('%')) throw new DomainError('config-invalid', `"${ip}" is not an IP address.`);
  }
  return [...hostnames.map((value) => ({ type: 2, value })), ...ips.map((ip) => ({ type: 7, ip }))];
}

function issue(issuer: Issuer, template: Template): string {
  const certificate = pki.createCertificate();
  certificate.serialNumber = newSerialNumber();
  certificate.setSubject(distinguishedName(template.name));
  certificate.setIssuer(distinguishedName(issuer.name));
  certificate.validity.notBefore = new Date(template.now - validity.beforeNowMs);
  certificate.validity.notAfter = new Date(template.now - validity.beforeNowMs + template.lifetimeMs);
  certificate.setExtensions([
    ...template.extensions,
    { id: subjectKeyIdentifier, value: octetString(keyIdentifier(template.publicKey)) },
    { name: 'authorityKeyIdentifier', keyIdentifier: keyIdentifier(issuer.publicKey) },
  ]);
  certificate.signatureOid = sha256WithRsa;
  certificate.siginfo.algorithmOid = sha256WithRsa;
  // forge knows RSA keys only: the issuer's stands in until `withPublicKey` puts the subject's in its place.
  certificate.publicKey = pki.publicKeyFromPem(issuer.publicKey.export({ type: 'spki', format: 'pem' }).toString());
  certificate.signature = '';
  const issued = signed(withPublicKey(pki.certificateToAsn1(certificate), template.publicKey), issuer.privateKey);
  if (!issued.publicKey.equals(template.publicKey) || !issued.verify(issuer.publicKey)) {
    throw new Error(`The certificate "${template.name}" did not come out as it was meant.`);
  }
  return issued.toString();
}

const distinguishedName = (name: string) => [
  { name: 'organizationName', value: developmentOrganisation },
  { name: 'commonName', value: name },
];

/** 128 random bits as hex; the octet before them keeps the INTEGER positive and minimal (RFC 5280 4.1.2.2: 20 at most). */
const newSerialNumber = (): string => `01${randomBytes(16).toString('hex')}`;

/** RFC 7093 section 2, method 4: SHA-256 of the SubjectPublicKeyInfo, which is also how Keyway names a key everywhere. */
const keyIdentifier = (key: KeyObject): string => hash('sha256', publicKeyInfo(key), 'buffer').toString('latin1');

const publicKeyInfo = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });
const privatePem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

const octetString = (bytes: string): Asn1 => asn1.create(asn1.Class.UNIVERSAL, asn1.Type.OCTETSTRING, false, bytes);

/** forge holds DER as a string with a character per byte. */
const toDer = (node: Asn1): Buffer => Buffer.from(asn1.toDer(node).getBytes(), 'latin1');

/** The TBSCertificate and the signature algorithm of a certificate that forge laid out, around this public key. */
function withPublicKey(certificate: Asn1, publicKey: KeyObject): { toBeSigned: Asn1; algorithm: Asn1 } {
  const [toBeSigned, algorithm] = children(certificate);
  if (!toBeSigned || !algorithm) throw new TypeError('not a certificate');
  children(toBeSigned)[publicKeyPosition] = asn1.fromDer(publicKeyInfo(publicKey).toString('latin1'));
  return { toBeSigned, algorithm };
}

function children(node: Asn1): Asn1[] {
  if (!Array.isArray(node.value)) throw new TypeError('not a constructed ASN.1 value');
  return node.value;
}

/** Certificate of RFC 5280 4.1; the BIT STRING starts with its count of unused bits, 0. */
function signed(
  { toBeSigned, algorithm }: { toBeSigned: Asn1; algorithm: Asn1 },
  privateKey: KeyObject,
): X509Certificate {
  const signature = `\0${sign('sha256', toDer(toBeSigned), privateKey).toString('latin1')}`;
  const certificate = asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, [
    toBeSigned,
    algorithm,
    asn1.create(asn1.Class.UNIVERSAL, asn1.Type.BITSTRING, false, signature),
  ]);
  return new X509Certificate(toDer(certificate));
}
