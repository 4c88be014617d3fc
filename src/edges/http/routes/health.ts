import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { Health, Readiness } from '../contract/health.ts';
import type { HttpParts } from '../parts.ts';
import { defineRoute, noBody, nothing } from '../route.ts';

/** `openApi` gives the description of every route, once all are registered. */
export function healthRoutes(
  app: FastifyInstance,
  parts: Pick<HttpParts, 'readiness'>,
  openApi: () => Record<string, unknown>,
): void {
  const plain = { params: nothing, query: nothing, body: noBody };

  defineRoute(app, {
    method: 'GET',
    url: '/health',
    id: 'health',
    summary: 'Whether the process answers.',
    access: { to: 'anyone' },
    ...plain,
    statuses: [200],
    response: Health,
    handler: () => ({ status: 'ok' as const }),
  });

  defineRoute(app, {
    method: 'GET',
    url: '/ready',
    id: 'ready',
    summary: 'Whether deposits, releases and deliveries all work.',
    access: { to: 'anyone' },
    ...plain,
    statuses: [200, 503],
    response: Readiness,
    handler: (_request, reply) => {
      const body = parts.readiness();
      if (!body.ready) reply.status(503);
      return body;
    },
  });

  defineRoute(app, {
    method: 'GET',
    url: '/openapi.json',
    id: 'openApi',
    summary: 'This description.',
    access: { to: 'authenticated' },
    ...plain,
    statuses: [200],
    response: z.record(z.string(), z.unknown()),
    handler: () => openApi(),
  });
}
