import { z } from 'zod';

/** How somebody signed in. */
export const signInWays = ['password', 'passkey', 'certificate', 'oidc', 'badge', 'setup'] as const;
export const SignInWay = z.enum(signInWays);
export type SignInWay = z.infer<typeof SignInWay>;

/** A session and an API key are told apart by ids that are no secret. */
const generated = (prefix: string) => z.string().regex(new RegExp(`^${prefix}-[0-9A-HJKMNP-TV-Z]{10}$`));
export const SessionId = generated('SES').brand<'SessionId'>();
export type SessionId = z.infer<typeof SessionId>;
export const ApiKeyId = generated('KEY').brand<'ApiKeyId'>();
export type ApiKeyId = z.infer<typeof ApiKeyId>;
