import type { FastifyInstance } from 'fastify';
import { oneSending, SendingList, SendingView, SendProgram } from '../contract/sendings.ts';
import type { HttpParts } from '../parts.ts';
import { defineRoute, noBody, nothing } from '../route.ts';

export function sendingRoutes(app: FastifyInstance, { sending }: Pick<HttpParts, 'sending'>): void {
  defineRoute(app, {
    method: 'POST',
    url: '/sendings',
    id: 'send',
    summary: 'Sends a released program to a machine that does not come for it: down its line, or where it looks.',
    access: { to: 'send' },
    params: nothing,
    query: nothing,
    body: SendProgram,
    statuses: [201],
    response: SendingView,
    handler: ({ asker, body }) => sending.start(asker, body),
  });

  defineRoute(app, {
    method: 'GET',
    url: '/sendings',
    id: 'sendings',
    summary: 'Lists what was sent since the gateway started, newest first; the ledger has all deliveries.',
    access: { to: 'send' },
    params: nothing,
    query: nothing,
    body: noBody,
    statuses: [200],
    response: SendingList,
    handler: ({ asker }) => ({ sendings: sending.list(asker) }),
  });

  defineRoute(app, {
    method: 'GET',
    url: '/sendings/:sendingId',
    id: 'sending',
    summary: 'Says how far one sending is.',
    access: { to: 'send' },
    params: oneSending,
    query: nothing,
    body: noBody,
    statuses: [200],
    response: SendingView,
    handler: ({ asker, params }) => sending.get(asker, params.sendingId),
  });
}
