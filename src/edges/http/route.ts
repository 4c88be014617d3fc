import { X509Certificate } from 'node:crypto';
import type { Readable } from 'node:stream';
import { type DetailedPeerCertificate, TLSSocket } from 'node:tls';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Action } from '../../domain/decisions.ts';
import type { Digest } from '../../domain/digest.ts';
import { DomainError } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';
import type { Asker } from '../../services/principals.ts';
import { sentence, shown } from '../../services/reason-text.ts';
import { type DoorKind, promisedBody } from './authentication.ts';
import type { scimMedia } from './contract/scim.ts';

/**
 * Who may call a route: anyone, anyone who is known, or whoever policy lets do this. The last is what the service
 * behind the route asks policy about, said here so that it can be read and published in one place.
 */
export type Access = {
  to: 'anyone' | 'authenticated' | Action;
  /** Whoever is signed in must have shown within the last minutes that it is them. */
  fresh?: true;
};

export const nothing = z.strictObject({});
export const noBody = z.undefined();
/** Of an address that somebody else's program makes; a name that stands there twice is refused. */
export const AnyQuery = z.object({}).catchall(z.string().max(4_000));
/** Bytes as they come, in or out, never held whole. */
export const byteStream = z.custom<Readable>();
/** As `byteStream`, of server-sent events, for as long as the other end stays. */
export const eventStream = z.custom<Readable>();
export const plainText = z.string();
export const isByteStream = (schema: z.ZodType): boolean => Object.is(schema, byteStream);
export const isEventStream = (schema: z.ZodType): boolean => Object.is(schema, eventStream);

/** Everything that is known of a route but what it does. */
export type RouteContract = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With `:name` for each of `params`. */
  url: string;
  id: string;
  summary: string;
  /** `screens`: no command of ours asks it, so that our own client has no method for it. */
  usedBy?: 'screens';
  access: Access;
  params: z.ZodObject;
  query: z.ZodObject;
  /** `noBody`, `byteStream` or what the JSON must be. */
  body: z.ZodType;
  /** The first when all went well; each has a body of the form of `response`. Problems are answered beside these. */
  statuses: readonly [number, ...number[]];
  response: z.ZodType;
  /** What is asked or answered holds a password, or a secret that is shown once: nothing of it is kept. */
  holdsSecret?: true;
  /** Of JSON both ways, where another word for it is usual; `application/json` is taken too. */
  media?: typeof scimMedia;
};

/**
 * Whether an act is told apart by `Idempotency-Key` (edges/http/idempotency.ts): an answer in bytes is a reading, and made anew;
 * who is not known yet has no keys of their own.
 */
export const isAnsweredOnce = ({ method, response, holdsSecret, access }: RouteContract): boolean =>
  method === 'POST' && !isByteStream(response) && !holdsSecret && access.to !== 'anyone';

type Known<A extends Access> = A['to'] extends 'anyone' ? undefined : Asker;

export type RouteRequest<A extends Access, P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType> = {
  asker: Known<A>;
  params: z.output<P>;
  query: z.output<Q>;
  body: z.output<B>;
  /** What Content-Digest promised. A JSON body was held to it already; who takes a stream has to. */
  promised: Digest | undefined;
  caller: Caller;
};

/** What else is known of whoever asks, for signing in. */
export type Caller = {
  /** Whether the request came over TLS, as whatever has to do with a browser must. */
  tls: boolean;
  address: string | undefined;
  cookie: string | undefined;
  /** The one that the handshake proved, then what came along; nobody vouched for any so far. */
  certificates(): X509Certificate[];
  /** Of an event stream that is taken up again (HTML standard, 9.2.4): the last `id` that was read. */
  lastEvent: number | undefined;
};

export type Route<
  A extends Access,
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends z.ZodType,
  R extends z.ZodType,
> = Omit<RouteContract, 'access' | 'params' | 'query' | 'body' | 'response'> & {
  access: A;
  params: P;
  query: Q;
  body: B;
  response: R;
  /** Gives the body of the answer. `reply` is for the rare header or status beside it. */
  handler(
    request: RouteRequest<A, P, Q, B>,
    reply: Pick<FastifyReply, 'status' | 'headers' | 'header'>,
  ): Promise<z.input<R>> | z.input<R>;
};

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
    contract?: RouteContract;
  }
  interface FastifyRequest {
    /** Set before anything of the body is read; undefined only where anyone may ask. */
    asker: Asker | undefined;
    door: DoorKind;
  }
}

/** Registers a route that checks all that comes in against its schemas, without coercion, and all that goes out. */
export function defineRoute<
  const A extends Access,
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends z.ZodType,
  R extends z.ZodType,
>(app: FastifyInstance, route: Route<A, P, Q, B, R>): void {
  const { handler, ...contract } = route;
  const { method, url, access, params, query, body, response } = contract;
  app.route({
    method,
    url,
    bodyLimit: limits.httpBodyBytes,
    config: { access, contract },
    handler: async (request, reply) => {
      const { asker } = request;
      if (!asker && access.to !== 'anyone') throw new Error(`${method} ${url} was reached without an asker`);
      const asked: RouteRequest<A, P, Q, B> = {
        asker: asker as Known<A>,
        params: check(params, request.params, 'path'),
        query: check(query, request.query, 'query'),
        body: check(body, request.body, 'body'),
        promised: promisedBody(request.headers),
        caller: callerOf(request),
      };
      reply.status(contract.statuses[0]);
      return send(reply, response, await handler(asked, reply), contract.media);
    },
  });
}

const callerOf = ({ raw: { socket }, headers, door }: FastifyRequest): Caller => ({
  tls: door === 'tls',
  address: socket.remoteAddress,
  cookie: headers.cookie,
  certificates: () => (socket instanceof TLSSocket ? chainOf(socket) : []),
  lastEvent: lastEventOf(headers['last-event-id']),
});

/** Node leads from each to the one above it, and from one that signed itself to itself. */
function chainOf(socket: TLSSocket): X509Certificate[] {
  const chain = new Map<string, X509Certificate>();
  let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (next?.raw && !chain.has(next.fingerprint256) && chain.size < limits.certificatePath) {
    chain.set(next.fingerprint256, new X509Certificate(next.raw));
    next = next.issuerCertificate;
  }
  return [...chain.values()];
}

/** Only what the schema names leaves: a field too many is an error of ours, seen here and not by the asker. */
function send(reply: FastifyReply, schema: z.ZodType, answer: unknown, media = 'application/json'): FastifyReply {
  if (isEventStream(schema)) return reply.type('text/event-stream').send(answer);
  if (isByteStream(schema)) {
    if (!reply.hasHeader('content-type')) reply.type('application/octet-stream');
    return reply.send(answer);
  }
  const body = schema.parse(answer);
  if (schema === plainText) return reply.type('text/plain; charset=utf-8').send(body);
  return reply.type(media).send(Buffer.from(JSON.stringify(body), 'utf8'));
}

/** What is no index of ours is no event of ours: the stream then begins now. */
const lastEventOf = (header: unknown): number | undefined =>
  typeof header === 'string' && /^(0|[1-9][0-9]{0,14})$/.test(header) ? Number(header) : undefined;

function check<S extends z.ZodType>(schema: S, value: unknown, where: 'path' | 'query' | 'body'): z.output<S> {
  if (isByteStream(schema)) return value as z.output<S>;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = [...(where === 'body' ? [] : [where]), ...(issue?.path ?? [])].join('.');
  const problem =
    issue?.code === 'unrecognized_keys'
      ? `has "${shown(issue.keys[0] ?? '')}", which is not known here`
      : `is not valid: ${issue?.message ?? 'it does not fit'}`;
  throw new DomainError('request-invalid', sentence(`${field || 'The body'} ${problem}.`), {
    ...(field === '' ? {} : { field: sentence(field).slice(0, 200) }),
  });
}
