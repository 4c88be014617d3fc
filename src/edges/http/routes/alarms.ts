import type { FastifyInstance } from 'fastify';
import { AlarmList } from '../contract/alarms.ts';
import type { HttpParts } from '../parts.ts';
import { defineRoute, noBody, nothing } from '../route.ts';

export function alarmRoutes(app: FastifyInstance, { alarms }: Pick<HttpParts, 'alarms'>): void {
  defineRoute(app, {
    method: 'GET',
    url: '/alarms',
    id: 'alarms',
    summary: 'Lists what is not as it should be right now, and how to go on.',
    access: { to: 'read-ledger' },
    params: nothing,
    query: nothing,
    body: noBody,
    statuses: [200],
    response: AlarmList,
    handler: ({ asker }) => ({ alarms: alarms.list(asker) }),
  });
}
