import { fastifyCookie } from '@fastify/cookie';
import { limits } from '../../domain/limits.ts';

/** `__Host-`: only over TLS, for this host alone, and none that another host of the domain could have set (RFC 6265bis). */
const sessionName = '__Host-keyway';
const markName = '__Host-keyway-attempt';
const bound = { path: '/', secure: true, httpOnly: true } as const;

type Cookies = Readonly<Record<string, string | undefined>>;
const cookiesOf = (header: string | undefined): Cookies => (header === undefined ? {} : fastifyCookie.parse(header));

/** The token of the session that the browser has. */
export const sessionToken = (header: string | undefined): string | undefined => cookiesOf(header)[sessionName];
/** What the browser was given when it began to sign in. */
export const attemptMark = (header: string | undefined): string | undefined => cookiesOf(header)[markName];

/** The browser forgets it at its end, and sends it for nothing that another site began. */
export const sessionCookie = (token: string): string =>
  fastifyCookie.serialize(sessionName, token, { ...bound, sameSite: 'strict' });
export const noSessionCookie = (): string =>
  fastifyCookie.serialize(sessionName, '', { ...bound, sameSite: 'strict', maxAge: 0 });

/** Lax, as the company's own sign-in sends the browser back from another site. */
export const markCookie = (mark: string): string =>
  fastifyCookie.serialize(markName, mark, { ...bound, sameSite: 'lax', maxAge: limits.signInAttemptMs / 1000 });
export const noMarkCookie = (): string =>
  fastifyCookie.serialize(markName, '', { ...bound, sameSite: 'lax', maxAge: 0 });
