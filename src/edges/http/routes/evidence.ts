import type { FastifyInstance } from 'fastify';
import { EvidenceAsked } from '../contract/evidence.ts';
import type { HttpParts } from '../parts.ts';
import { byteStream, defineRoute, nothing } from '../route.ts';

export function evidenceRoutes(app: FastifyInstance, { evidence }: Pick<HttpParts, 'evidence'>): void {
  defineRoute(app, {
    method: 'POST',
    url: '/evidence',
    id: 'evidence',
    summary: 'Makes a pack of evidence, a zip: entries, proofs, files, signatures and a report.',
    access: { to: 'view' },
    params: nothing,
    query: nothing,
    body: EvidenceAsked,
    statuses: [200],
    response: byteStream,
    handler: ({ asker, body }) => evidence.export(asker, body),
  });
}
