import { z } from 'zod';
import { PersonId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { ShortText } from '../domain/text.ts';
import { AbsolutePath, SecretSetting } from './signer-config.ts';

const Network = z.union([z.cidrv4(), z.cidrv6()]);
/** Over plain HTTP whoever stands between could sign in as anyone: only on this computer, for development. */
const Issuer = z
  .string()
  .max(500)
  .regex(
    /^(https:\/\/[^\s?#@]+|http:\/\/(127\.0\.0\.1|localhost)(:[0-9]+)?(\/[^\s?#@]*)?)$/,
    'must be an https URL without query',
  );
const Word = z.string().min(1).max(limits.shortTextChars);

/** How people sign in, beside a password or passkey of their own. */
export const SignInConfig = z.strictObject({
  /** A session ends so long after it was last used, and so long after it was opened in any case. */
  idleMinutes: z.int().min(1).max(limits.sessionIdleMaxMinutes).default(limits.sessionIdleMinutes),
  hours: z.int().min(1).max(limits.sessionMaxHours).default(limits.sessionHours),
  /** Operators by badge and PIN; absent: not. */
  badges: z
    .strictObject({
      /** Where the machines are: from nowhere else. */
      networks: z.array(Network).min(1).max(limits.siteRanges),
      /** Whether the badges are such that nobody can make a second one: then they are a second factor. */
      cannotBeCopied: z.boolean().default(false),
    })
    .optional(),
  /** Cards (PIV, CAC) and other client certificates, under the trust root's authorities for people; absent: not asked for. */
  certificates: z
    .strictObject({
      /** A folder with the current list of every authority on the path (PEM or DER). */
      revocationLists: AbsolutePath,
      /** For certificates whose key is enrolled for nobody: the whole subject as it stands in the certificate. */
      subjects: z
        .array(z.strictObject({ subject: z.string().min(1).max(limits.textChars), person: PersonId }))
        .max(2_000)
        .default([]),
    })
    .optional(),
  /** The company's own sign-in (OpenID Connect); absent: none. */
  oidc: z
    .strictObject({
      /** What stands on the button. */
      name: ShortText,
      issuer: Issuer,
      clientId: Word,
      clientSecret: SecretSetting,
      /** The claim that holds the id of an enrolled person. */
      personClaim: Word.default('preferred_username'),
      /** What the provider says of a sign-in that rested on a second factor. */
      secondFactor: z
        .strictObject({ amr: z.array(Word).max(16).default([]), acr: z.array(Word).max(16).default([]) })
        .prefault({}),
    })
    .optional(),
});
export type SignInConfig = z.infer<typeof SignInConfig>;

/** What screens say of the plant. */
export const PlantConfig = z.strictObject({
  /** An IANA name; that of this computer where nothing is said. */
  timeZone: z
    .string()
    .max(60)
    .refine((zone) => isTimeZone(zone), 'must be a time zone such as America/New_York')
    .default(() => Intl.DateTimeFormat().resolvedOptions().timeZone),
  banner: ShortText.optional(),
});
export type PlantConfig = z.infer<typeof PlantConfig>;

function isTimeZone(zone: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone: zone }) !== undefined;
  } catch {
    return false;
  }
}
