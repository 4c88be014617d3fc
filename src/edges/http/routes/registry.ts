import type { FastifyInstance } from 'fastify';
import { Machine } from '../../../domain/machines.ts';
import { Person } from '../../../domain/people.ts';
import { Recorded } from '../contract/common.ts';
import { MachineList, PersonList } from '../contract/registry.ts';
import type { HttpParts } from '../parts.ts';
import { defineRoute, noBody, nothing } from '../route.ts';

export function registryRoutes(
  app: FastifyInstance,
  { browse, registry }: Pick<HttpParts, 'browse' | 'registry'>,
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
    method: 'POST',
    url: '/people',
    id: 'enrol',
    summary: 'Enrols a person with the keys that they sign with.',
    access: { to: 'administer' },
    params: nothing,
    query: nothing,
    body: Person,
    statuses: [201],
    response: Recorded,
    handler: ({ asker, body }) => registry.enrol(asker, body),
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
    method: 'POST',
    url: '/machines',
    id: 'register',
    summary: 'Registers a machine with the keys that it logs in with.',
    access: { to: 'administer' },
    params: nothing,
    query: nothing,
    body: Machine,
    statuses: [201],
    response: Recorded,
    handler: ({ asker, body }) => registry.register(asker, body),
  });
}
