import type { FastifyInstance } from 'fastify';
import { EventsQuery } from '../contract/events.ts';
import type { HttpParts } from '../parts.ts';
import { defineRoute, eventStream, noBody, nothing } from '../route.ts';

export function eventRoutes(app: FastifyInstance, { events }: Pick<HttpParts, 'events'>): void {
  // A stream never ends by itself, and a door that closes waits for what is under way.
  app.addHook('preClose', async () => events.close());

  defineRoute(app, {
    method: 'GET',
    url: '/events',
    id: 'events',
    summary:
      'News as server-sent events: each ledger entry that the asker may see, by index and the ids that it is about.',
    usedBy: 'screens',
    access: { to: 'authenticated' },
    params: nothing,
    query: EventsQuery,
    body: noBody,
    statuses: [200],
    response: eventStream,
    handler: ({ asker, query, caller }) => events.listen(asker, caller.lastEvent ?? numberIn(query.since)),
  });
}

const numberIn = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
