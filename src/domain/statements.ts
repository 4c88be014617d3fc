import { z } from 'zod';
import { Classification } from './classification.ts';
import { Digest } from './digest.ts';
import { FirstArticleDecision } from './first-article.ts';
import { PackageId, PersonId, ReleaseId } from './ids.ts';
import { jobFields } from './manifest.ts';
import { KeyId, PersonRole } from './people.ts';
import { FileName, ShortText, Text } from './text.ts';

/** in-toto Statement v1 (github.com/in-toto/attestation, spec/v1/statement.md); predicate types are ours. */
export const statementType = 'https://in-toto.io/Statement/v1';
export const approvalPredicate = 'https://keyway.example/approval/v1';
export const releasePredicate = 'https://keyway.example/release/v1';
/** DSSE payload type of every statement (secure-systems-lab/dsse, envelope.md). */
export const payloadType = 'application/vnd.in-toto+json';

const hex = z.string().regex(/^[0-9a-f]{64}$/);
const subject = z.strictObject({ name: FileName, digest: z.strictObject({ sha256: hex }) });
/** The manifest first, under the name `manifest.json`, then each file. */
const subjects = z.array(subject).min(2).max(66);
const time = z.iso.datetime({ precision: 3 });

export const ApprovalStatement = z.strictObject({
  _type: z.literal(statementType),
  subject: subjects,
  predicateType: z.literal(approvalPredicate),
  predicate: z.strictObject({
    decision: z.enum(['approve', 'refuse']),
    packageId: PackageId,
    person: PersonId,
    role: PersonRole,
    /** The sentence that the person put their name to; for a refusal, the reason. */
    meaning: Text,
    routeVersion: Digest,
    /** As quality, of a package that changes a released program. */
    firstArticle: FirstArticleDecision.optional(),
    time,
  }),
});
export type ApprovalStatement = z.infer<typeof ApprovalStatement>;

export const ReleaseStatement = z.strictObject({
  _type: z.literal(statementType),
  subject: subjects,
  predicateType: z.literal(releasePredicate),
  predicate: z.strictObject({
    releaseId: ReleaseId,
    packageId: PackageId,
    ...jobFields,
    author: PersonId,
    changeOrder: ShortText,
    classification: Classification,
    routeVersion: Digest,
    /** Ledger index of `package.submitted` and of each approval that was counted. */
    submitted: z.int().min(0),
    approvals: z
      .array(z.strictObject({ index: z.int().min(0), person: PersonId, role: PersonRole, envelope: Digest }))
      .min(1)
      .max(16),
    /** The release in force that it goes beyond: with it the ledger shows how large the change is. */
    previous: z.strictObject({ releaseId: ReleaseId, issued: z.int().min(0), submitted: z.int().min(0) }).optional(),
    time,
  }),
});
export type ReleaseStatement = z.infer<typeof ReleaseStatement>;

/** What a passkey's signature is over beside the statement, kept so that it can be checked again years later. */
export const WebAuthnEvidence = z.strictObject({
  authenticatorData: z.base64().max(1_000),
  clientDataJSON: z.base64().max(4_000),
});
export type WebAuthnEvidence = z.infer<typeof WebAuthnEvidence>;

/** The counter in authenticator data: 4 bytes after 32 of the relying party and one of flags (WebAuthn Level 3, 6.1). */
export const signatureCounter = ({ authenticatorData }: WebAuthnEvidence): number => {
  const bytes = Buffer.from(authenticatorData, 'base64');
  return bytes.length < 37 ? 0 : bytes.readUInt32BE(33);
};

/**
 * DSSE envelope v1: payload and signatures in standard base64; `keyid` is the SPKI digest of the signing key. Where a
 * passkey signed, `sig` is over authenticator data ‖ SHA-256(client data), whose challenge is SHA-256 of the payload.
 */
export const Envelope = z.strictObject({
  payloadType: z.literal(payloadType),
  payload: z.base64().max(60_000),
  signatures: z
    .array(z.strictObject({ keyid: KeyId, sig: z.base64().max(200), webauthn: WebAuthnEvidence.optional() }))
    .min(1)
    .max(4),
});
export type Envelope = z.infer<typeof Envelope>;
