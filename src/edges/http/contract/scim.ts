import { z } from 'zod';
import { PersonId } from '../../../domain/ids.ts';
import { ShortText } from '../../../domain/text.ts';

/** SCIM 2.0 (RFC 7643, RFC 7644): users alone, as far as a directory needs them to say who comes and goes. */
export const scimMedia = 'application/scim+json';
export const scimSchemas = {
  user: 'urn:ietf:params:scim:schemas:core:2.0:User',
  /** What became of the wish; ours. */
  state: 'urn:keyway:params:scim:schemas:2.0:User',
  list: 'urn:ietf:params:scim:api:messages:2.0:ListResponse',
  patch: 'urn:ietf:params:scim:api:messages:2.0:PatchOp',
  error: 'urn:ietf:params:scim:api:messages:2.0:Error',
  config: 'urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig',
  resourceType: 'urn:ietf:params:scim:schemas:core:2.0:ResourceType',
  schema: 'urn:ietf:params:scim:schemas:core:2.0:Schema',
} as const;

const text = z.string().max(500);
/** Some directories write a truth as a word. */
export const ScimBoolean = z.union([z.boolean(), z.enum(['true', 'false', 'True', 'False'])]);
/** A directory knows more of a person than we want to: what is not named here is not kept (RFC 7644 3.3). */
export const ScimUserIn = z.looseObject({
  schemas: z.array(text).max(16),
  userName: text,
  externalId: text.optional(),
  displayName: text.optional(),
  name: z
    .looseObject({ formatted: text.optional(), givenName: text.optional(), familyName: text.optional() })
    .optional(),
  active: ScimBoolean.optional(),
});
export type ScimUserIn = z.infer<typeof ScimUserIn>;

export const ScimPatch = z.strictObject({
  schemas: z.tuple([z.literal(scimSchemas.patch)]),
  Operations: z
    .array(z.strictObject({ op: z.string().max(20), path: text.optional(), value: z.unknown().optional() }))
    .min(1)
    .max(32),
});
export type ScimPatch = z.infer<typeof ScimPatch>;

export const ScimUser = z.strictObject({
  schemas: z.tuple([z.literal(scimSchemas.user), z.literal(scimSchemas.state)]),
  id: PersonId,
  userName: PersonId,
  externalId: ShortText.optional(),
  displayName: ShortText,
  active: z.boolean(),
  meta: z.strictObject({
    resourceType: z.literal('User'),
    created: z.string(),
    lastModified: z.string(),
    location: z.string(),
  }),
  [scimSchemas.state]: z.strictObject({ state: z.enum(['proposed', 'enrolled', 'suspended', 'left']) }),
});
export type ScimUser = z.infer<typeof ScimUser>;

const listOf = <T extends z.ZodType>(of: T) =>
  z.strictObject({
    schemas: z.tuple([z.literal(scimSchemas.list)]),
    totalResults: z.int(),
    startIndex: z.int(),
    itemsPerPage: z.int(),
    Resources: z.array(of),
  });
export const ScimUsers = listOf(ScimUser);
export const ScimResources = listOf(z.record(z.string(), z.unknown()));
export const ScimDocument = z.record(z.string(), z.unknown());

const digits = z.string().regex(/^[0-9]{1,6}$/);
export const ScimQuery = z.strictObject({
  filter: z.string().max(300).optional(),
  startIndex: digits.optional(),
  count: digits.optional(),
});

/** `GET /people/proposed`: what an administrator may make an enrolment of. */
export const ProposedPeople = z.strictObject({
  people: z.array(
    z.strictObject({
      id: PersonId,
      name: ShortText,
      externalId: ShortText.optional(),
      since: z.string(),
      index: z.int(),
    }),
  ),
});
export type ProposedPeople = z.infer<typeof ProposedPeople>;
