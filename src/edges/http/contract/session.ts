import { z } from 'zod';
import { SignInWay } from '../../../domain/accounts.ts';
import { Action } from '../../../domain/decisions.ts';
import { PersonId, SessionId } from '../../../domain/ids.ts';
import { PersonRole } from '../../../domain/people.ts';
import { ShortText } from '../../../domain/text.ts';
import { Asserted, RequestOptions } from './passkeys.ts';

/** Every request with a cookie that changes something carries it, with `Sec-Fetch-Site: same-origin` or our `Origin`. */
export const sessionHeader = 'Keyway-Session';
/** On a request that nobody asked for (a page that looks for news), so that it keeps no session awake. */
export const backgroundHeader = 'Keyway-Background';

const Password = z.string().min(1).max(256);
/** Characters of base64url, as links and API keys have them. */
const Secret = z.string().regex(/^[A-Za-z0-9_-]{20,100}$/);

/** What a sign-in page may offer; the same for everybody who asks. */
export const SignInWays = z.strictObject({
  passkey: z.literal(true),
  password: z.literal(true),
  /** Only where the request comes from a network of the shop floor. */
  badge: z.boolean(),
  certificate: z.boolean(),
  /** What stands on the button: the name of the company's own sign-in. */
  oidc: ShortText.optional(),
  passwordLeastChars: z.int(),
});
export type SignInWays = z.infer<typeof SignInWays>;

/** `POST /session`. A passkey's answer goes to `POST /session/passkey`; OIDC is a navigation to `GET /session/oidc`. */
export const SignIn = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('password'), person: z.string().min(1).max(64), password: Password }),
  z.strictObject({
    by: z.literal('badge'),
    badge: z.string().regex(/^[A-Za-z0-9-]{4,64}$/),
    pin: z.string().regex(/^[0-9]{6,12}$/),
  }),
  /** The certificate is the one that TLS showed. */
  z.strictObject({ by: z.literal('certificate') }),
  /** `token`: what follows the `#` of a setup link. It sets the password and signs in, once. */
  z.strictObject({ by: z.literal('setup'), token: Secret, password: Password }),
]);
export type SignIn = z.infer<typeof SignIn>;

/** `POST /session/again`: proves once more that the person is there. The session stays; its cookie is another. */
export const SignInAgain = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('password'), password: Password }),
  z.strictObject({ by: z.literal('passkey'), credential: Asserted }),
]);
export type SignInAgain = z.infer<typeof SignInAgain>;

/** `POST /session/passkey`, after `GET /session/passkey`, whose challenge is good once, in this browser. */
export const PasskeySignIn = z.strictObject({ credential: Asserted });
export const PasskeySignInAsked = z.strictObject({ publicKey: RequestOptions });
export type PasskeySignInAsked = z.infer<typeof PasskeySignInAsked>;

const Moment = z.iso.datetime({ precision: 3 });

/** `GET /session`, and the answer of every sign-in. Times are UTC. */
export const SessionView = z.strictObject({
  person: z.strictObject({ id: PersonId, name: ShortText, roles: z.array(PersonRole) }),
  /** Absent where the request came signed or with an API key. */
  session: z
    .strictObject({
      id: SessionId,
      by: SignInWay,
      started: Moment,
      /** When it ends if nobody does anything, and when in any case. */
      idleEnds: Moment,
      ends: Moment,
      /** Until then an act that wants the person there (`x-keyway-fresh`) goes through without signing in again. */
      freshUntil: Moment,
    })
    .optional(),
  /** Whether it rests on a second factor; absent for an API key. */
  mfa: z.boolean().optional(),
  /** Entries at this moment: news from there on is of all that is asked for afterwards. */
  ledgerSize: z.int(),
  /** Of the plant: an IANA name such as America/New_York. */
  zone: z.string(),
  /** What the plant's own notice says, such as the highest marking of what may be shown. */
  banner: ShortText.optional(),
  /** What their roles allow with a package that nothing restricts; every act is decided again when it is asked for. */
  actions: z.array(Action),
  publicOrigin: z.string(),
  hasPasskey: z.boolean(),
  hasPassword: z.boolean(),
});
export type SessionView = z.infer<typeof SessionView>;

/** `PUT /session/password`, by whoever signed in within the last minutes. */
export const NewPassword = z.strictObject({ password: Password });

/** The answer of an act that has nothing to say. */
export const Done = z.strictObject({});

/** `POST /accounts/:person/invite`: shown once. The token stands behind `#` in the link, which no server gets to see. */
export const Invited = z.strictObject({ person: PersonId, link: z.string(), expires: Moment, index: z.int() });

export const AccountView = z.strictObject({
  person: PersonId,
  name: ShortText,
  roles: z.array(PersonRole),
  hasPassword: z.boolean(),
  hasBadge: z.boolean(),
  passkeys: z.int(),
  /** The subject of the company's own sign-in is known. */
  bound: z.boolean(),
  suspended: z.strictObject({ reason: z.string(), since: Moment }).optional(),
  lockedUntil: Moment.optional(),
  invitedUntil: Moment.optional(),
  sessions: z.int(),
});
export type AccountView = z.infer<typeof AccountView>;
export const AccountList = z.strictObject({ accounts: z.array(AccountView) });
export type Invited = z.infer<typeof Invited>;
export type AccountList = z.infer<typeof AccountList>;
