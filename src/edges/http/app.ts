import { userInfo } from 'node:os';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import { DomainError } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';
import { principalName } from '../../domain/people.ts';
import { digestOf } from '../../platform/hash.ts';
import { LockedOut } from '../../services/accounts/lock-out.ts';
import { Authenticator, type DoorKind, hasBody, promisedBody } from './authentication.ts';
import { scimMedia } from './contract/scim.ts';
import { problemOf, refusalOf, unsupportedMedia } from './errors.ts';
import { answerOnce } from './idempotency.ts';
import { parseStrictJson } from './json.ts';
import { openApiDocument } from './openapi.ts';
import { isSafe, requireOwnOrigin } from './own-origin.ts';
import type { HttpParts } from './parts.ts';
import { isByteStream, noBody, type RouteContract } from './route.ts';
import { accountRoutes } from './routes/accounts.ts';
import { administrationRoutes } from './routes/administration.ts';
import { alarmRoutes } from './routes/alarms.ts';
import { apiKeyRoutes } from './routes/api-keys.ts';
import { changeRoutes } from './routes/changes.ts';
import { depositRoutes } from './routes/deposits.ts';
import { eventRoutes } from './routes/events.ts';
import { evidenceRoutes } from './routes/evidence.ts';
import { exceptionRoutes } from './routes/exceptions.ts';
import { floorRoutes } from './routes/floor.ts';
import { healthRoutes } from './routes/health.ts';
import { ledgerRoutes } from './routes/ledger.ts';
import { listRoutes } from './routes/lists.ts';
import { mediaRoutes } from './routes/media.ts';
import { monitorRoutes } from './routes/monitors.ts';
import { packageFileRoutes } from './routes/package-files.ts';
import { packagePageRoutes } from './routes/package-page.ts';
import { packageRoutes } from './routes/packages.ts';
import { passkeyRoutes } from './routes/passkeys.ts';
import { readbackRoutes } from './routes/readbacks.ts';
import { registryRoutes } from './routes/registry.ts';
import { releaseRoutes } from './routes/releases.ts';
import { residueRoutes } from './routes/residue.ts';
import { runRoutes } from './routes/runs.ts';
import { scimRoutes } from './routes/scim.ts';
import { searchRoutes } from './routes/search.ts';
import { sendingRoutes } from './routes/sendings.ts';
import { sessionRoutes } from './routes/session.ts';
import { signInRoutes } from './routes/sign-in.ts';
import { traceRoutes } from './routes/trace.ts';
import { vocabularyRoutes } from './routes/vocabulary.ts';
import { webhookRoutes } from './routes/webhooks.ts';
import { scimError } from './scim.ts';
import { makeServer, refuseBrokenRequest, type TlsFiles } from './servers.ts';
import { Uploads } from './uploads.ts';
import { readWebFiles, serveWeb, webRoutes } from './web.ts';

export type Door = { kind: 'tls'; tls: TlsFiles } | { kind: 'socket' };

/** What the two doors have in common: a signature counts once and an upload is one, whichever way it comes. */
export type SharedState = { authenticator: Authenticator; uploads: Uploads };

export const shareState = (parts: HttpParts): SharedState => ({
  authenticator: new Authenticator({ ...parts, account: ownAccount() }),
  uploads: new Uploads(parts),
});

/** Who asks, unsigned, through the local socket: nobody else may open it. A container's user may have no name. */
function ownAccount(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? 0}`;
  }
}

/** The app of one door, not listening yet. Throws `config-invalid`, or where a route says not who may call it. */
export function buildApp(parts: HttpParts, door: Door, shared = shareState(parts)): FastifyInstance {
  const routes: RouteContract[] = [];
  const app = makeShell(parts, door, routes);
  answerOnce(app, parts.answers);
  authenticateFirst(app, door.kind, shared.authenticator, parts.identity.publicOrigin);

  healthRoutes(app, parts, () => openApiDocument(routes));
  depositRoutes(app, parts, shared.uploads);
  packageRoutes(app, parts);
  packageFileRoutes(app, parts);
  listRoutes(app, parts);
  searchRoutes(app, parts);
  floorRoutes(app, parts);
  traceRoutes(app, parts);
  administrationRoutes(app, parts);
  vocabularyRoutes(app);
  webhookRoutes(app, parts);
  packagePageRoutes(app, parts);
  releaseRoutes(app, parts);
  registryRoutes(app, parts);
  runRoutes(app, parts);
  sendingRoutes(app, parts);
  mediaRoutes(app, parts);
  monitorRoutes(app, parts);
  evidenceRoutes(app, parts);
  eventRoutes(app, parts);
  changeRoutes(app, parts);
  passkeyRoutes(app, parts);
  ledgerRoutes(app, parts);
  alarmRoutes(app, parts);
  readbackRoutes(app, parts);
  residueRoutes(app, parts);
  exceptionRoutes(app, parts);
  sessionRoutes(app, parts.identity);
  signInRoutes(app, parts.identity);
  accountRoutes(app, parts.identity);
  apiKeyRoutes(app, parts.identity);
  scimRoutes(app, parts.identity);
  if (door.kind === 'tls') serveWeb(app, readWebFiles());
  return app;
}

/** All that comes in and goes out is checked by zod (see `defineRoute`): fastify's own two compilers need not be loaded. */
const neverBuilt = (): never => {
  throw new Error('a route has a schema that nothing here compiles');
};

/** Everything but routes. `routes` receives the contract of each that is registered. */
export function makeShell(parts: Pick<HttpParts, 'log'>, door: Door, routes: RouteContract[]): FastifyInstance {
  const tls = door.kind === 'tls' ? door.tls : undefined;
  const app = Fastify({
    loggerInstance: parts.log.child({ door: door.kind }),
    logController: new LogController({ disableRequestLogging: true }),
    serverFactory: (handler) => makeServer(handler, tls),
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    // A request under way when the gateway stops is answered in full and not by a text that no contract knows.
    return503OnClosing: false,
    routerOptions: { maxParamLength: limits.fileNameBytes },
    bodyLimit: limits.httpBodyBytes,
    schemaController: { compilersFactory: { buildValidator: neverBuilt, buildSerializer: neverBuilt } },
    frameworkErrors: (error, request, reply) => void refuse(error, request, secured(reply, door.kind)),
    clientErrorHandler: refuseBrokenRequest,
  }) as unknown as FastifyInstance;

  app.decorateRequest('asker', undefined);
  app.decorateRequest('door', door.kind);
  app.addHook('onRoute', ({ method, url, config }) => {
    const route = `${method} ${url}`;
    const contract = declared(route, config?.contract);
    // Pages are no part of what programs are told about.
    if (!webRoutes.includes(route)) routes.push(contract);
  });
  app.setErrorHandler(refuse);
  app.setNotFoundHandler(() => {
    throw new DomainError('not-found', 'There is nothing at this address.');
  });
  readBodies(app);
  app.addHook('onRequest', async (_request, reply) => void secured(reply, door.kind));
  app.addHook('onResponse', logAct);
  return app;
}

/**
 * All that strangers reach: what says that the process is well, the pages without any data, and the ways to sign in, which
 * are throttled.
 */
export const openToAnyone: ReadonlySet<string> = new Set([
  'GET /health',
  'GET /ready',
  'GET /session/ways',
  'POST /session',
  'GET /session/passkey',
  'POST /session/passkey',
  'GET /session/oidc',
  'GET /session/oidc/callback',
  ...webRoutes,
]);

/** Nothing is open to the world by having been forgotten. */
function declared(route: string, contract: RouteContract | undefined): RouteContract {
  if (!contract?.access) throw new Error(`${route} does not say who may call it`);
  if (contract.access.to === 'anyone' && !openToAnyone.has(route))
    throw new Error(`${route} may not be open to anyone`);
  return contract;
}

/** Before a byte of the body is read: who asks, and whether the route takes such a body at all. */
function authenticateFirst(
  app: FastifyInstance,
  door: DoorKind,
  authenticator: Authenticator,
  publicOrigin: () => string,
): void {
  app.addHook('onRequest', async (request) => {
    const { method, raw, headers, routeOptions } = request;
    const { contract } = routeOptions.config;
    const head = { method, url: raw.url ?? '', headers, address: raw.socket.remoteAddress };
    if (contract?.access.to === 'anyone') {
      if (!isSafe(method)) requireOwnOrigin(headers, publicOrigin());
    } else request.asker = authenticator.asker(door, head);
    if (request.asker && contract?.access.fresh) authenticator.requireFresh(request.asker, head);
    if (contract) requireBodyOf(contract, request);
  });
}

function requireBodyOf({ body, media: another }: RouteContract, { headers }: FastifyRequest): void {
  if (body === noBody) {
    if (hasBody(headers)) throw new DomainError('request-invalid', 'This address takes no body.');
    return;
  }
  const media = isByteStream(body) ? 'application/octet-stream' : 'application/json';
  const given = headers['content-type']?.toLowerCase();
  // Directories add a charset; that of JSON is always UTF-8 (RFC 8259 8.1).
  const isAnother = another !== undefined && given?.replace(/; ?charset=utf-8$/, '') === another;
  if (headers['content-encoding'] !== undefined || !(given === media || isAnother)) throw unsupportedMedia(media);
  const limit = isByteStream(body) ? limits.fileBytes : limits.httpBodyBytes;
  if (Number(headers['content-length'] ?? 0) > limit)
    throw new DomainError('too-large', `The body is larger than ${limit} bytes.`);
}

function readBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    ['application/json', scimMedia],
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) => {
      const promised = promisedBody(request.headers);
      if (promised !== undefined && digestOf(body) !== promised) {
        throw new DomainError('digest-mismatch', 'The body is not the one that Content-Digest promises.');
      }
      return parseStrictJson(body);
    },
  );
  // Handed on as it comes: the vault counts and hashes while it writes.
  app.addContentTypeParser('application/octet-stream', async (_request: FastifyRequest, stream: unknown) => stream);
}

function secured(reply: FastifyReply, door: DoorKind): FastifyReply {
  reply.headers({
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
  });
  // RFC 6797 7.2: not over what is no secure transport.
  if (door === 'tls') reply.header('strict-transport-security', 'max-age=31536000');
  return reply;
}

function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const refusal = refusalOf(error);
  const problem = problemOf(refusal);
  if (problem.status >= 500) request.log.error({ err: error, method: request.method, url: request.url }, refusal.code);
  // RFC 9421 5.1: what a signature must be. RFC 9110 11.6.1 asks for the challenge.
  if (problem.status === 401) {
    reply.header('www-authenticate', 'Signature');
    reply.header(
      'accept-signature',
      'keyway=("@method" "@path" "@query" "content-digest");created;nonce;keyid;alg="ecdsa-p256-sha256"',
    );
  }
  if (refusal instanceof LockedOut) reply.header('retry-after', String(refusal.seconds));
  // What is left of a refused upload is read and dropped: a connection that closes under a sender loses the answer.
  if (!request.raw.readableEnded) request.raw.resume();
  const media = request.routeOptions.config.contract?.media;
  return reply
    .status(problem.status)
    .type(media ?? 'application/problem+json')
    .send(Buffer.from(JSON.stringify(media ? scimError(refusal, problem.status) : problem), 'utf8'));
}

/** Every act leads to one person (NIST SP 800-171r2 3.3.2); what they may not see is not in its address. */
async function logAct(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { asker, method, url } = request;
  if (!asker) return;
  const ms = Math.round(reply.elapsedTime);
  request.log.info({ asker: principalName(asker.principal), method, url, status: reply.statusCode, ms }, 'request');
}
