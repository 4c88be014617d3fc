import type { FastifyInstance } from 'fastify';
import { MonitorList } from '../contract/monitors.ts';
import type { HttpParts } from '../parts.ts';
import { defineRoute, noBody, nothing } from '../route.ts';

export function monitorRoutes(app: FastifyInstance, { monitoring }: Pick<HttpParts, 'monitoring'>): void {
  defineRoute(app, {
    method: 'GET',
    url: '/monitors',
    id: 'monitors',
    summary: 'Lists what machines say by their agents that they run, beside what was delivered to them.',
    access: { to: 'read-ledger' },
    params: nothing,
    query: nothing,
    body: noBody,
    statuses: [200],
    response: MonitorList,
    handler: async ({ asker }) => ({ monitors: await monitoring.list(asker) }),
  });
}
