import { X509Certificate } from 'node:crypto';
import type { Digest } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import type { KeyId } from '../domain/people.ts';
import type { LogKeys } from '../merkle/checkpoint.ts';
import { parseVerifierKey } from '../merkle/note.ts';
import { readFileIfThere } from '../platform/durable-file.ts';
import { canonicalJson, digestOf } from '../platform/hash.ts';
import { certificateValidAt, verifyPath } from './certificate-path.ts';
import { keyIdOf, publicPem } from './keys.ts';
import {
  checkTrustFile,
  inForce,
  type Purpose,
  type ReleaseKey,
  type RootAdministrator,
  readTrustFile,
  type Span,
  type TrustFile,
} from './trust-root.ts';
import { requireThreshold } from './trust-signatures.ts';

/** The organisation name in every development certificate; production refuses to start with one (see certs-dev). */
const developmentMark = 'not for production';

/** A release key with its certificate, and the path from there up to an authority of the trust root, both included. */
export type TrustedRelease = {
  keyId: KeyId;
  publicKey: string;
  certificate: X509Certificate;
  path: readonly X509Certificate[];
  entry: ReleaseKey;
};

/**
 * What everything is verified against: public, kept outside the databases, handed to auditors by another way than the
 * data that it judges. It names every key that there ever was, each with its time.
 */
export type Trust = LogKeys & {
  file: TrustFile;
  version: number;
  /** Of the RFC 8785 JSON of the root, which is what administrators sign. */
  digest: Digest;
  expiresMs: number;
  releases: readonly TrustedRelease[];
  /** The last one: what signs from now on, unless it is revoked. */
  release: TrustedRelease;
  administratorsAt(timeMs: number): readonly RootAdministrator[];
  authoritiesFor(purpose: Purpose, timeMs: number): readonly X509Certificate[];
  timestampAuthoritiesAt(timeMs: number): readonly X509Certificate[];
};
export type { RootAdministrator, TrustFile } from './trust-root.ts';

/** Throws `config-invalid`, `signature-invalid` or `signatures-missing`. */
export function parseTrust(value: unknown): Trust {
  const file = checkTrustFile(value);
  requireThreshold(file);
  return trustOf(file);
}

function trustOf(file: TrustFile): Trust {
  const { root } = file;
  const certified = <T extends Span & { certificate: string }>(entries: readonly T[]) =>
    entries.map((entry) => ({ entry, certificate: new X509Certificate(entry.certificate) }));
  const authorities = certified(root.authorities);
  const timestampAuthorities = certified(root.timestampAuthorities);
  const forRelease = authorities.flatMap(({ entry, certificate }) =>
    entry.for.includes('release') ? certificate : [],
  );
  const releases = root.releaseKeys.map((entry) => trustedRelease(entry, forRelease));
  return {
    ...ledgerKeysOf(file),
    file,
    version: root.version,
    digest: digestOf(canonicalJson(root)),
    expiresMs: Date.parse(root.expires),
    releases,
    release: releases.at(-1) as TrustedRelease,
    administratorsAt: (timeMs) => root.administrators.filter((one) => inForce(one, timeMs)),
    authoritiesFor: (purpose, timeMs) =>
      authorities.flatMap(({ entry, certificate }) =>
        entry.for.includes(purpose) && inForce(entry, timeMs) ? certificate : [],
      ),
    timestampAuthoritiesAt: (timeMs) =>
      timestampAuthorities.flatMap(({ entry, certificate }) => (inForce(entry, timeMs) ? certificate : [])),
  };
}

function ledgerKeysOf({ root }: TrustFile): LogKeys {
  const pairs = root.ledgerKeys.map(({ vkeys, until }) => ({
    verifiers: vkeys.map((vkey) => parseVerifierKey(vkey)),
    endedMs: until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until),
  }));
  return {
    origin: root.origin,
    ledgerVerifiers: pairs.at(-1)?.verifiers ?? [],
    earlierLedgerKeys: pairs.slice(0, -1),
  };
}

/** Throws `config-invalid` where no authority for releases vouches for it when it begins. */
function trustedRelease(entry: ReleaseKey, authorities: readonly X509Certificate[]): TrustedRelease {
  const certificate = new X509Certificate(entry.certificate);
  const intermediates = (entry.chain ?? []).map((pem) => new X509Certificate(pem));
  const question = { authorities, intermediates, atMs: Date.parse(entry.from), purpose: 'sign-documents' } as const;
  const { publicKey } = certificate;
  try {
    const path = verifyPath(certificate, question);
    return { keyId: keyIdOf(publicKey), publicKey: publicPem(publicKey), certificate, path, entry };
  } catch (cause) {
    if (!(cause instanceof DomainError)) throw cause;
    throw new DomainError('config-invalid', `A release key of the trust root is not vouched for. ${cause.message}`, {
      cause,
    });
  }
}

/**
 * The release key of this name, if what it signed at `timeMs`, the time of the ledger entry, is to be believed: listed,
 * within its time, not revoked before, under certificates that were valid. Throws `not-verified`, saying which.
 */
export function releaseKeyAt(trust: Trust, keyId: string | undefined, timeMs: number): TrustedRelease {
  const known = trust.releases.find((release) => release.keyId === keyId);
  if (!known) throw distrusted('by a key that the trust root does not name');
  const { revoked, from, until = 'now' } = known.entry;
  if (revoked && timeMs >= Date.parse(revoked.at))
    throw distrusted(`by a key that is revoked from ${revoked.at} on (${revoked.reason})`);
  if (!inForce(known.entry, timeMs)) throw distrusted(`outside of the time of its key, ${from} to ${until}`);
  if (!known.path.every((one) => certificateValidAt(one, timeMs)))
    throw distrusted('when the certificate of its key, or one above it, was not valid');
  const authority = known.path.at(-1)?.fingerprint256;
  if (!trust.authoritiesFor('release', timeMs).some(({ fingerprint256 }) => fingerprint256 === authority))
    throw distrusted('outside of the time of the authority above its key');
  return known;
}

const distrusted = (why: string) => new DomainError('not-verified', `The release is signed ${why}.`);

/** Undefined while the root is in force; otherwise what a person is told. */
export function expiryReason(trust: Pick<Trust, 'expiresMs' | 'version'>, timeMs: number): string | undefined {
  if (timeMs < trust.expiresMs) return undefined;
  const day = new Date(trust.expiresMs).toISOString().slice(0, 10);
  return `Version ${trust.version} of the trust root expired on ${day}: nothing is released or delivered until the administrators sign a new version ("keyway keys change-root"); deposits are still taken.`;
}

/** Throws `trust-expired`. */
export function requireTrustInForce(trust: Pick<Trust, 'expiresMs' | 'version'>, timeMs: number): void {
  const reason = expiryReason(trust, timeMs);
  if (reason !== undefined) throw new DomainError('trust-expired', reason);
}

/** Throws `config-invalid`, `signature-invalid` or `signatures-missing`: one line, naming the file. */
export const loadTrust = (path: string): Trust =>
  naming(path, () => {
    const file = readTrustFile(textOf(path));
    requireThreshold(file);
    return trustOf(file);
  });

/** As `loadTrust`, for whoever is told which root it must be. Throws `config-invalid` for another one. */
export function loadKnownTrust(path: string, digest: Digest): Trust {
  const trust = loadTrust(path);
  if (trust.digest === digest) return trust;
  const why = 'was replaced under a running gateway, which goes on with the one before: start the gateway again';
  throw new DomainError('config-invalid', `${path}: the trust file ${why}.`);
}

/** The file alone, also before it is signed by enough. */
export const loadTrustFile = (path: string): TrustFile => naming(path, () => readTrustFile(textOf(path)));

function textOf(path: string): string {
  const bytes = readFileIfThere(path);
  if (!bytes) throw new DomainError('config-invalid', 'there is no trust file; run "keyway init" first.');
  return bytes.toString('utf8');
}

function naming<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof DomainError) throw new DomainError(error.code, `${path}: ${error.message}`, { cause: error });
    throw new DomainError('config-invalid', `${path}: not a trust file.`, { cause: error });
  }
}

const namesDevelopment = ({ subject, issuer }: X509Certificate): boolean =>
  subject.includes(developmentMark) || issuer.includes(developmentMark);

/** Whether anything that it names was made for development: also an authority or a key that signs no more. */
export const isDevelopmentTrust = ({ file: { root } }: Trust): boolean =>
  [...root.authorities, ...root.timestampAuthorities, ...root.releaseKeys].some(({ certificate }) =>
    isDevelopmentCertificate(Buffer.from(certificate)),
  );

/** `pem`: one certificate; of a chain the first. Throws where it is none. */
export const isDevelopmentCertificate = (pem: Uint8Array): boolean => namesDevelopment(new X509Certificate(pem));
