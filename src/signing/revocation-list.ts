import { Buffer } from 'node:buffer';
import type { X509Certificate } from 'node:crypto';
import * as pkijs from 'pkijs';
import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';

/** A list of revoked certificates (RFC 5280 5) whose signature by its authority was checked. */
export class RevocationList {
  readonly #issuer: X509Certificate;
  readonly #nextUpdateMs: number | undefined;
  /** By serial number in hexadecimal: since when, as milliseconds. */
  readonly #revoked: ReadonlyMap<string, number>;

  private constructor(issuer: X509Certificate, list: pkijs.CertificateRevocationList) {
    this.#issuer = issuer;
    this.#nextUpdateMs = list.nextUpdate?.value.getTime();
    this.#revoked = new Map(
      (list.revokedCertificates ?? []).map(({ userCertificate, revocationDate }) => [
        serialOf(Buffer.from(userCertificate.valueBlock.valueHexView).toString('hex')),
        revocationDate.value.getTime(),
      ]),
    );
  }

  /** PEM or DER. Throws `config-invalid` for one that none of `authorities` signed. */
  static async open(bytes: Uint8Array, authorities: readonly X509Certificate[]): Promise<RevocationList> {
    if (bytes.length > limits.revocationListBytes) throw invalid('it is too large');
    const list = parse(bytes);
    // A list with an extension that must be understood may cover a part of what the authority issued.
    if (list.crlExtensions?.extensions.some(({ critical }) => critical)) throw invalid('it is not a complete list');
    for (const authority of authorities) {
      const issuerCertificate = pkijs.Certificate.fromBER(new Uint8Array(authority.raw).buffer);
      if (!issuerCertificate.subject.isEqual(list.issuer)) continue;
      if (await list.verify({ issuerCertificate })) return new RevocationList(authority, list);
    }
    throw invalid('no authority that is trusted here signed it');
  }

  isOf = (authority: X509Certificate): boolean => authority.fingerprint256 === this.#issuer.fingerprint256;

  /** A newer list should have been there by then. */
  expiredAt = (atMs: number): boolean => this.#nextUpdateMs !== undefined && this.#nextUpdateMs < atMs;

  revokedSince = (certificate: X509Certificate): number | undefined =>
    this.#revoked.get(serialOf(certificate.serialNumber));
}

const serialOf = (hex: string): string => hex.toLowerCase().replace(/^0+/, '');

function parse(bytes: Uint8Array): pkijs.CertificateRevocationList {
  const text = Buffer.from(bytes).toString('latin1');
  const [, base64] = /-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]+)-----END X509 CRL-----/.exec(text) ?? [];
  try {
    const der = base64 === undefined ? bytes : Buffer.from(base64, 'base64');
    return pkijs.CertificateRevocationList.fromBER(new Uint8Array(der).buffer);
  } catch (cause) {
    throw new DomainError('config-invalid', 'This is not a certificate revocation list.', { cause });
  }
}

const invalid = (why: string) => new DomainError('config-invalid', `The revocation list is not accepted: ${why}.`);
