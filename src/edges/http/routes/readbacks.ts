import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { MachineId, RetrievalId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import { Recorded } from '../contract/common.ts';
import { HeldList, ReadbackList, ReadbacksQuery, ReadbackView, Resolve } from '../contract/readbacks.ts';
import { contentDigest } from '../message-signature.ts';
import type { HttpParts } from '../parts.ts';
import { byteStream, defineRoute, noBody, nothing } from '../route.ts';

const oneReadback = z.strictObject({ retrievalId: RetrievalId });

/** What came back from machines, and what they hold. */
export function readbackRoutes(app: FastifyInstance, { desk, vault }: Pick<HttpParts, 'desk' | 'vault'>): void {
  defineRoute(app, {
    method: 'GET',
    url: '/readbacks',
    id: 'readbacks',
    summary: 'Lists what came back from machines and what it was beside what was delivered, the newest first.',
    access: { to: 'view' },
    params: nothing,
    query: ReadbacksQuery,
    body: noBody,
    statuses: [200],
    response: ReadbackList,
    handler: async ({ asker, query: { machineId, open } }) => ({
      readbacks: await desk.list(asker, { machineId, open: open === 'yes', rows: limits.httpPageRows }),
    }),
  });

  defineRoute(app, {
    method: 'GET',
    url: '/readbacks/:retrievalId',
    id: 'readback',
    summary: 'Shows one program that came back, its digests in both forms and what changed.',
    access: { to: 'view' },
    params: oneReadback,
    query: nothing,
    body: noBody,
    statuses: [200],
    response: ReadbackView,
    handler: ({ asker, params }) => desk.show(asker, params.retrievalId),
  });

  defineRoute(app, {
    method: 'GET',
    url: '/readbacks/:retrievalId/file',
    id: 'readbackFile',
    summary: 'Gives the bytes that came back.',
    access: { to: 'download' },
    params: oneReadback,
    query: nothing,
    body: noBody,
    statuses: [200],
    response: byteStream,
    handler: async ({ asker, params }, reply) => {
      const { digest, size } = await desk.file(asker, params.retrievalId);
      // Whoever receives it holds it to this digest.
      reply.headers({ 'content-length': String(size), 'content-digest': contentDigest(digest) });
      return Readable.from(vault.streamQuarantined(digest), { objectMode: false });
    },
  });

  defineRoute(app, {
    method: 'POST',
    url: '/readbacks/:retrievalId/resolve',
    id: 'resolveReadback',
    summary: 'Says what becomes of a program that came back changed, and lifts the hold that it put on its release.',
    access: { to: 'resolve-readback' },
    params: oneReadback,
    query: nothing,
    body: Resolve,
    statuses: [201],
    response: Recorded,
    handler: ({ asker, params, body }) => desk.resolve(asker, params.retrievalId, body),
  });

  defineRoute(app, {
    method: 'GET',
    url: '/machines/:machineId/holds',
    id: 'machineHolds',
    summary: 'What a machine holds as far as anyone knows: since its last delivery, or since it was last read back.',
    access: { to: 'view' },
    params: z.strictObject({ machineId: MachineId }),
    query: nothing,
    body: noBody,
    statuses: [200],
    response: HeldList,
    handler: async ({ asker, params }) => ({ holds: await desk.holds(asker, params.machineId) }),
  });
}
