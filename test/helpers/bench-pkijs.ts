import { type KeyObject, webcrypto, type X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import { oid } from '../../src/signing/cms.ts';

/**
 * The bare library doing what the signer does, as its own examples do: a detached SignedData with the same attributes, over
 * the same files, by its own engine (Node's WebCrypto); key and certificate are read once.
 */
export class BarePkijs {
  readonly #key: webcrypto.CryptoKey;
  readonly #certificate: pkijs.Certificate;
  readonly #certificateHash: ArrayBuffer;

  private constructor(key: webcrypto.CryptoKey, certificate: pkijs.Certificate, certificateHash: ArrayBuffer) {
    this.#key = key;
    this.#certificate = certificate;
    this.#certificateHash = certificateHash;
  }

  static async create(key: KeyObject, certificate: X509Certificate): Promise<BarePkijs> {
    const pkcs8 = new Uint8Array(key.export({ type: 'pkcs8', format: 'der' }));
    const p256 = { name: 'ECDSA', namedCurve: 'P-256' };
    const imported = await webcrypto.subtle.importKey('pkcs8', pkcs8, p256, false, ['sign']);
    const raw = new Uint8Array(certificate.raw);
    const hash = await webcrypto.subtle.digest('SHA-256', raw);
    return new BarePkijs(imported, pkijs.Certificate.fromBER(raw.buffer), hash);
  }

  async signFile(path: string): Promise<Buffer> {
    const content = new Uint8Array(await readFile(path));
    const digest = await webcrypto.subtle.digest('SHA-256', content);
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
          signedAttrs: new pkijs.SignedAndUnsignedAttributes({ type: 0, attributes: this.#attributes(digest) }),
        }),
      ],
      certificates: [this.#certificate],
    });
    await signed.sign(this.#key, 0, 'SHA-256', content.buffer);
    const info = new pkijs.ContentInfo({ contentType: oid.signedData, content: signed.toSchema(true) });
    return Buffer.from(info.toSchema().toBER());
  }

  /** The signature of a DSSE envelope, over bytes that are there. */
  async signBytes(bytes: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
    return webcrypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, this.#key, bytes);
  }

  #attributes(digest: ArrayBuffer): pkijs.Attribute[] {
    const bound = new asn1js.Sequence({ value: [new asn1js.OctetString({ valueHex: this.#certificateHash })] });
    const values: [string, asn1js.BaseBlock][] = [
      [oid.contentType, new asn1js.ObjectIdentifier({ value: oid.data })],
      [oid.signingTime, new asn1js.UTCTime({ valueDate: new Date() })],
      [oid.messageDigest, new asn1js.OctetString({ valueHex: digest })],
      [oid.signingCertificateV2, new asn1js.Sequence({ value: [new asn1js.Sequence({ value: [bound] })] })],
    ];
    return values.map(([type, value]) => new pkijs.Attribute({ type, values: [value] }));
  }
}
