import { z } from 'zod';
import { Problem } from './contract/common.ts';
import { isAnsweredOnce, isByteStream, isEventStream, noBody, plainText, type RouteContract } from './route.ts';

type Json = Record<string, unknown>;

/** The OpenAPI 3.1 description of these routes, from the very schemas that check them. */
export function openApiDocument(routes: readonly RouteContract[]): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    // OpenAPI has no parameter over several segments: what the server knows as `*` is shown as the rest of the path.
    const path = route.url.replace(/:([A-Za-z]+)/g, '{$1}').replace(/\*$/, '{path}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Keyway', version: '1' },
    security: [{ messageSignature: [] }, { session: [] }, { apiKey: [] }],
    paths,
    components: {
      schemas: { Problem: jsonSchema(Problem, 'output') },
      securitySchemes: { messageSignature, session, apiKey },
    },
  };
}

const messageSignature = {
  type: 'apiKey',
  in: 'header',
  name: 'Signature',
  description: [
    'HTTP Message Signatures (RFC 9421), one with the label `keyway`: `Signature-Input` and `Signature` over `@method`,',
    '`@path`, `@query` and, where there is a body, `content-digest` (RFC 9530, SHA-256), with the parameters `created`,',
    '`nonce` (16 to 64 letters, digits, `-` or `_`, each used once), `keyid` (`sha256:` of the SubjectPublicKeyInfo) and',
    '`alg="ecdsa-p256-sha256"`. The key is one that is enrolled for a person. On the local socket an unsigned request is',
    'that of the gateway’s own account.',
  ].join(' '),
};

const session = {
  type: 'apiKey',
  in: 'cookie',
  name: '__Host-keyway',
  description: [
    'What signing in gives a browser, over TLS only. A request that changes something also has the header',
    '`Keyway-Session: 1` and says `Sec-Fetch-Site: same-origin` or our `Origin`. `Keyway-Background` on a request that',
    'nobody asked for keeps the session from its idle end no longer.',
  ].join(' '),
};
const apiKey = {
  type: 'http',
  scheme: 'bearer',
  description: 'An API key: it belongs to a person, is for the actions that it was made for, and signs nothing.',
};

function operation(route: RouteContract): Json {
  const open = route.access.to === 'anyone';
  return {
    operationId: route.id,
    summary: route.summary,
    'x-keyway-access': route.access.to,
    ...(route.usedBy ? { 'x-keyway-used-by': route.usedBy } : {}),
    ...(route.access.fresh ? { 'x-keyway-fresh': true } : {}),
    ...(open ? { security: [] } : {}),
    parameters: [...parameters(route.params, 'path'), ...parameters(route.query, 'query'), ...headers(route)],
    ...(route.body === noBody
      ? {}
      : { requestBody: { required: true, content: content(route.body, 'input', route.media) } }),
    responses: {
      ...Object.fromEntries(
        route.statuses.map((status) => [
          status,
          { description: 'As asked.', content: content(route.response, 'output', route.media) },
        ]),
      ),
      default: {
        description: 'A refusal, with its stable code (RFC 9457).',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

/** What an act may say beside its body (edges/http/idempotency.ts). */
function headers(route: RouteContract): Json[] {
  if (!isAnsweredOnce(route)) return [];
  const schema = { type: 'string', pattern: '^[A-Za-z0-9_-]{8,100}$' };
  return [{ name: 'Idempotency-Key', in: 'header', required: false, schema }];
}

function content(schema: z.ZodType, io: 'input' | 'output', media = 'application/json'): Json {
  if (isByteStream(schema)) return { 'application/octet-stream': {} };
  if (isEventStream(schema)) return { 'text/event-stream': { schema: { type: 'string' } } };
  if (schema === plainText) return { 'text/plain': { schema: { type: 'string' } } };
  return { [media]: { schema: jsonSchema(schema, io) } };
}

function parameters(schema: z.ZodObject, place: 'path' | 'query'): Json[] {
  return Object.entries(schema.shape).map(([name, field]) => ({
    name: name === '*' ? 'path' : name,
    in: place,
    required: place === 'path' || !(field as z.ZodType).safeParse(undefined).success,
    schema: jsonSchema(field as z.ZodType, 'input'),
  }));
}

/** Draft 2020-12, which OpenAPI 3.1 uses; refinements have no form in it and are left to the server. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io }) as Json;
  return rest;
}
