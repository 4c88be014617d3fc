import { Provisioned } from '../../domain/accounts.ts';
import { DomainError } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';
import type { ProvisionedUser } from '../../services/accounts/provisioning.ts';
import { ScimBoolean, type ScimPatch, type ScimUser, type ScimUserIn, scimSchemas } from './contract/scim.ts';

/** What the directory says of somebody, in our words. Throws `request-invalid`. */
export function provisionedOf(user: ScimUserIn): Provisioned {
  const { userName, externalId, displayName, name = {}, active = true } = user;
  const inFull = [name.givenName, name.familyName].filter((part) => part !== undefined).join(' ');
  return kept({
    userName,
    name: displayName ?? name.formatted ?? (inFull === '' ? userName : inFull),
    active: truthOf(active),
    ...(externalId === undefined ? {} : { externalId }),
  });
}

function kept(said: object): Provisioned {
  const parsed = Provisioned.safeParse(said);
  if (parsed.success) return parsed.data;
  const field = String(parsed.error.issues[0]?.path[0] ?? 'user');
  throw invalid(
    field,
    field === 'userName' ? 'must be the id of a person: letters, digits, . _ + -' : 'cannot be kept',
  );
}

export function scimUser({ user, created, modified, state }: ProvisionedUser, origin: string): ScimUser {
  const { userName, externalId, name } = user;
  return {
    schemas: [scimSchemas.user, scimSchemas.state],
    ...{ id: userName, userName, displayName: name },
    ...(externalId === undefined ? {} : { externalId }),
    // What a directory reads as done has to be done: nobody is active who may not sign in.
    active: user.active && state !== 'suspended' && state !== 'left',
    meta: {
      ...{ resourceType: 'User', created, lastModified: modified },
      location: `${origin}/scim/v2/Users/${userName}`,
    },
    [scimSchemas.state]: { state },
  };
}

/** As RFC 7644 3.5.2 has it, for the attributes that are kept here. Throws `request-invalid`. */
export function patched(before: Provisioned, { Operations }: ScimPatch): Provisioned {
  let next: Record<string, unknown> = { ...before };
  for (const { op, path, value } of Operations) {
    const isRemoval = /^remove$/i.test(op);
    if (!isRemoval && !/^(add|replace)$/i.test(op)) throw invalid('op', 'is none of add, replace and remove');
    const changes = path === undefined ? membersOf(value) : [[path, value] as const];
    for (const [name, to] of changes) next = withAttribute(next, attributeOf(name), isRemoval ? undefined : to);
  }
  return kept(next);
}

const attributes: Readonly<Record<string, keyof Provisioned>> = {
  active: 'active',
  externalid: 'externalId',
  displayname: 'name',
  'name.formatted': 'name',
  username: 'userName',
};

/** Names of attributes know no case (RFC 7643 2.1). */
function attributeOf(path: string): keyof Provisioned {
  const known = Object.hasOwn(attributes, path.toLowerCase()) ? attributes[path.toLowerCase()] : undefined;
  if (known) return known;
  throw invalid('path', 'names an attribute that is not kept here');
}

function withAttribute(user: Record<string, unknown>, name: keyof Provisioned, to: unknown): Record<string, unknown> {
  if (to === undefined) {
    if (name !== 'externalId') throw invalid('path', 'names an attribute that stays');
    const { externalId: _, ...rest } = user;
    return rest;
  }
  if (name === 'active') return { ...user, active: truthOf(to) };
  return { ...user, [name]: to };
}

function membersOf(value: unknown): (readonly [string, unknown])[] {
  if (typeof value === 'object' && value !== null) return Object.entries(value);
  throw invalid('value', 'must hold the attributes where no path names one');
}

function truthOf(value: unknown): boolean {
  const parsed = ScimBoolean.safeParse(value);
  if (!parsed.success) throw invalid('active', 'must be true or false');
  return typeof parsed.data === 'boolean' ? parsed.data : parsed.data.toLowerCase() === 'true';
}

/** `userName eq "X"` or `externalId eq "X"`: whom it lets through. Throws `request-invalid`. */
export function scimFilter(filter: string | undefined): (one: ProvisionedUser) => boolean {
  if (filter === undefined) return () => true;
  const [, name = '', quoted = ''] =
    /^\s*(userName|externalId)\s+eq\s+("(?:[^"\\\p{Cc}]|\\["\\/])*")\s*$/iu.exec(filter) ?? [];
  if (name === '') throw invalid('filter', 'may be userName eq "…" or externalId eq "…"');
  const wanted = String(JSON.parse(quoted));
  if (name.toLowerCase() === 'externalid') return ({ user }) => user.externalId === wanted;
  return ({ user }) => user.userName.toLowerCase() === wanted.toLowerCase();
}

/** The first page begins at 1; whatever is less means that (RFC 7644 3.4.2.4). */
export function scimPage<T>(all: readonly T[], startIndex: string | undefined, count: string | undefined) {
  const start = Math.max(1, Number(startIndex ?? 1));
  const rows = Math.min(limits.scimRows, Number(count ?? limits.scimRows));
  return { totalResults: all.length, startIndex: start, page: all.slice(start - 1, start - 1 + rows) };
}

const invalid = (field: string, why: string) => new DomainError('request-invalid', `${field} ${why}.`, { field });

const scimTypes: Readonly<Record<string, string>> = { path: 'invalidPath', filter: 'invalidFilter' };

/** A refusal as SCIM has it (RFC 7644 3.12). */
export function scimError({ code, message, field = '' }: DomainError, status: number): object {
  const invalidType = Object.hasOwn(scimTypes, field) ? scimTypes[field] : 'invalidValue';
  const scimType = code === 'conflict' ? 'uniqueness' : code === 'request-invalid' ? invalidType : undefined;
  return { schemas: [scimSchemas.error], status: String(status), ...(scimType && { scimType }), detail: message };
}

const attribute = (name: string, about: object) => ({
  ...{ name, type: 'string', multiValued: false, required: false, caseExact: true, mutability: 'readWrite' },
  ...{ returned: 'default', uniqueness: 'none', ...about },
});

/** What this end of SCIM is, for directories that ask before they begin (RFC 7643 5 to 7). */
export const scimDocuments = {
  config: {
    schemas: [scimSchemas.config],
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: limits.scimRows },
    changePassword: { supported: false },
    sort: { supported: false },
    etag: { supported: false },
    authenticationSchemes: [
      { type: 'oauthbearertoken', name: 'API key', description: 'An API key of an administrator for "provision".' },
    ],
  },
  resourceTypes: [
    {
      schemas: [scimSchemas.resourceType],
      ...{ id: 'User', name: 'User', endpoint: '/Users', schema: scimSchemas.user },
      schemaExtensions: [{ schema: scimSchemas.state, required: false }],
    },
  ],
  schemas: [
    {
      ...{ schemas: [scimSchemas.schema], id: scimSchemas.user, name: 'User' },
      attributes: [
        attribute('userName', { required: true, caseExact: false, uniqueness: 'server', mutability: 'immutable' }),
        attribute('displayName', { caseExact: false }),
        attribute('active', { type: 'boolean' }),
        attribute('externalId', {}),
      ],
    },
    {
      ...{ schemas: [scimSchemas.schema], id: scimSchemas.state, name: 'Keyway' },
      attributes: [attribute('state', { mutability: 'readOnly' })],
    },
  ],
} as const;
