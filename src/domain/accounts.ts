import { z } from 'zod';
import { Action } from './decisions.ts';
import { ApiKeyId, PersonId, SessionId } from './ids.ts';
import { limits } from './limits.ts';
import { Day, KeyId } from './people.ts';
import { ShortText, Text } from './text.ts';

/** How somebody signed in. */
export const signInWays = ['password', 'passkey', 'certificate', 'oidc', 'badge', 'setup'] as const;
export const SignInWay = z.enum(signInWays);
export type SignInWay = z.infer<typeof SignInWay>;

/** What an account may hold, beside the keys that the ledger knows its person by. */
export const credentialKinds = ['password', 'badge', 'oidc'] as const;

const person = { person: PersonId };
const Moment = z.iso.datetime({ precision: 3 });

/** What the company's directory says of somebody who is to be enrolled: a wish, until two administrators sign it. */
export const Provisioned = z.strictObject({
  userName: PersonId,
  externalId: ShortText.optional(),
  name: ShortText,
  active: z.boolean(),
});
export type Provisioned = z.infer<typeof Provisioned>;

/** The fields of the events about accounts. No secret is in them, nor the hash of one. */
export const accountFields = {
  'session.opened': {
    sessionId: SessionId,
    ...person,
    by: SignInWay,
    mfa: z.boolean(),
    /** The key that it rests on, where it rests on one. */
    keyId: KeyId.optional(),
    address: ShortText.optional(),
  },
  /** Somebody else ended what sessions the person had. */
  'session.ended': { ...person, sessions: z.int().min(0), reason: Text },
  /** So many sign-ins failed in a row. Without an end the account stays locked until it is invited again. */
  'account.locked': { ...person, failures: z.int().min(1), until: Moment.optional() },
  /** Sign-ins from an address, or those that were named, failed so often that it has to wait. */
  'account.address-locked': {
    addresses: z.array(ShortText).max(limits.askedKept),
    /** 0 for the first; otherwise how many more there were until the minute was over. */
    repeats: z.int().min(0),
  },
  'account.invited': { ...person, until: Moment },
  'account.credential-set': { ...person, credential: z.enum(credentialKinds) },
  /** From here on the person is out of office for whatever they ask, whoever they are in the register. */
  'account.suspended': { ...person, reason: Text },
  'account.restored': { ...person, reason: Text },
  'account.proposed': { user: Provisioned },
  'api-key.made': {
    apiKeyId: ApiKeyId,
    ...person,
    name: ShortText,
    actions: z.array(Action).min(1).max(Action.options.length),
    expires: Day,
  },
  'api-key.revoked': { apiKeyId: ApiKeyId, ...person, reason: Text },
} as const;
