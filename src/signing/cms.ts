import type { KeyObject, webcrypto, X509Certificate } from 'node:crypto';
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import { type Digest, digestHex } from '../domain/digest.ts';

export const oid = {
  data: '1.2.840.113549.1.7.1',
  signedData: '1.2.840.113549.1.7.2',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5',
  /** ESS signing-certificate-v2, RFC 5035: what makes CMS a CAdES-BES (ETSI EN 319 122-1). */
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
};

/** Makes detached CAdES-BES signatures with one key; built once, since importing the key and certificates costs more than a signature. */
export class CmsSigner {
  readonly #key: webcrypto.CryptoKey;
  readonly #certificate: pkijs.Certificate;
  readonly #chain: pkijs.Certificate[];
  readonly #certificateHash: ArrayBuffer;

  private constructor(
    key: webcrypto.CryptoKey,
    certificate: pkijs.Certificate,
    chain: pkijs.Certificate[],
    hash: ArrayBuffer,
  ) {
    this.#key = key;
    this.#certificate = certificate;
    this.#chain = chain;
    this.#certificateHash = hash;
  }

  /** `certificates`: the signer's own first, then intermediates. The key must be ECDSA P-256. */
  static async create(
    privateKey: KeyObject,
    certificates: readonly [X509Certificate, ...X509Certificate[]],
  ): Promise<CmsSigner> {
    const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
    const key = await crypto.subtle.importKey(
      'pkcs8',
      new Uint8Array(pkcs8),
      { name: 'ECDSA', namedCurve: 'P-256' },
      false,
      ['sign'],
    );
    const [own, ...chain] = certificates;
    const hash = await crypto.subtle.digest('SHA-256', new Uint8Array(own.raw));
    return new CmsSigner(key, parseCertificate(own), chain.map(parseCertificate), hash);
  }

  /**
   * A detached CMS SignedData (RFC 5652) over content with this SHA-256, as DER. The caller has hashed the very bytes:
   * the signer process reads them itself and never takes a digest from outside.
   */
  async sign(digest: Digest, timeMs: number): Promise<Buffer> {
    const signed = new pkijs.SignedData({
      version: 1,
      encapContentInfo: new pkijs.EncapsulatedContentInfo({ eContentType: oid.data }),
      signerInfos: [
        new pkijs.SignerInfo({
          version: 1,
          sid: new pkijs.IssuerAndSerialNumber({
            issuer: this.#certificate.issuer,
            serialNumber: this.#certificate.serialNumber,
          }),
          signedAttrs: new pkijs.SignedAndUnsignedAttributes({ type: 0, attributes: this.#attributes(digest, timeMs) }),
        }),
      ],
      certificates: [this.#certificate, ...this.#chain],
    });
    await signed.sign(this.#key, 0, 'SHA-256');
    const content = new pkijs.ContentInfo({ contentType: oid.signedData, content: signed.toSchema(true) });
    return Buffer.from(content.toSchema().toBER());
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

const parseCertificate = (certificate: X509Certificate): pkijs.Certificate =>
  pkijs.Certificate.fromBER(new Uint8Array(certificate.raw).buffer);
