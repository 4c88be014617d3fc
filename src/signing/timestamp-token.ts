import { hash, type KeyObject, verify, type X509Certificate } from 'node:crypto';
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import { type Digest, digestHex } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { verifyPath } from './certificate-path.ts';
import { oid } from './cms.ts';
import {
  isNamed,
  objectIdentifier,
  octets,
  parseSignedData,
  requireBound,
  signedAttributes,
  soleSigner,
} from './cms-verify.ts';

/** id-ct-TSTInfo, RFC 3161 2.4.2. */
const timestampContent = '1.2.840.113549.1.9.16.1.4';
const extendedKeyUsage = '2.5.29.37';
/** PKIStatus granted and grantedWithMods (RFC 3161 2.4.2); what was modified is compared below. */
const granted: ReadonlySet<number> = new Set([0, 1]);

const hashes: ReadonlyMap<string, string> = new Map([
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
]);
/** Of SignerInfo.signatureAlgorithm: the kind of key, and the hash where the identifier names it (RFC 5754). */
const signatures: ReadonlyMap<string, { key: 'ec' | 'rsa'; hash?: string }> = new Map([
  ['1.2.840.10045.4.3.2', { key: 'ec', hash: 'sha256' }],
  ['1.2.840.10045.4.3.3', { key: 'ec', hash: 'sha384' }],
  ['1.2.840.10045.4.3.4', { key: 'ec', hash: 'sha512' }],
  ['1.2.840.113549.1.1.1', { key: 'rsa' }],
  ['1.2.840.113549.1.1.11', { key: 'rsa', hash: 'sha256' }],
  ['1.2.840.113549.1.1.12', { key: 'rsa', hash: 'sha384' }],
  ['1.2.840.113549.1.1.13', { key: 'rsa', hash: 'sha512' }],
]);

/** What an authority said: that the message was there at this time. */
export type Timestamp = {
  genTimeMs: number;
  policy: string;
  /** Hexadecimal. */
  serial: string;
  /** The stamper's certificate, and the path from there up to an authority that is trusted for time. */
  path: readonly X509Certificate[];
};

export type TimestampQuestion = {
  /** SHA-256 of the message. */
  digest: Digest;
  /** Those trusted for time at a time: the stamper's certificate is judged as of the time that it says. */
  authoritiesAt(timeMs: number): readonly X509Certificate[];
  /** Between which times it can have been made. */
  earliestMs: number;
  latestMs: number;
  /** What was asked for, where the answer is fresh. */
  nonce?: Uint8Array;
  policy?: string | undefined;
};

/** TimeStampReq (RFC 3161 2.4.1), asking for the stamper's certificate. `nonce`: bytes of a positive integer in DER. */
export function timestampRequest({
  digest,
  nonce,
  policy,
}: Pick<TimestampQuestion, 'digest' | 'policy'> & { nonce: Uint8Array }): Buffer {
  const request = new pkijs.TimeStampReq({
    version: 1,
    messageImprint: new pkijs.MessageImprint({
      hashAlgorithm: new pkijs.AlgorithmIdentifier({ algorithmId: oid.sha256, algorithmParams: new asn1js.Null() }),
      hashedMessage: new asn1js.OctetString({ valueHex: new Uint8Array(Buffer.from(digestHex(digest), 'hex')) }),
    }),
    nonce: new asn1js.Integer({ valueHex: new Uint8Array(nonce) }),
    certReq: true,
    ...(policy === undefined ? {} : { reqPolicy: policy }),
  });
  return Buffer.from(request.toSchema().toBER());
}

/**
 * Verifies a TimeStampResp (RFC 3161 2.4.2, RFC 5816): granted, over this message, signed by one stamper whose certificate
 * is for time alone, is bound into the signature and leads to a trusted authority at the time that it says. What it
 * accepts `openssl ts -verify` accepts. Throws `not-verified`, saying what is wrong.
 */
export function verifyTimestamp(response: Uint8Array, question: TimestampQuestion): Timestamp {
  const signed = parseSignedData(grantedToken(response), timestampContent);
  const content = octets(signed.encapContentInfo.eContent);
  if (!content) throw refused('it holds no statement of a time');
  const { certificates, signer } = soleSigner(signed);
  const certificate = certificates.find((one) => isNamed(signer, one));
  if (!certificate) throw refused('it does not hold the certificate of its signer');
  requireSigned(signer, content, certificate);
  const said = openStatement(content);
  requireAnswer(said, question);
  requireStamper(said, certificate);
  const genTimeMs = said.genTime.getTime();
  const path = verifyPath(certificate, {
    ...{ authorities: question.authoritiesAt(genTimeMs), intermediates: certificates, atMs: genTimeMs },
    purpose: 'stamp-time',
  });
  const serial = Buffer.from(said.serialNumber.valueBlock.valueHexView).toString('hex');
  return { genTimeMs, policy: said.policy, serial, path };
}

/** The token's own bytes. A second encoding of them could hide what nobody signed. */
function grantedToken(response: Uint8Array): Buffer {
  if (response.length > limits.timestampBytes) throw refused('it is too large');
  const { result, offset } = asn1js.fromBER(new Uint8Array(response).buffer);
  const parts = result instanceof asn1js.Sequence && offset === response.length ? result.valueBlock.value : [];
  const [status, token, ...more] = parts;
  if (!(status instanceof asn1js.Sequence) || more.length > 0) throw refused('it is not the answer to a request');
  const code = status.valueBlock.value[0];
  if (!(code instanceof asn1js.Integer) || !granted.has(code.valueBlock.valueDec) || !token)
    throw refused('the authority did not grant it');
  return Buffer.from(token.valueBeforeDecodeView);
}

function requireSigned(signer: pkijs.SignerInfo, content: Buffer, certificate: X509Certificate): void {
  const attributes = signedAttributes(signer);
  const algorithm = hashes.get(signer.digestAlgorithm.algorithmId);
  if (objectIdentifier(attributes.get(oid.contentType)) !== timestampContent) throw refused('it signs something else');
  if (algorithm === undefined || !octets(attributes.get(oid.messageDigest))?.equals(hash(algorithm, content, 'buffer')))
    throw refused('it signs another statement than it holds');
  requireBound(attributes.get(oid.signingCertificateV2), certificate);
  requireSignature(signer, algorithm, certificate.publicKey);
}

function requireSignature(
  { signedAttrs, signatureAlgorithm, signature }: pkijs.SignerInfo,
  algorithm: string,
  key: KeyObject,
): void {
  const known = signatures.get(signatureAlgorithm.algorithmId);
  if (!known || known.key !== key.asymmetricKeyType || (known.hash ?? algorithm) !== algorithm)
    throw refused('it is made by an algorithm that is not accepted');
  const bytes = Buffer.from(signedAttrs?.encodedValue ?? new ArrayBuffer());
  if (!verify(algorithm, bytes, key, Buffer.from(signature.valueBlock.valueHexView)))
    throw refused('it was not made by the key of its certificate');
}

function openStatement(content: Buffer): pkijs.TSTInfo {
  let said: pkijs.TSTInfo;
  try {
    said = pkijs.TSTInfo.fromBER(new Uint8Array(content).buffer);
  } catch (cause) {
    throw new DomainError('not-verified', 'The timestamp does not hold: what it says cannot be read.', { cause });
  }
  if (said.version !== 1) throw refused('it is of another version');
  if (said.extensions?.length) throw refused('it has extensions, which are not evaluated here');
  return said;
}

function requireAnswer({ messageImprint, nonce, policy, genTime }: pkijs.TSTInfo, question: TimestampQuestion): void {
  const stamped = Buffer.from(messageImprint.hashedMessage.valueBlock.valueHexView).toString('hex');
  if (messageImprint.hashAlgorithm.algorithmId !== oid.sha256 || stamped !== digestHex(question.digest))
    throw refused('it was made over another checkpoint');
  if (question.nonce && !Buffer.from(nonce?.valueBlock.valueHexView ?? []).equals(question.nonce))
    throw refused('it answers another request');
  if (question.policy !== undefined && policy !== question.policy)
    throw refused(`it was made under the policy ${policy}`);
  const at = genTime.getTime();
  if (!(at >= question.earliestMs && at <= question.latestMs))
    throw refused(`it says ${Number.isNaN(at) ? 'no time' : genTime.toISOString()}, when it cannot have been made`);
}

/** Its certificate may be for nothing else, and says so critically (RFC 3161 2.3); who it says it is must be that one. */
function requireStamper({ tsa }: pkijs.TSTInfo, certificate: X509Certificate): void {
  const own = pkijs.Certificate.fromBER(new Uint8Array(certificate.raw).buffer);
  if (own.extensions?.find(({ extnID }) => extnID === extendedKeyUsage)?.critical !== true)
    throw refused('the certificate of its signer is not for timestamps alone');
  if (tsa && !(tsa.type === directoryName && sameEncoding(tsa.value, own.subject)))
    throw refused('it names another authority than signed it');
}

/** GeneralName, RFC 5280 4.2.1.6. */
const directoryName = 4;

function sameEncoding(one: unknown, other: pkijs.RelativeDistinguishedNames): boolean {
  const der = (name: pkijs.RelativeDistinguishedNames) => Buffer.from(name.toSchema().toBER());
  return one instanceof pkijs.RelativeDistinguishedNames && der(one).equals(der(other));
}

const refused = (why: string) => new DomainError('not-verified', `The timestamp does not hold: ${why}.`);
