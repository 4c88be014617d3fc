import type { FastifyInstance } from 'fastify';
import type { RunsBy } from '../../../catalog/queries/runs.ts';
import { RunReport } from '../../../domain/runs.ts';
import { RunList, RunRecorded, RunsQuery } from '../contract/runs.ts';
import type { HttpParts } from '../parts.ts';
import { defineRoute, noBody, nothing } from '../route.ts';

export function runRoutes(app: FastifyInstance, { runs }: Pick<HttpParts, 'runs'>): void {
  defineRoute(app, {
    method: 'POST',
    url: '/runs',
    id: 'recordRun',
    summary: 'Records which serials a machine cut with a release that had been delivered to it.',
    access: { to: 'record-run' },
    params: nothing,
    query: nothing,
    body: RunReport,
    statuses: [201],
    response: RunRecorded,
    handler: ({ asker, body }) => runs.record(asker, body),
  });

  defineRoute(app, {
    method: 'GET',
    url: '/runs',
    id: 'runs',
    summary: 'Lists the runs of a serial, a work order, a part, a release or a machine.',
    access: { to: 'view' },
    params: nothing,
    query: RunsQuery,
    body: noBody,
    statuses: [200],
    response: RunList,
    handler: async ({ asker, query }) => {
      const found = await runs.list(asker, query as RunsBy);
      return {
        runs: found.map(({ endedAt, note, ...run }) => ({
          ...run,
          ...(endedAt === undefined ? {} : { endedAt }),
          ...(note === undefined ? {} : { note }),
        })),
      };
    },
  });
}
