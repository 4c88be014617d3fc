import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { PersonId } from '../../../domain/ids.ts';
import { HoldingList, InventoryView, MachineList, PersonList } from '../contract/registry.ts';
import type { HttpParts } from '../parts.ts';
import { defineRoute, noBody, nothing } from '../route.ts';

export function registryRoutes(
  app: FastifyInstance,
  { browse, holdings, inventory }: Pick<HttpParts, 'browse' | 'holdings' | 'inventory'>,
): void {
  defineRoute(app, {
    method: 'GET',
    url: '/people',
    id: 'people',
    summary: 'Lists the people who are enrolled.',
    access: { to: 'administer' },
    params: nothing,
    query: nothing,
    body: noBody,
    statuses: [200],
    response: PersonList,
    handler: ({ asker }) => ({ people: browse.people(asker) }),
  });

  defineRoute(app, {
    method: 'GET',
    url: '/people/:person/holdings',
    id: 'holdings',
    summary: 'Lists what somebody still holds, for whoever takes over.',
    access: { to: 'administer' },
    params: z.strictObject({ person: PersonId }),
    query: nothing,
    body: noBody,
    statuses: [200],
    response: HoldingList,
    handler: ({ asker, params }) => ({ holdings: holdings.of(asker, params.person) }),
  });

  defineRoute(app, {
    method: 'GET',
    url: '/machines',
    id: 'machines',
    summary: 'Lists the machines that are registered.',
    access: { to: 'administer' },
    params: nothing,
    query: nothing,
    body: noBody,
    statuses: [200],
    response: MachineList,
    handler: ({ asker }) => ({ machines: browse.machines(asker) }),
  });

  defineRoute(app, {
    method: 'GET',
    url: '/inventory',
    id: 'inventory',
    summary: 'Machines, zones and conduits, for a system security plan.',
    access: { to: 'administer' },
    params: nothing,
    query: nothing,
    body: noBody,
    statuses: [200],
    response: InventoryView,
    handler: ({ asker }) => inventory.of(asker),
  });
}
