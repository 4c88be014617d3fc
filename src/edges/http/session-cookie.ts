import { limits } from '../../domain/limits.ts';

/** `__Host-`: only over TLS, for this host alone, and none that another host of the domain could have set (RFC 6265bis). */
const sessionName = '__Host-keyway';
const markName = '__Host-keyway-attempt';
const bound = 'Path=/; HttpOnly; Secure';

/** Our values are letters, digits, `-`, `_` and dots, which stand in a cookie as they are (RFC 6265 4.1.1). */
function cookieNamed(name: string, header: string | undefined): string | undefined {
  const found = (header ?? '').split(/; */).find((pair) => pair.startsWith(`${name}=`));
  return found === undefined ? undefined : found.slice(name.length + 1);
}

/** The token of the session that the browser has. */
export const sessionToken = (header: string | undefined): string | undefined => cookieNamed(sessionName, header);
/** What the browser was given when it began to sign in. */
export const attemptMark = (header: string | undefined): string | undefined => cookieNamed(markName, header);

/** The browser forgets it at its end, and sends it for nothing that another site began. */
export const sessionCookie = (token: string): string => `${sessionName}=${token}; ${bound}; SameSite=Strict`;
export const noSessionCookie = (): string => `${sessionCookie('')}; Max-Age=0`;

/** Lax, as the company's own sign-in sends the browser back from another site. */
export const markCookie = (mark: string): string =>
  `${markName}=${mark}; ${bound}; SameSite=Lax; Max-Age=${limits.signInAttemptMs / 1000}`;
export const noMarkCookie = (): string => `${markName}=; ${bound}; SameSite=Lax; Max-Age=0`;
