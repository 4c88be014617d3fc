import { type KeyObject, verify, X509Certificate } from 'node:crypto';
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import { type Digest, digestHex } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { digestOf } from '../platform/hash.ts';
import { type PathQuestion, verifyPath } from './certificate-path.ts';
import { oid } from './cms.ts';

const ecdsaWithSha256 = '1.2.840.10045.4.3.2';
const sha256 = '2.16.840.1.101.3.4.2.1';

/** A signature that holds over the content, and the certificate that it says is its maker's. Its path is not judged yet. */
export type OpenedCms = {
  certificate: X509Certificate;
  intermediates: readonly X509Certificate[];
  /** What the signer says; nobody else vouches for it. */
  signingTimeMs: number | undefined;
};

/**
 * Opens a detached CAdES-BES signature (RFC 5652, RFC 5035, ETSI EN 319 122-1) over content with this digest: DER alone,
 * one signer, ECDSA with SHA-256, each signed attribute once. Throws `not-verified` with what is wrong.
 */
export function openCms(der: Uint8Array, digest: Digest): OpenedCms {
  const signed = parseSignedData(der, oid.data);
  if (signed.encapContentInfo.eContent) throw refused('it carries content of its own');
  const { certificates, signer } = soleSigner(signed);
  const certificate = certificates.find((one) => isNamed(signer, one));
  if (!certificate) throw refused('it does not hold the certificate of its signer');
  const attributes = signedAttributes(signer);
  const value = (type: string) => attributes.get(type);
  if (objectIdentifier(value(oid.contentType)) !== oid.data) throw refused('it does not sign plain content');
  if (octets(value(oid.messageDigest))?.toString('hex') !== digestHex(digest))
    throw refused('it was made over other bytes');
  requireBound(value(oid.signingCertificateV2), certificate);
  requireSignature(signer, certificate.publicKey);
  const intermediates = certificates.filter((one) => one !== certificate);
  return { certificate, intermediates, signingTimeMs: time(value(oid.signingTime)) };
}

/** Opens it, and follows the signer's certificate up to an authority. Throws `not-verified`. */
export function verifyCms(
  der: Uint8Array,
  digest: Digest,
  question: Omit<PathQuestion, 'intermediates' | 'purpose'>,
): OpenedCms & { path: readonly X509Certificate[] } {
  const opened = openCms(der, digest);
  const { certificate, intermediates } = opened;
  return { ...opened, path: verifyPath(certificate, { ...question, intermediates, purpose: 'sign-documents' }) };
}

/** SignedData (RFC 5652 5.1) over content of this type, in the one encoding that DER allows. */
export function parseSignedData(der: Uint8Array, contentType: string): pkijs.SignedData {
  if (der.length > limits.signatureBytes) throw refused('it is too large');
  let signed: pkijs.SignedData;
  let again: Buffer;
  try {
    const info = pkijs.ContentInfo.fromBER(new Uint8Array(der).buffer);
    if (info.contentType !== oid.signedData) throw new Error('another content type');
    signed = new pkijs.SignedData({ schema: info.content });
    const content = new pkijs.ContentInfo({ contentType: oid.signedData, content: signed.toSchema(true) });
    again = Buffer.from(content.toSchema().toBER());
  } catch (cause) {
    throw new DomainError('not-verified', 'The signature does not hold: it is not CMS SignedData.', { cause });
  }
  if (!again.equals(der)) throw refused('it is not encoded in DER, or has something beside the signature');
  if (signed.encapContentInfo.eContentType !== contentType) throw refused('it is over another type of content');
  return signed;
}

export function soleSigner(signed: pkijs.SignedData): { signer: pkijs.SignerInfo; certificates: X509Certificate[] } {
  const [signer, ...more] = signed.signerInfos;
  if (!signer || more.length > 0) throw refused('it does not have exactly one signer');
  // Under no signature; a reader who hashes by this list alone would not find what was signed.
  const [listed, ...others] = signed.digestAlgorithms;
  if (listed?.algorithmId !== signer.digestAlgorithm.algorithmId || others.length > 0)
    throw refused('it lists another hash than was signed by');
  if (signed.crls?.length) throw refused('it carries revocation lists, which prove nothing when the signer chose them');
  const certificates = (signed.certificates ?? []).map((one) => {
    if (one instanceof pkijs.Certificate) return new X509Certificate(Buffer.from(one.toSchema().toBER()));
    throw refused('it holds something else than certificates');
  });
  if (certificates.length > limits.certificatePath) throw refused('it holds too many certificates');
  return { signer, certificates };
}

export function isNamed({ sid }: pkijs.SignerInfo, certificate: X509Certificate): boolean {
  if (!(sid instanceof pkijs.IssuerAndSerialNumber)) return false;
  const own = pkijs.Certificate.fromBER(new Uint8Array(certificate.raw).buffer);
  return own.issuer.isEqual(sid.issuer) && own.serialNumber.isEqual(sid.serialNumber);
}

/** The one value of each attribute that was signed. */
export function signedAttributes(signer: pkijs.SignerInfo): Map<string, asn1js.BaseBlock> {
  const attributes = signer.signedAttrs?.attributes ?? [];
  const values = new Map<string, asn1js.BaseBlock>();
  for (const { type, values: given } of attributes) {
    if (values.has(type) || given.length !== 1) throw refused(`the attribute ${type} does not stand there once`);
    values.set(type, given[0] as asn1js.BaseBlock);
  }
  return values;
}

/** ESSCertIDv2 with its default hash, SHA-256 (RFC 5035 4): no other certificate may be put in the signer's place. */
export function requireBound(value: asn1js.BaseBlock | undefined, certificate: X509Certificate): void {
  const first = (block: asn1js.BaseBlock | undefined) =>
    block instanceof asn1js.Sequence ? block.valueBlock.value[0] : undefined;
  const hash = octets(first(first(first(value))));
  if (!hash || `sha256:${hash.toString('hex')}` !== digestOf(certificate.raw))
    throw refused('it does not bind the certificate of its signer');
}

export function requireSignature(signer: pkijs.SignerInfo, key: KeyObject): void {
  if (signer.digestAlgorithm.algorithmId !== sha256 || signer.signatureAlgorithm.algorithmId !== ecdsaWithSha256)
    throw refused('it is made by another algorithm than ECDSA with SHA-256');
  const attributes = signer.signedAttrs?.encodedValue;
  const signature = Buffer.from(signer.signature.valueBlock.valueHexView);
  if (!attributes || key.asymmetricKeyType !== 'ec' || !verify('sha256', Buffer.from(attributes), key, signature))
    throw refused('it was not made by the key of its certificate');
}

export const octets = (block: asn1js.BaseBlock | undefined): Buffer | undefined =>
  block instanceof asn1js.OctetString ? Buffer.from(block.valueBlock.valueHexView) : undefined;
export const objectIdentifier = (block: asn1js.BaseBlock | undefined): string | undefined =>
  block instanceof asn1js.ObjectIdentifier ? block.valueBlock.toString() : undefined;
const time = (block: asn1js.BaseBlock | undefined): number | undefined =>
  block instanceof asn1js.UTCTime ? block.toDate().getTime() : undefined;

const refused = (why: string) => new DomainError('not-verified', `The signature does not hold: ${why}.`);
