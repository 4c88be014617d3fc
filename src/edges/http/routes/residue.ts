import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ReleaseId } from '../../../domain/ids.ts';
import { Recorded } from '../contract/common.ts';
import { Withdraw } from '../contract/packages.ts';
import { ClearResidue, Recalled, ResidueList } from '../contract/residue.ts';
import type { HttpParts } from '../parts.ts';
import { defineRoute, noBody, nothing } from '../route.ts';

/** What machines may still hold of what was taken back. */
export function residueRoutes(app: FastifyInstance, { residue }: Pick<HttpParts, 'residue'>): void {
  defineRoute(app, {
    method: 'POST',
    url: '/releases/:releaseId/recall',
    id: 'recallRelease',
    summary: 'Stops a release on every door, and opens it on every machine that may hold it until each is cleared.',
    access: { to: 'withdraw' },
    params: z.strictObject({ releaseId: ReleaseId }),
    query: nothing,
    body: Withdraw,
    statuses: [200],
    response: Recalled,
    handler: ({ asker, params, body }) => residue.recall(asker, params.releaseId, body.reason),
  });

  defineRoute(app, {
    method: 'GET',
    url: '/residue',
    id: 'residue',
    summary: 'Lists what machines may hold of recalled releases; what is open comes first.',
    access: { to: 'clear-residue' },
    params: nothing,
    query: nothing,
    body: noBody,
    statuses: [200],
    response: ResidueList,
    handler: async ({ asker }) => ({ residue: await residue.list(asker) }),
  });

  defineRoute(app, {
    method: 'POST',
    url: '/residue',
    id: 'clearResidue',
    summary: 'Takes the signed statement of somebody who looked that a machine holds a recalled release no more.',
    access: { to: 'clear-residue' },
    params: nothing,
    query: nothing,
    body: ClearResidue,
    statuses: [201],
    response: Recorded,
    handler: ({ asker, body }) => residue.clear(asker, body.envelope),
  });
}
