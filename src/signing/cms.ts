import { type KeyObject, verify, type X509Certificate } from 'node:crypto';
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import { type Digest, digestHex } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import type { SigningKey } from './signing-key.ts';

export const oid = {
  data: '1.2.840.113549.1.7.1',
  signedData: '1.2.840.113549.1.7.2',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5',
  /** ESS signing-certificate-v2, RFC 5035: what makes CMS a CAdES-BES (ETSI EN 319 122-1). */
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
  sha256: '2.16.840.1.101.3.4.2.1',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
};

/** Makes detached CAdES-BES signatures with one key; built once, since reading the certificates costs more than a signature. */
export class CmsSigner {
  readonly #key: SigningKey;
  readonly #certificate: pkijs.Certificate;
  readonly #chain: pkijs.Certificate[];
  readonly #certificateHash: ArrayBuffer;
  readonly #publicKey: KeyObject;

  private constructor(key: SigningKey, own: X509Certificate, chain: readonly X509Certificate[], hash: ArrayBuffer) {
    this.#key = key;
    this.#certificate = parseCertificate(own);
    this.#chain = chain.map(parseCertificate);
    this.#certificateHash = hash;
    this.#publicKey = own.publicKey;
  }

  /** `certificates`: the signer's own first, then intermediates. */
  static async create(
    key: SigningKey,
    certificates: readonly [X509Certificate, ...X509Certificate[]],
  ): Promise<CmsSigner> {
    const [own, ...chain] = certificates;
    const hash = await crypto.subtle.digest('SHA-256', new Uint8Array(own.raw));
    return new CmsSigner(key, own, chain, hash);
  }

  /**
   * A detached CMS SignedData (RFC 5652) over content with this SHA-256, as DER. The caller has hashed the very bytes:
   * the signer process reads them itself and never takes a digest from outside. Checked against the certificate before
   * it leaves; throws `internal` where the key is not that of the certificate.
   */
  async sign(digest: Digest, timeMs: number): Promise<Buffer> {
    const signedAttrs = new pkijs.SignedAndUnsignedAttributes({
      type: 0,
      attributes: this.#attributes(digest, timeMs),
    });
    const { issuer, serialNumber } = this.#certificate;
    const signed = new pkijs.SignedData({
      version: 1,
      digestAlgorithms: [sha256()],
      encapContentInfo: new pkijs.EncapsulatedContentInfo({ eContentType: oid.data }),
      signerInfos: [
        new pkijs.SignerInfo({
          version: 1,
          sid: new pkijs.IssuerAndSerialNumber({ issuer, serialNumber }),
          digestAlgorithm: sha256(),
          signedAttrs,
          signatureAlgorithm: new pkijs.AlgorithmIdentifier({ algorithmId: oid.ecdsaWithSha256 }),
          signature: new asn1js.OctetString({ valueHex: await this.#signature(toBeSigned(signedAttrs)) }),
        }),
      ],
      certificates: [this.#certificate, ...this.#chain],
    });
    const content = new pkijs.ContentInfo({ contentType: oid.signedData, content: signed.toSchema(true) });
    return Buffer.from(content.toSchema().toBER());
  }

  async #signature(attributes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    const signature = await this.#key.sign(attributes);
    if (verify('sha256', attributes, this.#publicKey, signature)) return new Uint8Array(signature);
    throw new DomainError('internal', 'The signing key is not the one of its certificate.');
  }

  #attributes(digest: Digest, timeMs: number): pkijs.Attribute[] {
    const essCertIdV2 = new asn1js.Sequence({ value: [new asn1js.OctetString({ valueHex: this.#certificateHash })] });
    const attribute = (type: string, value: asn1js.BaseBlock) => new pkijs.Attribute({ type, values: [value] });
    return [
      attribute(oid.contentType, new asn1js.ObjectIdentifier({ value: oid.data })),
      attribute(oid.signingTime, new asn1js.UTCTime({ valueDate: new Date(timeMs) })),
      attribute(
        oid.messageDigest,
        new asn1js.OctetString({ valueHex: new Uint8Array(Buffer.from(digestHex(digest), 'hex')).buffer }),
      ),
      // ESSCertIDv2 without algorithm means SHA-256, its default.
      attribute(
        oid.signingCertificateV2,
        new asn1js.Sequence({ value: [new asn1js.Sequence({ value: [essCertIdV2] })] }),
      ),
    ];
  }
}

const sha256 = () => new pkijs.AlgorithmIdentifier({ algorithmId: oid.sha256, algorithmParams: new asn1js.Null() });

/** RFC 5652 5.4: the attributes are signed as a SET OF, not under the tag that they carry in the message. */
function toBeSigned(attributes: pkijs.SignedAndUnsignedAttributes): Uint8Array {
  const bytes = new Uint8Array(attributes.toSchema().toBER());
  bytes[0] = 0x31;
  return bytes;
}

const parseCertificate = (certificate: X509Certificate): pkijs.Certificate =>
  pkijs.Certificate.fromBER(new Uint8Array(certificate.raw).buffer);
