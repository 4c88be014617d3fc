import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { DomainError } from '../../../domain/errors.ts';
import { rfc3339 } from '../../../platform/clock.ts';
import type { Identity } from '../../../services/accounts/identity.ts';
import type { OpenedSession, Proof, Session } from '../../../services/accounts/sessions.ts';
import type { Asker } from '../../../services/principals.ts';
import { assertionOf } from '../assertion.ts';
import { Done, NewPassword, SessionView, SignInAgain } from '../contract/session.ts';
import { type Caller, defineRoute, noBody, nothing } from '../route.ts';
import { attemptMark, noSessionCookie, sessionCookie, sessionToken } from '../session-cookie.ts';

const plain = { params: nothing, query: nothing, statuses: [200], usedBy: 'screens' } as const;
const here = '/session';

/** The session that somebody has. */
export function sessionRoutes(app: FastifyInstance, identity: Identity): void {
  const { sessions, passwords, passkey } = identity;

  defineRoute(app, {
    method: 'GET',
    url: here,
    id: 'session',
    summary: 'Who asks, what they may do, and until when they are signed in.',
    access: { to: 'authenticated' },
    ...plain,
    body: noBody,
    response: SessionView,
    handler: ({ asker, caller }) => {
      const token = asker.session === undefined ? undefined : sessionToken(caller.cookie);
      return sessionView(identity, asker, token === undefined ? undefined : sessions.use(token, { background: true }));
    },
  });

  defineRoute(app, {
    method: 'DELETE',
    url: here,
    id: 'signOut',
    summary: 'Ends the session.',
    access: { to: 'authenticated' },
    ...plain,
    body: noBody,
    response: Done,
    handler: ({ caller }, reply) => {
      sessions.end(requireToken(caller));
      reply.header('set-cookie', noSessionCookie());
      return {};
    },
  });

  defineRoute(app, {
    method: 'POST',
    url: '/session/again',
    id: 'signInAgain',
    holdsSecret: true,
    summary: 'Shows once more that it is the same person, for acts that want them there.',
    access: { to: 'authenticated' },
    ...plain,
    body: SignInAgain,
    response: SessionView,
    handler: async ({ asker, body, caller }, reply) => {
      const { address, cookie } = caller;
      const token = requireToken(caller);
      const { person } = sessions.use(token);
      const proof: Proof =
        body.by === 'password'
          ? await passwords.byPassword(person, body.password, address)
          : passkey.prove(attemptMark(cookie), assertionOf(body.credential), address);
      const opened = sessions.prove(token, proof);
      reply.header('set-cookie', sessionCookie(opened.token));
      return sessionView(identity, { ...asker, session: opened.session.sessionId }, opened.session);
    },
  });

  defineRoute(app, {
    method: 'PUT',
    url: '/session/password',
    id: 'changePassword',
    summary: 'Sets another password for oneself, and ends one’s other sessions.',
    access: { to: 'authenticated', fresh: true },
    ...plain,
    body: NewPassword,
    response: Done,
    handler: async ({ body, caller }) => {
      const { person, sessionId } = sessions.use(requireToken(caller));
      await passwords.changePassword(person, body.password);
      sessions.endAll(person, sessionId);
      return {};
    },
  });
}

/** A session lives in a browser, behind TLS. Throws `request-invalid`. */
function requireToken({ tls, cookie }: Caller): string {
  const token = tls ? sessionToken(cookie) : undefined;
  if (token === undefined) throw new DomainError('request-invalid', 'Only a browser that is signed in has a session.');
  return token;
}

/** Who somebody is once they have signed in, with the cookie that says so; what they had before ends. */
export async function signedIn(
  identity: Identity,
  proof: Proof,
  caller: Caller,
): Promise<OpenedSession & { cookie: string; asker: Asker }> {
  const { sessions } = identity;
  const opened = await sessions.open(proof, caller.address);
  const before = sessionToken(caller.cookie);
  if (before !== undefined) sessions.end(before);
  const { person, mfa, sessionId } = opened.session;
  const context = { channel: 'https', encrypted: true, mfa } as const;
  const asker: Asker = { principal: { kind: 'person', id: person }, context, session: sessionId };
  return { ...opened, cookie: sessionCookie(opened.token), asker };
}

export function sessionView(
  { who, passwords, plant, publicOrigin, ledgerSize }: Identity,
  asker: Asker,
  session: Session | undefined,
): z.input<typeof SessionView> {
  const { person, actions, hasPasskey } = who.ask(asker);
  const { mfa } = asker.context;
  return {
    person: { id: person.id, name: person.name, roles: person.roles },
    ...(session && { session: sessionTimes(session) }),
    ...(mfa === undefined ? {} : { mfa: session?.mfa ?? mfa }),
    ...{ ledgerSize: ledgerSize(), zone: plant.timeZone },
    ...(plant.banner === undefined ? {} : { banner: plant.banner }),
    actions,
    publicOrigin: publicOrigin(),
    hasPasskey,
    hasPassword: passwords.has('password', person.id),
  };
}

const sessionTimes = ({ sessionId, by, openedMs, idleEndsMs, endsMs, freshUntilMs }: Session) => ({
  ...{ id: sessionId, by, started: rfc3339(openedMs) },
  ...{ idleEnds: rfc3339(idleEndsMs), ends: rfc3339(endsMs), freshUntil: rfc3339(freshUntilMs) },
});
