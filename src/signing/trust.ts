import { createPublicKey, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import type { Digest } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import { PersonId } from '../domain/ids.ts';
import { KeyId, type PersonKey, PublicKeyPem } from '../domain/people.ts';
import { type NoteVerifier, parseVerifierKey } from '../merkle/note.ts';
import { readFileIfThere } from '../platform/durable-file.ts';
import { canonicalJson, digestOf } from '../platform/hash.ts';
import { keyIdOf, publicPem } from './keys.ts';

/** The organisation name in every development certificate; production refuses to start with one (see certs-dev). */
const developmentMark = 'not for production';

const Pem = z.string().max(10_000).startsWith('-----BEGIN CERTIFICATE-----\n');
const TrustFile = z.strictObject({
  v: z.literal(1),
  origin: z.string().min(1).max(120),
  /** signed-note verifier keys of the ledger: Ed25519, then ECDSA P-256. */
  ledgerKeys: z.array(z.string().max(400)).length(2),
  releaseCertificate: Pem,
  /** The CA that vouches for the release certificate. */
  authority: Pem,
  /** Whose signatures, two at a time, put everybody else in office. */
  administrators: z
    .array(z.strictObject({ person: PersonId, keyId: KeyId, publicKey: PublicKeyPem }))
    .min(2)
    .max(16),
});
export type TrustFile = z.infer<typeof TrustFile>;

/**
 * What everything is verified against: public, kept outside the databases, handed to auditors by another way than the
 * data that it judges.
 */
export type Trust = {
  origin: string;
  digest: Digest;
  ledgerVerifiers: readonly NoteVerifier[];
  releaseKey: Pick<PersonKey, 'keyId' | 'publicKey'>;
  releaseCertificate: X509Certificate;
  authority: X509Certificate;
  administratorsAt(timeMs: number): readonly RootAdministrator[];
  timestampAuthoritiesAt(timeMs: number): readonly X509Certificate[];
};
export type RootAdministrator = TrustFile['administrators'][number];

export function parseTrust(value: unknown): Trust {
  const file = TrustFile.parse(value);
  const releaseCertificate = new X509Certificate(file.releaseCertificate);
  const authority = new X509Certificate(file.authority);
  if (!authority.ca || !releaseCertificate.checkIssued(authority) || !releaseCertificate.verify(authority.publicKey)) {
    throw new DomainError(
      'config-invalid',
      'The release certificate is not issued by the authority that the trust file names.',
    );
  }
  const ledgerVerifiers = file.ledgerKeys.map((key) => parseVerifierKey(key));
  if (ledgerVerifiers.some((verifier) => verifier.name !== file.origin)) {
    throw new DomainError('config-invalid', 'A ledger key of the trust file is for another origin.');
  }
  const releaseKey = createPublicKey(releaseCertificate.publicKey.export({ type: 'spki', format: 'pem' }));
  return {
    origin: file.origin,
    digest: digestOf(canonicalJson(file)),
    ledgerVerifiers,
    releaseKey: { keyId: keyIdOf(releaseKey), publicKey: publicPem(releaseKey) },
    releaseCertificate,
    authority,
    administratorsAt: () => file.administrators,
    timestampAuthoritiesAt: () => [],
  };
}

/** Throws `config-invalid`, one line, naming the file. */
export function loadTrust(path: string): Trust {
  const bytes = readFileIfThere(path);
  if (!bytes) throw new DomainError('config-invalid', `${path}: there is no trust file; run "keyway init" first.`);
  try {
    return parseTrust(JSON.parse(bytes.toString('utf8')));
  } catch (error) {
    if (error instanceof DomainError) throw new DomainError(error.code, `${path}: ${error.message}`);
    throw new DomainError('config-invalid', `${path}: not a trust file.`, { cause: error });
  }
}

const namesDevelopment = ({ subject, issuer }: X509Certificate): boolean =>
  subject.includes(developmentMark) || issuer.includes(developmentMark);

export const isDevelopmentTrust = ({ authority, releaseCertificate }: Trust): boolean =>
  namesDevelopment(authority) || namesDevelopment(releaseCertificate);

/** `pem`: one certificate; of a chain the first. Throws where it is none. */
export const isDevelopmentCertificate = (pem: Uint8Array): boolean => namesDevelopment(new X509Certificate(pem));

/** Whether the release certificate was valid at `timeMs`; a signature is judged at the time of its ledger entry. */
export const certificateValidAt = (certificate: X509Certificate, timeMs: number): boolean =>
  timeMs >= Date.parse(certificate.validFrom) && timeMs <= Date.parse(certificate.validTo);
