import type { FastifyInstance } from 'fastify';
import { ChangeAnswer, SubmitChange, WaitingChanges } from '../contract/changes.ts';
import type { HttpParts } from '../parts.ts';
import { defineRoute, noBody, nothing } from '../route.ts';

/** Changes of people, machines and rules: what counts is who signed them. */
export function changeRoutes(app: FastifyInstance, { changes }: Pick<HttpParts, 'changes'>): void {
  defineRoute(app, {
    method: 'POST',
    url: '/changes',
    id: 'submitChange',
    summary: 'Makes a change that enough people signed, or lets it wait for the others.',
    access: { to: 'authenticated' },
    params: nothing,
    query: nothing,
    body: SubmitChange,
    statuses: [201],
    response: ChangeAnswer,
    handler: async ({ asker, body }) => {
      const outcome = await changes.submit(asker, body.envelope);
      return outcome.state === 'made' ? outcome : { ...outcome, signers: [...outcome.signers] };
    },
  });

  defineRoute(app, {
    method: 'GET',
    url: '/changes',
    id: 'waitingChanges',
    summary: 'Lists the changes that wait for another signature.',
    access: { to: 'administer' },
    params: nothing,
    query: nothing,
    body: noBody,
    statuses: [200],
    response: WaitingChanges,
    handler: ({ asker }) => ({
      changes: changes.waiting(asker).map((waiting) => ({ ...waiting, signers: [...waiting.signers] })),
    }),
  });
}
