import type { KeyObject, X509Certificate } from 'node:crypto';
import * as pkijs from 'pkijs';
import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import type { RevocationList } from './revocation-list.ts';

const oid = {
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  extendedKeyUsage: '2.5.29.37',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  clientAuth: '1.3.6.1.5.5.7.3.2',
};
/** What a critical extension may be; any other would ask for something that is not done here (RFC 5280 4.2). */
const understood: ReadonlySet<string> = new Set([
  oid.keyUsage,
  oid.subjectAltName,
  oid.basicConstraints,
  oid.extendedKeyUsage,
]);
/** ECDSA and RSA PKCS #1 v1.5 with SHA-256, -384 or -512 (RFC 5758, RFC 4055). */
const signatureAlgorithms: ReadonlySet<string> = new Set([
  ...['2', '3', '4'].map((last) => `1.2.840.10045.4.3.${last}`),
  ...['11', '12', '13'].map((last) => `1.2.840.113549.1.1.${last}`),
]);
const curves: ReadonlySet<string> = new Set(['prime256v1', 'secp384r1', 'secp521r1']);
const smallestRsaBits = 2048;

/** Bits of KeyUsage, RFC 5280 4.2.1.3, in its first octet. */
const usage = { digitalSignature: 0x80, nonRepudiation: 0x40, keyCertSign: 0x04 };

export type PathQuestion = {
  /** Trusted as they are. */
  authorities: readonly X509Certificate[];
  /** What came along; trusted for nothing by itself. */
  intermediates: readonly X509Certificate[];
  atMs: number;
  purpose: 'sign-documents' | 'stamp-time' | 'sign-in';
  revocationLists?: readonly RevocationList[];
  /** Whether each authority on the path must have a list. */
  revocationRequired?: boolean;
};

/**
 * The path from a certificate up to an authority, both included, every step of which holds at `atMs`: signature, names,
 * validity, constraints, usage, and that no list revokes it (RFC 5280 6.1, without policies; a path with name
 * constraints is refused). Throws `not-verified`, saying for which certificate and why.
 */
export function verifyPath(leaf: X509Certificate, question: PathQuestion): X509Certificate[] {
  requireLeaf(leaf, question.purpose);
  const path = [leaf];
  for (;;) {
    const below = path.at(-1) as X509Certificate;
    requireSound(below, question);
    if (question.authorities.some((authority) => authority.fingerprint256 === below.fingerprint256)) break;
    const issuer = issuerOf(below, path, question);
    requireAuthority(issuer, path.length - 1);
    requireNotRevoked(below, issuer, question);
    path.push(issuer);
  }
  if (path.length < 2) throw refused(leaf, 'is trusted as an authority and can not sign for itself');
  return path;
}

function issuerOf(below: X509Certificate, path: readonly X509Certificate[], question: PathQuestion): X509Certificate {
  if (path.length > limits.certificatePath) throw refused(below, 'is further from an authority than paths may be long');
  const candidates = [...question.authorities, ...question.intermediates];
  const issuer = candidates.find(
    (one) => !path.includes(one) && below.checkIssued(one) && verifies(below, one.publicKey),
  );
  if (!issuer) throw refused(below, 'is not issued by an authority that is trusted here');
  return issuer;
}

const verifies = (certificate: X509Certificate, key: KeyObject): boolean => {
  try {
    return certificate.verify(key);
  } catch {
    return false;
  }
};

function requireLeaf(leaf: X509Certificate, purpose: PathQuestion['purpose']): void {
  const bits = keyUsage(leaf);
  if (leaf.ca) throw refused(leaf, 'is one of an authority, not of a signer');
  if (bits === undefined) throw refused(leaf, 'does not say what its key may be used for');
  if ((bits & (usage.digitalSignature | usage.nonRepudiation)) === 0)
    throw refused(leaf, 'is not for digital signatures');
  const extended: readonly string[] | undefined = leaf.keyUsage;
  if (purpose === 'stamp-time' && (extended?.length !== 1 || extended[0] !== oid.timeStamping))
    throw refused(leaf, 'is not for timestamps alone');
  if (purpose === 'sign-documents' && extended && !extended.includes(oid.emailProtection))
    throw refused(leaf, 'is for another purpose than signing documents');
  if (purpose === 'sign-in' && extended && !extended.includes(oid.clientAuth))
    throw refused(leaf, 'is for another purpose than signing in');
}

function requireSound(certificate: X509Certificate, { atMs }: PathQuestion): void {
  if (!certificateValidAt(certificate, atMs)) {
    const when = new Date(atMs).toISOString();
    throw refused(
      certificate,
      `was valid from ${certificate.validFrom} to ${certificate.validTo}, which ${when} is not in`,
    );
  }
  const { extensions = [], signatureAlgorithm } = parsed(certificate);
  if (!signatureAlgorithms.has(signatureAlgorithm.algorithmId))
    throw refused(certificate, 'is signed by an algorithm that is not accepted');
  if (!strong(certificate.publicKey)) throw refused(certificate, 'has a key that is too short or of an unknown kind');
  for (const { critical, extnID } of extensions) {
    if ((critical && !understood.has(extnID)) || extnID === oid.nameConstraints)
      throw refused(certificate, `has the extension ${extnID}, which is not evaluated here`);
  }
}

function strong({ asymmetricKeyType, asymmetricKeyDetails: details }: KeyObject): boolean {
  if (asymmetricKeyType === 'rsa') return (details?.modulusLength ?? 0) >= smallestRsaBits;
  return asymmetricKeyType === 'ec' && curves.has(details?.namedCurve ?? '');
}

/** `below`: how many intermediate certificates stand between it and the leaf. */
function requireAuthority(issuer: X509Certificate, below: number): void {
  if (!issuer.ca) throw refused(issuer, 'is not one of an authority');
  const bits = keyUsage(issuer);
  if (bits !== undefined && (bits & usage.keyCertSign) === 0) throw refused(issuer, 'may not sign certificates');
  const constraints = extension(issuer, oid.basicConstraints)?.parsedValue;
  const longest = constraints instanceof pkijs.BasicConstraints ? constraints.pathLenConstraint : undefined;
  if (typeof longest === 'number' && below > longest) throw refused(issuer, 'may not stand that high above a signer');
}

function requireNotRevoked(below: X509Certificate, issuer: X509Certificate, question: PathQuestion): void {
  const lists = (question.revocationLists ?? []).filter((list) => list.isOf(issuer));
  if (question.revocationRequired && lists.length === 0)
    throw refused(below, 'can not be judged: there is no revocation list of its authority');
  for (const list of lists) {
    if (list.expiredAt(question.atMs))
      throw refused(below, 'can not be judged: the revocation list of its authority is out of date');
    const since = list.revokedSince(below);
    if (since !== undefined && since <= question.atMs)
      throw refused(below, `was revoked on ${new Date(since).toISOString()}`);
  }
}

const parsed = (certificate: X509Certificate): pkijs.Certificate =>
  pkijs.Certificate.fromBER(new Uint8Array(certificate.raw).buffer);

const extension = (certificate: X509Certificate, id: string): pkijs.Extension | undefined =>
  parsed(certificate).extensions?.find(({ extnID }) => extnID === id);

/** The first octet of KeyUsage, undefined where the certificate has none. */
function keyUsage(certificate: X509Certificate): number | undefined {
  const value: unknown = extension(certificate, oid.keyUsage)?.parsedValue;
  if (typeof value !== 'object' || value === null || !('valueBlock' in value)) return undefined;
  const { valueHexView } = value.valueBlock as { valueHexView: Uint8Array };
  return valueHexView[0] ?? 0;
}

/** A signature is judged at the time of its ledger entry. */
export const certificateValidAt = (certificate: X509Certificate, timeMs: number): boolean =>
  timeMs >= Date.parse(certificate.validFrom) && timeMs <= Date.parse(certificate.validTo);

const refused = ({ subject }: X509Certificate, why: string): DomainError =>
  new DomainError('not-verified', `The certificate "${subject.replaceAll('\n', ', ')}" ${why}.`);
