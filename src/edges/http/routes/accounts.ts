import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { rfc3339 } from '../../../platform/clock.ts';
import type { Account } from '../../../services/accounts/accounts.ts';
import type { Identity } from '../../../services/accounts/identity.ts';
import { Because, NewBadge, OneAccount } from '../contract/accounts.ts';
import { Recorded } from '../contract/common.ts';
import { AccountList, type AccountView, Done, Invited } from '../contract/session.ts';
import { defineRoute, noBody, nothing } from '../route.ts';

const act = {
  access: { to: 'administer', fresh: true },
  params: OneAccount,
  query: nothing,
  statuses: [201],
} as const;

/** What administrators do about accounts. */
export function accountRoutes(app: FastifyInstance, { accounts, publicOrigin }: Identity): void {
  defineRoute(app, {
    method: 'GET',
    url: '/accounts',
    id: 'accounts',
    summary: 'Lists who may sign in, and how.',
    access: { to: 'administer' },
    params: nothing,
    query: nothing,
    body: noBody,
    statuses: [200],
    response: AccountList,
    handler: ({ asker }) => ({ accounts: accounts.list(asker).map(accountView) }),
  });

  defineRoute(app, {
    ...act,
    method: 'POST',
    url: '/accounts/:person/invite',
    id: 'invite',
    holdsSecret: true,
    summary: 'Makes a link that sets a password, once; the password and sessions that there were end.',
    body: noBody,
    response: Invited,
    handler: async ({ asker, params }) => {
      const { person, token, untilMs, index } = await accounts.invite(asker, params.person);
      return { person, link: `${publicOrigin()}/app/setup#${token}`, expires: rfc3339(untilMs), index };
    },
  });

  defineRoute(app, {
    ...act,
    // To stop somebody must not wait for a password.
    access: { to: 'administer' },
    method: 'POST',
    url: '/accounts/:person/suspend',
    id: 'suspendAccount',
    summary: 'Ends every session of a person and lets them ask for nothing until they are restored.',
    body: Because,
    response: Recorded,
    handler: async ({ asker, params, body }) => ({ index: await accounts.suspend(asker, params.person, body.reason) }),
  });

  defineRoute(app, {
    ...act,
    method: 'POST',
    url: '/accounts/:person/restore',
    id: 'restoreAccount',
    summary: 'Lets a suspended person sign in again.',
    body: Because,
    response: Recorded,
    handler: async ({ asker, params, body }) => ({ index: await accounts.restore(asker, params.person, body.reason) }),
  });

  defineRoute(app, {
    ...act,
    access: { to: 'administer' },
    method: 'POST',
    url: '/accounts/:person/sign-out',
    id: 'signOutAccount',
    summary: 'Ends every session of a person.',
    body: Because,
    response: Recorded,
    handler: async ({ asker, params, body }) => ({ index: await accounts.signOut(asker, params.person, body.reason) }),
  });

  defineRoute(app, {
    ...act,
    method: 'PUT',
    url: '/accounts/:person/badge',
    id: 'setBadge',
    summary: 'Gives an operator a badge and a PIN for the shop floor.',
    body: NewBadge,
    response: Done,
    handler: async ({ asker, params, body }) => {
      await accounts.setBadge(asker, params.person, body.badge, body.pin);
      return {};
    },
  });
}

function accountView(account: Account): z.input<typeof AccountView> {
  const { person, suspended, lockedUntilMs, invitedUntilMs, hasPassword, hasBadge, bound, sessions } = account;
  // A date has to stand there also where only an invitation unlocks.
  const locked = lockedUntilMs === Number.POSITIVE_INFINITY ? '9999-12-31T23:59:59.999Z' : undefined;
  return {
    ...{ person: person.id, name: person.name, roles: person.roles, hasPassword, hasBadge, bound, sessions },
    passkeys: person.keys.filter(({ assurance }) => assurance === 'passkey').length,
    ...(suspended && { suspended: { reason: suspended.reason, since: suspended.time } }),
    ...(lockedUntilMs === undefined ? {} : { lockedUntil: locked ?? rfc3339(lockedUntilMs) }),
    ...(invitedUntilMs === undefined ? {} : { invitedUntil: rfc3339(invitedUntilMs) }),
  };
}
