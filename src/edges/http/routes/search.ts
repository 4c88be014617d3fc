import type { FastifyInstance } from 'fastify';
import { HitList, SearchQuery } from '../contract/search.ts';
import type { HttpParts } from '../parts.ts';
import { defineRoute, noBody, nothing } from '../route.ts';

export function searchRoutes(app: FastifyInstance, { search }: Pick<HttpParts, 'search'>): void {
  defineRoute(app, {
    method: 'GET',
    url: '/search',
    id: 'search',
    summary: 'Finds what begins with a text: serial, part, O-number, file, work order, machine, person, digest or id.',
    usedBy: 'screens',
    access: { to: 'view' },
    params: nothing,
    query: SearchQuery,
    body: noBody,
    statuses: [200],
    response: HitList,
    handler: async ({ asker, query }) => ({ hits: await search.search(asker, query.q) }),
  });
}
