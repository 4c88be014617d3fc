import { createPublicKey, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { DomainError } from '../domain/errors.ts';
import { PersonId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { KeyId, PublicKeyPem } from '../domain/people.ts';
import { ShortText } from '../domain/text.ts';
import { noteAlgorithms, parseVerifierKey } from '../merkle/note.ts';
import { canonicalJson } from '../platform/hash.ts';
import { isP256, keyIdOf, publicPem } from './keys.ts';

const Time = z.iso.datetime({ precision: 3 });
const Pem = z
  .string()
  .max(10_000)
  .regex(/^-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----\n$/);
/** In force from `from` until before `until`. What ended stays listed, since it signed what still has to be verified. */
const span = { from: Time, until: Time.optional() };

/** What an authority may vouch for. */
export const purposes = ['release', 'people', 'machines', 'tls'] as const;
export type Purpose = (typeof purposes)[number];

export const TrustRoot = z.strictObject({
  v: z.literal(2),
  version: z.int().min(1),
  origin: ShortText,
  created: Time,
  /** From then on nothing is released or delivered until the administrators sign a new version. */
  expires: Time,
  /** How many administrators a version of this root needs. One alone could put anybody in office. */
  threshold: z.int().min(2).max(limits.trustThreshold),
  administrators: z
    .array(z.strictObject({ person: PersonId, keyId: KeyId, publicKey: PublicKeyPem, ...span }))
    .min(2)
    .max(limits.trustEntries),
  /** The last one signs releases. */
  releaseKeys: z
    .array(
      z.strictObject({
        certificate: Pem,
        /** Between the certificate and the authority, the issuer of the certificate first. */
        chain: z.array(Pem).max(limits.certificatesPerChain).optional(),
        ...span,
        /** What it signed from then on may be by somebody else's hand, and does not count. */
        revoked: z.strictObject({ at: Time, reason: ShortText }).optional(),
      }),
    )
    .min(1)
    .max(limits.trustEntries),
  /** signed-note verifier keys: Ed25519, then ECDSA P-256. The last pair signs checkpoints. */
  ledgerKeys: z
    .array(z.strictObject({ vkeys: z.array(z.string().max(400)).length(2), ...span }))
    .min(1)
    .max(limits.trustEntries),
  timestampAuthorities: z
    .array(z.strictObject({ name: ShortText, certificate: Pem, ...span }))
    .max(limits.trustEntries),
  authorities: z
    .array(
      z.strictObject({
        name: ShortText,
        certificate: Pem,
        for: z.array(z.enum(purposes)).min(1).max(purposes.length),
        ...span,
      }),
    )
    .min(1)
    .max(limits.trustEntries),
});
export type TrustRoot = z.infer<typeof TrustRoot>;
export type RootAdministrator = TrustRoot['administrators'][number];
export type ReleaseKey = TrustRoot['releaseKeys'][number];

/** The one file that auditors are handed: what is trusted, and the administrators' signatures over it. */
export const TrustFile = z.strictObject({
  root: TrustRoot,
  signatures: z.array(z.strictObject({ keyid: KeyId, sig: z.base64().max(200) })).max(limits.trustSignatures),
});
export type TrustFile = z.infer<typeof TrustFile>;

export type Span = { from: string; until?: string | undefined };
export const inForce = ({ from, until }: Span, timeMs: number): boolean =>
  Date.parse(from) <= timeMs && (until === undefined || timeMs < Date.parse(until));

/** A person reads it, and two versions of it compare line by line. */
export const formatTrustFile = (file: TrustFile): string => `${JSON.stringify(file, null, 2)}\n`;

/** Reads the text of a trust file, signed or not. Throws `config-invalid` with what is wrong. */
export function readTrustFile(text: string): TrustFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new DomainError('config-invalid', 'Not a trust file: it is not JSON.', { cause });
  }
  // Of two members of one name one parser takes the first and another the last, and both would call it signed.
  const withoutSpace = text.replaceAll(/("(?:[^"\\]|\\.)*")|\s+/g, '$1');
  if (withoutSpace !== JSON.stringify(value)) throw invalid('it says something twice, or spells it in another way');
  return checkTrustFile(value);
}

/** As `readTrustFile`, for what was parsed or made already. */
export function checkTrustFile(value: unknown): TrustFile {
  const file = TrustFile.safeParse(value);
  if (!file.success) {
    const [issue] = file.error.issues;
    throw invalid(`${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'is not of the expected form'}`);
  }
  if (canonicalJson(file.data).length > limits.trustFileBytes)
    throw invalid(`it is larger than ${limits.trustFileBytes} bytes`);
  requireConsistent(file.data.root);
  return file.data;
}

function requireConsistent(root: TrustRoot): void {
  const { created, expires } = root;
  const lifetime = Date.parse(expires) - Date.parse(created);
  if (lifetime <= 0) throw invalid('it expires before it was made');
  if (lifetime > limits.trustLifetimeMs) throw invalid('it is made for longer than three years');
  const { administrators, releaseKeys, ledgerKeys, timestampAuthorities, authorities } = root;
  const spans = [administrators, releaseKeys, ledgerKeys, timestampAuthorities, authorities].flat();
  if (spans.some(({ from, until }) => until !== undefined && until <= from))
    throw invalid('a key ends before it begins');
  requireAdministrators(root);
  requireReleaseKeys(root);
  requireLedgerKeys(root);
  requireUnlike(authorities, ({ certificate }) => certificate, 'an authority is');
  requireUnlike(timestampAuthorities, ({ certificate }) => certificate, 'a timestamp authority is');
  for (const { certificate } of [...authorities, ...timestampAuthorities]) readCertificate(certificate);
}

function requireAdministrators({ administrators, threshold, created }: TrustRoot): void {
  for (const { keyId, publicKey } of administrators) {
    const key = readPublicKey(publicKey);
    if (!isP256(key) || keyIdOf(key) !== keyId || publicPem(key) !== publicKey)
      throw invalid(`the key ${keyId} is not the P-256 key of that name`);
  }
  requireUnlike(administrators, ({ keyId }) => keyId, 'a key of an administrator is');
  const persons = [...new Set(administrators.map(({ person }) => person))];
  requireUnlike(persons, looksLike, 'a name of an administrator looks like another that is');
  const now = new Set(administrators.filter((one) => inForce(one, Date.parse(created))).map(({ person }) => person));
  if (threshold > now.size) throw invalid(`it asks for ${threshold} administrators and names ${now.size}`);
}

/** A signature of `ADMIN-l` must not be counted, or read by a person, beside one of `ADMIN-1`. */
const looksLike = (person: string): string => person.toLowerCase().replaceAll('o', '0').replaceAll(/[il]/g, '1');

function requireReleaseKeys({ releaseKeys, administrators }: TrustRoot): void {
  const keys = releaseKeys.map(({ certificate, chain = [] }) => {
    for (const above of chain) readCertificate(above);
    return readCertificate(certificate).publicKey;
  });
  if (!keys.every(isP256)) throw invalid('a release key is not an ECDSA P-256 key');
  requireUnlike(keys, keyIdOf, 'a release key is');
  const own = new Set(administrators.map(({ keyId }) => keyId));
  if (keys.some((key) => own.has(keyIdOf(key)))) throw invalid('a release key is also the key of an administrator');
  if (releaseKeys.slice(0, -1).some(({ until, revoked }) => until === undefined && revoked === undefined))
    throw invalid('a release key has a successor and does not end');
  if (releaseKeys.at(-1)?.until !== undefined) throw invalid('the last release key ends without a successor');
}

function requireLedgerKeys({ ledgerKeys, origin }: TrustRoot): void {
  const keys = ledgerKeys.flatMap(({ vkeys }) => vkeys.map((vkey) => readVerifierKey(vkey)));
  if (keys.some(({ name }) => name !== origin)) throw invalid('a ledger key is for another origin');
  const kinds = [noteAlgorithms.ed25519, noteAlgorithms.ecdsa];
  if (keys.some(({ algorithm }, at) => algorithm !== kinds[at % 2]))
    throw invalid('ledger keys are an Ed25519 key and then an ECDSA P-256 key');
  requireUnlike(keys, ({ keyId }) => keyId.toString('hex'), 'a ledger key is');
  if (ledgerKeys.slice(0, -1).some(({ until }) => until === undefined))
    throw invalid('a pair of ledger keys has a successor and does not end');
  if (ledgerKeys.at(-1)?.until !== undefined) throw invalid('the last pair of ledger keys ends without a successor');
}

function requireUnlike<T>(all: readonly T[], nameOf: (one: T) => string, what: string): void {
  if (new Set(all.map(nameOf)).size !== all.length) throw invalid(`${what} listed twice`);
}

function readCertificate(pem: string): X509Certificate {
  const certificate = attempt(() => new X509Certificate(pem), 'a certificate cannot be read');
  if (certificate.toString() !== pem) throw invalid('a certificate is not in canonical PEM');
  return certificate;
}

const readPublicKey = (pem: string) => attempt(() => createPublicKey(pem), 'a public key cannot be read');
const readVerifierKey = (text: string) => attempt(() => parseVerifierKey(text), 'a ledger key cannot be read');

function attempt<T>(read: () => T, problem: string): T {
  try {
    return read();
  } catch (cause) {
    throw new DomainError('config-invalid', `Not a trust root: ${problem}.`, { cause });
  }
}

const invalid = (why: string) => new DomainError('config-invalid', `Not a trust root: ${why}.`);
