import { z } from 'zod';
import { FirstArticleAnswer } from '../../../domain/first-article.ts';
import { PersonId } from '../../../domain/ids.ts';
import { RuleName } from '../../../domain/manifest.ts';
import { PersonKey, PersonRole } from '../../../domain/people.ts';
import { FileName, Text } from '../../../domain/text.ts';

/** The JSON forms of WebAuthn Level 3, 5.1.8 to 5.1.10: what `PublicKeyCredential` reads and writes in a browser. */
const base64url = z.string().regex(/^[A-Za-z0-9_-]*$/);
const descriptor = z.strictObject({ type: z.literal('public-key'), id: base64url });

export const CreationOptions = z.strictObject({
  challenge: base64url,
  rp: z.strictObject({ id: z.string(), name: z.string() }),
  user: z.strictObject({ id: base64url, name: z.string(), displayName: z.string() }),
  pubKeyCredParams: z.array(z.strictObject({ type: z.literal('public-key'), alg: z.literal(-7) })),
  timeout: z.int(),
  excludeCredentials: z.array(descriptor),
  authenticatorSelection: z.strictObject({
    userVerification: z.literal('required'),
    residentKey: z.literal('required'),
  }),
  attestation: z.literal('none'),
});
export const RequestOptions = z.strictObject({
  challenge: base64url,
  rpId: z.string(),
  timeout: z.int(),
  allowCredentials: z.array(descriptor),
  userVerification: z.literal('required'),
});

/** What browsers add beside what is used here; read by nobody. */
const ignored = {
  rawId: base64url.max(2_000),
  type: z.literal('public-key'),
  authenticatorAttachment: z.enum(['platform', 'cross-platform']).nullable().optional(),
  clientExtensionResults: z.looseObject({}).optional(),
};
export const Registered = z.strictObject({
  id: base64url.max(2_000),
  ...ignored,
  response: z.strictObject({
    clientDataJSON: base64url.max(4_000),
    attestationObject: base64url.max(8_000),
    authenticatorData: base64url.max(8_000).optional(),
    publicKey: base64url.max(2_000).nullable().optional(),
    publicKeyAlgorithm: z.int().optional(),
    transports: z.array(z.string().max(40)).max(10).optional(),
  }),
});
export const Asserted = z.strictObject({
  id: base64url.max(2_000),
  ...ignored,
  response: z.strictObject({
    clientDataJSON: base64url.max(4_000),
    authenticatorData: base64url.max(1_000),
    signature: base64url.max(200),
    userHandle: base64url.max(100).nullable().optional(),
  }),
});
export type Asserted = z.infer<typeof Asserted>;

export const AskRegistration = z.strictObject({ person: PersonId });
export const RegistrationAsked = z.strictObject({ publicKey: CreationOptions });
export type RegistrationAsked = z.infer<typeof RegistrationAsked>;
export const FinishRegistration = z.strictObject({ person: PersonId, credential: Registered });
/** Not enrolled yet: administrators sign a change that holds it. */
export const PasskeyMade = z.strictObject({ key: PersonKey });
export type PasskeyMade = z.infer<typeof PasskeyMade>;

export const AskApproval = z.strictObject({
  person: PersonId,
  role: PersonRole,
  decision: z.enum(['approve', 'refuse']),
  /** For a refusal, and where the route has no sentence of its own. */
  reason: Text.optional(),
  /** As quality, of a package that changes a released program. */
  firstArticle: z.strictObject({ needed: FirstArticleAnswer, reason: Text }).optional(),
});
/** `payload` is the statement that the passkey signs, base64. */
export const ApprovalAsked = z.strictObject({ payload: z.base64(), publicKey: RequestOptions });
/** One finding that keeps a deposit in quarantine; without a line it is about the whole file. */
export const AskWaiver = z.strictObject({
  file: FileName,
  rule: RuleName,
  line: z.int().min(1).optional(),
  reason: Text,
});
export type AskWaiver = z.infer<typeof AskWaiver>;
export type AskApproval = z.infer<typeof AskApproval>;
export type ApprovalAsked = z.infer<typeof ApprovalAsked>;
export const FinishApproval = z.strictObject({ payload: z.base64().max(60_000), credential: Asserted });
