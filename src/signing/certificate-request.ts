import { createPublicKey } from 'node:crypto';
import { isIP } from 'node:net';
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import { DomainError } from '../domain/errors.ts';
import type { SigningKey } from './signing-key.ts';

const oid = {
  commonName: '2.5.4.3',
  extensionRequest: '1.2.840.113549.1.9.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  extendedKeyUsage: '2.5.29.37',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
};
/** RFC 5280 4.2.1.3: digitalSignature alone, or with nonRepudiation, as a BIT STRING with its unused bits. */
const usages = { tls: { bits: 0x80, unused: 7 }, release: { bits: 0xc0, unused: 6 } };

export type RequestedCertificate = {
  commonName: string;
  for: 'release' | 'tls';
  /** Names and addresses of a TLS server. */
  hosts?: readonly string[];
};

/**
 * A request (PKCS #10, RFC 2986) as PEM for the company's authority, signed by the key that it is for, however that is
 * held: P-256, the key usages that are checked here, and for TLS the names.
 */
export async function requestCertificate(key: SigningKey, wanted: RequestedCertificate): Promise<string> {
  const request = new pkijs.CertificationRequest({
    version: 0,
    subject: new pkijs.RelativeDistinguishedNames({
      typesAndValues: [
        new pkijs.AttributeTypeAndValue({
          type: oid.commonName,
          value: new asn1js.Utf8String({ value: wanted.commonName }),
        }),
      ],
    }),
    subjectPublicKeyInfo: pkijs.PublicKeyInfo.fromBER(arrayBuffer(spkiOf(key))),
    attributes: [
      new pkijs.Attribute({
        type: oid.extensionRequest,
        values: [new pkijs.Extensions({ extensions: extensionsFor(wanted) }).toSchema()],
      }),
    ],
    signatureAlgorithm: new pkijs.AlgorithmIdentifier({ algorithmId: oid.ecdsaWithSha256 }),
  });
  const toBeSigned = encodedInfo(request);
  request.tbsView = new Uint8Array(toBeSigned);
  const signature = await key.sign(new Uint8Array(toBeSigned));
  request.signatureValue = new asn1js.BitString({ valueHex: arrayBuffer(signature) });
  const der = Buffer.from(request.toSchema().toBER());
  const lines = der.toString('base64').replaceAll(/.{64}(?!$)/g, '$&\n');
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines}\n-----END CERTIFICATE REQUEST-----\n`;
}

/** CertificationRequestInfo, which is what is signed. */
function encodedInfo({
  version,
  subject,
  subjectPublicKeyInfo,
  attributes = [],
}: pkijs.CertificationRequest): ArrayBuffer {
  return new asn1js.Sequence({
    value: [
      new asn1js.Integer({ value: version }),
      subject.toSchema(),
      subjectPublicKeyInfo.toSchema(),
      new asn1js.Constructed({
        idBlock: { tagClass: 3, tagNumber: 0 },
        value: attributes.map((attribute) => attribute.toSchema()),
      }),
    ],
  }).toBER();
}

function extensionsFor({ for: purpose, hosts = [] }: RequestedCertificate): pkijs.Extension[] {
  const { bits, unused } = usages[purpose];
  const usage = new asn1js.BitString({ valueHex: Uint8Array.of(bits).buffer, unusedBits: unused });
  const extended = new pkijs.ExtKeyUsage({ keyPurposes: [purpose === 'tls' ? oid.serverAuth : oid.emailProtection] });
  const names = new pkijs.GeneralNames({ names: hosts.map(generalName) });
  return [
    new pkijs.Extension({ extnID: oid.keyUsage, critical: true, extnValue: usage.toBER() }),
    new pkijs.Extension({ extnID: oid.extendedKeyUsage, extnValue: extended.toSchema().toBER() }),
    ...(hosts.length === 0
      ? []
      : [new pkijs.Extension({ extnID: oid.subjectAltName, extnValue: names.toSchema().toBER() })]),
  ];
}

/** RFC 5280 4.2.1.6: dNSName 2, iPAddress 7. Throws `request-invalid`. */
function generalName(host: string): pkijs.GeneralName {
  if (isIP(host) === 4)
    return new pkijs.GeneralName({
      type: 7,
      value: new asn1js.OctetString({ valueHex: Uint8Array.from(host.split('.').map(Number)).buffer }),
    });
  if (
    /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/.test(
      host,
    )
  )
    return new pkijs.GeneralName({ type: 2, value: host });
  throw new DomainError('request-invalid', `"${host}" is not a host name or an IPv4 address.`, { field: 'host' });
}

const spkiOf = ({ publicKey }: SigningKey): Buffer =>
  createPublicKey(publicKey).export({ type: 'spki', format: 'der' });
const arrayBuffer = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;
