import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { ApiKeyStanding } from '../../../catalog/account-register.ts';
import { ApiKeyId } from '../../../domain/ids.ts';
import type { Identity } from '../../../services/accounts/identity.ts';
import { Because } from '../contract/accounts.ts';
import { ApiKeyList, ApiKeyMade, ApiKeysQuery, type ApiKeyView, NewApiKey } from '../contract/api-keys.ts';
import { Recorded } from '../contract/common.ts';
import { defineRoute, noBody, nothing } from '../route.ts';

/** Keys with which programs ask in the name of a person. */
export function apiKeyRoutes(app: FastifyInstance, { apiKeys }: Identity): void {
  defineRoute(app, {
    method: 'GET',
    url: '/api-keys',
    id: 'apiKeys',
    summary: 'Lists one’s own API keys; with all=yes everybody’s, for administrators.',
    access: { to: 'authenticated' },
    params: nothing,
    query: ApiKeysQuery,
    body: noBody,
    statuses: [200],
    response: ApiKeyList,
    handler: ({ asker, query }) => ({ keys: apiKeys.list(asker, { all: query.all === 'yes' }).map(view) }),
  });

  defineRoute(app, {
    method: 'POST',
    url: '/api-keys',
    id: 'makeApiKey',
    holdsSecret: true,
    summary: 'Makes an API key for oneself; its secret is shown this once.',
    access: { to: 'authenticated', fresh: true },
    params: nothing,
    query: nothing,
    body: NewApiKey,
    statuses: [201],
    response: ApiKeyMade,
    handler: async ({ asker, body }) => {
      const { key, secret } = await apiKeys.make(asker, body);
      return { key: view(key), secret };
    },
  });

  defineRoute(app, {
    method: 'POST',
    url: '/api-keys/:id/revoke',
    id: 'revokeApiKey',
    summary: 'Ends an API key: one’s own, or anybody’s for administrators.',
    access: { to: 'authenticated' },
    params: z.strictObject({ id: ApiKeyId }),
    query: nothing,
    body: Because,
    statuses: [201],
    response: Recorded,
    handler: async ({ asker, params, body }) => ({ index: await apiKeys.revoke(asker, params.id, body.reason) }),
  });
}

const view = ({
  apiKeyId,
  person,
  name,
  actions,
  expires,
  time,
  index,
}: ApiKeyStanding): z.input<typeof ApiKeyView> => ({
  ...{ id: apiKeyId, person, name, actions, expires, made: time, index },
});
