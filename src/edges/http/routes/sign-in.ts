import type { FastifyInstance } from 'fastify';
import { DomainError } from '../../../domain/errors.ts';
import { limits } from '../../../domain/limits.ts';
import type { Identity } from '../../../services/accounts/identity.ts';
import type { Proof } from '../../../services/accounts/sessions.ts';
import { assertionOf, requestOptions } from '../assertion.ts';
import { Done, PasskeySignIn, PasskeySignInAsked, SessionView, SignIn, SignInWays } from '../contract/session.ts';
import { AnyQuery, type Caller, defineRoute, noBody, nothing } from '../route.ts';
import { attemptMark, markCookie, noMarkCookie } from '../session-cookie.ts';
import { sessionView, signedIn } from './session.ts';

/** Open to anyone, throttled by the services behind them; each is in the list of app.ts. */
const open = { access: { to: 'anyone' }, params: nothing, usedBy: 'screens' } as const;
const asked = { ...open, query: nothing, body: noBody, statuses: [200] } as const;

/** The ways to sign in. */
export function signInRoutes(app: FastifyInstance, identity: Identity): void {
  const { attempts, passkey, passwords, certificates, oidc } = identity;

  defineRoute(app, {
    ...asked,
    method: 'GET',
    url: '/session/ways',
    id: 'signInWays',
    summary: 'What a sign-in page may offer here.',
    response: SignInWays,
    handler: ({ caller }) => ({
      ...{ passkey: true as const, password: true as const },
      ...{ badge: passwords.takesBadgesFrom(caller.address), certificate: certificates.isOffered },
      ...(oidc && { oidc: oidc.name }),
      passwordLeastChars: limits.signInPasswordLeastChars,
    }),
  });

  defineRoute(app, {
    ...open,
    query: nothing,
    method: 'POST',
    url: '/session',
    id: 'signIn',
    summary: 'Signs in by password, badge, certificate or setup link.',
    body: SignIn,
    statuses: [201],
    response: SessionView,
    handler: async ({ body, caller }, reply) => {
      requireTls(caller);
      const { cookie, asker, session } = await signedIn(identity, await prove(identity, body, caller), caller);
      reply.header('set-cookie', cookie);
      return sessionView(identity, asker, session);
    },
  });

  defineRoute(app, {
    ...asked,
    method: 'GET',
    url: '/session/passkey',
    id: 'askPasskeySignIn',
    summary: 'Gives this browser a challenge for a passkey.',
    response: PasskeySignInAsked,
    handler: ({ caller }, reply) => {
      requireTls(caller);
      const mark = attempts.begin();
      reply.header('set-cookie', markCookie(mark));
      return { publicKey: requestOptions(passkey.request(mark)) };
    },
  });

  defineRoute(app, {
    ...open,
    query: nothing,
    method: 'POST',
    url: '/session/passkey',
    id: 'signInByPasskey',
    summary: 'Signs in by the answer of a passkey.',
    body: PasskeySignIn,
    statuses: [201],
    response: SessionView,
    handler: async ({ body, caller }, reply) => {
      requireTls(caller);
      const proof = passkey.prove(attemptMark(caller.cookie), assertionOf(body.credential), caller.address);
      const { cookie, asker, session } = await signedIn(identity, proof, caller);
      reply.header('set-cookie', [cookie, noMarkCookie()]);
      return sessionView(identity, asker, session);
    },
  });

  defineRoute(app, {
    ...asked,
    statuses: [302],
    method: 'GET',
    url: '/session/oidc',
    id: 'startOidc',
    summary: 'Sends the browser to the company’s own sign-in.',
    response: Done,
    handler: async ({ caller }, reply) => {
      requireTls(caller);
      const mark = attempts.begin();
      const url = await requireOidc(identity).start(mark);
      reply.headers({ 'set-cookie': markCookie(mark), location: url.href });
      return {};
    },
  });

  defineRoute(app, {
    ...open,
    // What the provider adds is its own; the library reads what it needs and checks that.
    query: AnyQuery,
    body: noBody,
    method: 'GET',
    url: '/session/oidc/callback',
    id: 'endOidc',
    summary: 'Where the company’s own sign-in sends the browser back to.',
    statuses: [302],
    response: Done,
    handler: async ({ query, caller }, reply) => {
      requireTls(caller);
      const to = await backFromOidc(identity, new URLSearchParams(query).toString(), caller);
      reply.headers({ 'set-cookie': [...to.cookies, noMarkCookie()], location: to.location });
      return {};
    },
  });
}

function prove({ passwords, certificates }: Identity, body: SignIn, caller: Caller): Promise<Proof> {
  const { address } = caller;
  switch (body.by) {
    case 'password':
      return passwords.byPassword(body.person, body.password, address);
    case 'badge':
      return passwords.byBadge(body.badge, body.pin, address);
    case 'setup':
      return passwords.bySetup(body.token, body.password, address);
    case 'certificate':
      return certificates.prove(caller.certificates(), address);
  }
}

/** A person who looks at a page, and no program, is told: with the page that lets them go on. */
async function backFromOidc(identity: Identity, query: string, caller: Caller) {
  try {
    const proof = await requireOidc(identity).prove(attemptMark(caller.cookie), query);
    const { cookie } = await signedIn(identity, proof, caller);
    return { cookies: [cookie], location: '/app/' };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { cookies: [], location: `/app/sign-in?problem=${error.code}` };
  }
}

function requireOidc({ oidc }: Identity): NonNullable<Identity['oidc']> {
  if (!oidc) throw new DomainError('not-found', 'This gateway knows no sign-in of the company.');
  return oidc;
}

/** Throws `request-invalid` on the local socket, where no browser is. */
function requireTls({ tls }: Caller): void {
  if (!tls) throw new DomainError('request-invalid', 'People sign in over HTTPS.');
}
