import type { FastifyInstance } from 'fastify';
import { rfc3339 } from '../../../platform/clock.ts';
import { AuthorizationList, BreakGlassList, NonconformanceList } from '../contract/registry.ts';
import type { HttpParts } from '../parts.ts';
import { defineRoute, noBody, nothing } from '../route.ts';

/** What is on record of exceptions; they are made, ended and closed by signed changes. */
export function exceptionRoutes(app: FastifyInstance, { registry }: Pick<HttpParts, 'registry'>): void {
  const plain = { params: nothing, query: nothing, body: noBody, statuses: [200] } as const;

  defineRoute(app, {
    method: 'GET',
    url: '/authorizations',
    id: 'authorizations',
    summary: 'Lists licences, agreements and exemptions.',
    access: { to: 'administer' },
    ...plain,
    response: AuthorizationList,
    handler: ({ asker }) => ({ authorizations: registry.authorizations(asker) }),
  });

  defineRoute(app, {
    method: 'GET',
    url: '/break-glass',
    id: 'breakGlass',
    summary: 'Lists what two people have set aside and that is still open.',
    access: { to: 'read-ledger' },
    ...plain,
    response: BreakGlassList,
    handler: ({ asker }) => ({
      breakGlass: registry.breakGlass(asker).map(({ untilMs, ...opened }) => ({ ...opened, until: rfc3339(untilMs) })),
    }),
  });

  defineRoute(app, {
    method: 'GET',
    url: '/nonconformances',
    id: 'nonconformances',
    summary: 'Lists the records that quality has not closed.',
    access: { to: 'read-ledger' },
    ...plain,
    response: NonconformanceList,
    handler: ({ asker }) => ({
      nonconformances: registry.nonconformances(asker).map(({ changeId, openedBy, ...record }) => ({
        ...{ ...record, openedBy: [...openedBy] },
        ...(changeId === undefined ? {} : { changeId }),
      })),
    }),
  });
}
