import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import type { Digest } from '../domain/digest.ts';
import { digestHex } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import type { PackageId, PersonId } from '../domain/ids.ts';
import type { Manifest } from '../domain/manifest.ts';
import type { Person, PersonRole } from '../domain/people.ts';
import {
  ApprovalStatement,
  approvalPredicate,
  type Envelope,
  ReleaseStatement,
  statementType,
} from '../domain/statements.ts';
import { canonicalJson, digestOf, isCanonicalJson } from '../platform/hash.ts';
import { openEnvelope } from './dsse.ts';

/** The digest that one signature has to cover to cover every byte of the package. */
export const manifestDigest = (manifest: Manifest): Digest => digestOf(canonicalJson(manifest));

/** in-toto subjects: the manifest, then each of its files. */
export const subjectsOf = (manifest: Manifest): ApprovalStatement['subject'] => [
  { name: 'manifest.json', digest: { sha256: digestHex(manifestDigest(manifest)) } },
  ...manifest.files.map((file) => ({ name: file.name, digest: { sha256: digestHex(file.digest) } })),
];

/** Whether both have one RFC 8785 form. */
export const sameJson = (a: unknown, b: unknown): boolean =>
  isDeepStrictEqual(a, b) || canonicalJson(a).equals(canonicalJson(b));

/** What a person signs: everything that their approval or refusal says, with nothing left to a row in a table. */
export function approvalStatement(about: {
  decision: 'approve' | 'refuse';
  manifest: Manifest;
  packageId: PackageId;
  person: PersonId;
  role: PersonRole;
  meaning: string;
  routeVersion: Digest;
  time: string;
}): ApprovalStatement {
  const { manifest, ...rest } = about;
  return { _type: statementType, subject: subjectsOf(manifest), predicateType: approvalPredicate, predicate: rest };
}

/**
 * Checks that `envelope` is this person's word on exactly this package. Throws `signature-invalid` or
 * `statement-mismatch`; says nothing about whether the approval counts (see the approval route).
 */
export function verifyApproval(
  envelope: Envelope,
  about: { person: Person; manifest: Manifest; packageId: PackageId },
): ApprovalStatement {
  const statement = parseSigned(ApprovalStatement, openEnvelope(envelope, about.person.keys));
  if (statement.predicate.person !== about.person.id) throw mismatch('person');
  if (statement.predicate.packageId !== about.packageId) throw mismatch('package');
  if (!sameJson(statement.subject, subjectsOf(about.manifest))) throw mismatch('files');
  return statement;
}

/** Parses a payload that a signature was found good over; anything but the RFC 8785 form of the schema is refused. */
export function parseSigned<T>(schema: z.ZodType<T>, payload: Buffer): T {
  let value: unknown;
  try {
    value = JSON.parse(payload.toString('utf8'));
  } catch (cause) {
    throw new DomainError('statement-mismatch', 'The signed statement is not JSON.', { cause });
  }
  const parsed = schema.safeParse(value);
  // The schemas are strict and change nothing, so that what they give back is what was signed.
  if (!parsed.success || !isCanonicalJson(payload, value)) {
    throw new DomainError('statement-mismatch', 'The signed statement is not of the expected form.');
  }
  return parsed.data;
}

export const parseReleaseStatement = (payload: Buffer): ReleaseStatement => parseSigned(ReleaseStatement, payload);

const mismatch = (what: string) =>
  new DomainError('statement-mismatch', `The signed statement is about another ${what} than this package.`);
