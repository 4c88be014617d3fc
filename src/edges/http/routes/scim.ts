import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { PersonId } from '../../../domain/ids.ts';
import type { Identity } from '../../../services/accounts/identity.ts';
import {
  ProposedPeople,
  ScimDocument,
  ScimPatch,
  ScimQuery,
  ScimResources,
  ScimUser,
  ScimUserIn,
  ScimUsers,
  scimMedia,
  scimSchemas,
} from '../contract/scim.ts';
import { defineRoute, noBody, nothing } from '../route.ts';
import { patched, provisionedOf, scimDocuments, scimFilter, scimPage, scimUser } from '../scim.ts';

const scim = { access: { to: 'provision' }, media: scimMedia, statuses: [200] } as const;
const users = '/scim/v2/Users';
const oneUser = z.strictObject({ id: PersonId });
const list = { schemas: [scimSchemas.list] as [typeof scimSchemas.list] };

/** Where the company's directory says who comes and goes. */
export function scimRoutes(app: FastifyInstance, { provisioning, publicOrigin }: Identity): void {
  defineRoute(app, {
    ...scim,
    method: 'GET',
    url: users,
    id: 'scimUsers',
    summary: 'Lists what the directory said of people.',
    params: nothing,
    query: ScimQuery,
    body: noBody,
    response: ScimUsers,
    handler: ({ asker, query }) => {
      const found = provisioning.list(asker).filter(scimFilter(query.filter));
      const { page, ...counted } = scimPage(found, query.startIndex, query.count);
      const Resources = page.map((one) => scimUser(one, publicOrigin()));
      return { ...list, ...counted, itemsPerPage: Resources.length, Resources };
    },
  });

  defineRoute(app, {
    ...scim,
    method: 'POST',
    url: users,
    id: 'scimCreateUser',
    summary: 'Proposes somebody, for two administrators to enrol.',
    params: nothing,
    query: nothing,
    body: ScimUserIn,
    statuses: [201],
    response: ScimUser,
    handler: async ({ asker, body }, reply) => {
      const user = scimUser(await provisioning.create(asker, provisionedOf(body)), publicOrigin());
      reply.header('location', user.meta.location);
      return user;
    },
  });

  const one = { ...scim, url: `${users}/:id`, params: oneUser, query: nothing, response: ScimUser } as const;
  defineRoute(app, {
    ...one,
    method: 'GET',
    id: 'scimUser',
    summary: 'What the directory said of somebody, and what became of it.',
    body: noBody,
    handler: ({ asker, params }) => scimUser(provisioning.get(asker, params.id), publicOrigin()),
  });
  defineRoute(app, {
    ...one,
    method: 'PUT',
    id: 'scimReplaceUser',
    summary: 'Says anew who somebody is; who is not active is suspended at once.',
    body: ScimUserIn,
    handler: async ({ asker, params, body }) =>
      scimUser(await provisioning.replace(asker, params.id, provisionedOf(body)), publicOrigin()),
  });
  defineRoute(app, {
    ...one,
    method: 'PATCH',
    id: 'scimPatchUser',
    summary: 'Changes what the directory says; who is not active is suspended at once.',
    body: ScimPatch,
    handler: async ({ asker, params, body }) => {
      const { user } = provisioning.get(asker, params.id);
      return scimUser(await provisioning.replace(asker, params.id, patched(user, body)), publicOrigin());
    },
  });
  discoveryRoutes(app);

  defineRoute(app, {
    method: 'GET',
    url: '/people/proposed',
    id: 'proposedPeople',
    summary: 'Whom the directory proposes, for administrators to make enrolments of.',
    access: { to: 'administer' },
    params: nothing,
    query: nothing,
    body: noBody,
    statuses: [200],
    response: ProposedPeople,
    handler: ({ asker }) => ({
      people: provisioning.proposals(asker).map(({ user: { userName, name, externalId }, created, index }) => ({
        ...{ id: userName, name, since: created, index },
        ...(externalId === undefined ? {} : { externalId }),
      })),
    }),
  });
}

function discoveryRoutes(app: FastifyInstance): void {
  const asked = { ...scim, method: 'GET', params: nothing, query: nothing, body: noBody } as const;
  const all = (Resources: readonly object[]) => ({
    ...{ ...list, totalResults: Resources.length, startIndex: 1, itemsPerPage: Resources.length },
    Resources: Resources.map((each) => ({ ...each })),
  });
  defineRoute(app, {
    ...asked,
    url: '/scim/v2/ServiceProviderConfig',
    id: 'scimConfig',
    summary: 'What of SCIM is here.',
    response: ScimDocument,
    handler: () => ({ ...scimDocuments.config }),
  });
  defineRoute(app, {
    ...asked,
    url: '/scim/v2/ResourceTypes',
    id: 'scimResourceTypes',
    summary: 'Users, and nothing else.',
    response: ScimResources,
    handler: () => all(scimDocuments.resourceTypes),
  });
  defineRoute(app, {
    ...asked,
    url: '/scim/v2/Schemas',
    id: 'scimSchemas',
    summary: 'What is kept of a user.',
    response: ScimResources,
    handler: () => all(scimDocuments.schemas),
  });
}
