import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { WebhookId } from '../../../domain/ids.ts';
import { Recorded } from '../contract/common.ts';
import { SetWebhook, WebhookList, WebhookSet } from '../contract/webhooks.ts';
import type { HttpParts } from '../parts.ts';
import { defineRoute, noBody, nothing } from '../route.ts';

/** Other programs that are told of releases, deliveries, holds and verdicts. */
export function webhookRoutes(app: FastifyInstance, { webhooks }: Pick<HttpParts, 'webhooks'>): void {
  const common = { usedBy: 'screens', access: { to: 'administer' }, query: nothing } as const;

  defineRoute(app, {
    ...common,
    method: 'POST',
    url: '/webhooks',
    id: 'setWebhook',
    holdsSecret: true,
    summary: 'Lets another program be told, in signed CloudEvents, of what happens from here on.',
    params: nothing,
    body: SetWebhook,
    statuses: [201],
    response: WebhookSet,
    handler: ({ asker, body }) => webhooks.set(asker, body),
  });

  defineRoute(app, {
    ...common,
    method: 'POST',
    url: '/webhooks/:webhookId/remove',
    id: 'removeWebhook',
    summary: 'Tells a program nothing more.',
    params: z.strictObject({ webhookId: WebhookId }),
    body: noBody,
    statuses: [200],
    response: Recorded,
    handler: ({ asker, params }) => webhooks.remove(asker, params.webhookId),
  });

  defineRoute(app, {
    ...common,
    method: 'GET',
    url: '/webhooks',
    id: 'webhooks',
    summary: 'Lists webhooks, what came of the last attempt, and what was put aside.',
    params: nothing,
    body: noBody,
    statuses: [200],
    response: WebhookList,
    handler: ({ asker }) => ({
      webhooks: webhooks.list(asker).map(({ kinds, last, ...hook }) => ({
        ...{ ...hook, kinds: [...kinds] },
        ...(last ? { last } : {}),
      })),
    }),
  });
}
