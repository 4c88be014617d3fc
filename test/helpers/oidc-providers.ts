import { createHash, createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

export const client = { id: 'keyway', secret: 'a secret of the client, long enough' };
export const callback = 'https://keyway.shop.example:8443/session/oidc/callback';

/** Listens before it knows what it answers: its address is in what it says. */
async function listening(): Promise<{ server: Server; issuer: string; answerBy(listener: RequestListener): void }> {
  let listener: RequestListener = () => {};
  const server = createServer((request, response) => void listener(request, response));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...{ server, issuer: `http://127.0.0.1:${port}` },
    answerBy(next) {
      listener = next;
    },
  };
}
const stopped = (server: Server) => () => new Promise<void>((resolve) => void server.close(() => resolve()));

/** A provider as companies have one; whoever comes is `who`, without being asked. */
export async function honestProvider() {
  const { server, issuer, answerBy } = await listening();
  const who = { sub: 'sub-1', name: 'ME-2', amr: ['pwd', 'mfa'] };
  const provider = new Provider(issuer, {
    clients: [{ client_id: client.id, client_secret: client.secret, redirect_uris: [callback] }],
    claims: { openid: ['sub', 'amr'], profile: ['preferred_username'] },
    conformIdTokenClaims: false,
    ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 60, IdToken: 60, Interaction: 60, Session: 60 },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    cookies: { keys: ['of a test'] },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    findAccount: (_context, accountId) => ({
      accountId,
      claims: () => ({ sub: accountId, preferred_username: who.name }),
    }),
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({
        ...(oidc.client && { clientId: oidc.client.clientId }),
        ...(oidc.session?.accountId !== undefined && { accountId: oidc.session.accountId }),
      });
      grant.addOIDCScope('openid profile');
      await grant.save();
      return grant;
    },
  });
  const answer = provider.callback();
  answerBy((request, response) => {
    if (!request.url?.startsWith('/interaction/')) return void answer(request, response);
    const result = { login: { accountId: who.sub, amr: who.amr, remember: false } };
    void provider.interactionFinished(request, response, result);
  });
  return { issuer, who, close: stopped(server) };
}

/** What a provider, or whoever says that they are one, may have in a token. Undefined leaves a claim out. */
export type TokenLies = Record<string, unknown> & {
  key?: KeyObject;
  alg?: string;
  signed?: 'not at all' | 'by the secret';
};

/** A provider that says what a test has it say, of a key that it publishes. It sends browsers straight back. */
export async function lyingProvider() {
  const { server, issuer, answerBy } = await listening();
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const lies: { token: TokenLies } = { token: {} };
  const asked = new Map<string, URLSearchParams>();
  const json = (body: unknown) => ({ status: 200, body: JSON.stringify(body) });
  const routes: Record<string, (query: URLSearchParams) => { status: number; body: string }> = {
    '/.well-known/openid-configuration': () =>
      json({
        ...{
          issuer,
          authorization_endpoint: `${issuer}/auth`,
          token_endpoint: `${issuer}/token`,
          jwks_uri: `${issuer}/jwks`,
        },
        ...{ response_types_supported: ['code'], subject_types_supported: ['public'] },
        id_token_signing_alg_values_supported: ['ES256'],
        authorization_response_iss_parameter_supported: true,
      }),
    '/jwks': () => json({ keys: [{ ...publicKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: 'one' }] }),
    '/token': (body) => {
      const request = asked.get(body.get('code') ?? '');
      const verifier = createHash('sha256')
        .update(body.get('code_verifier') ?? '')
        .digest('base64url');
      if (request?.get('code_challenge') !== verifier) return { status: 400, body: '{"error":"invalid_grant"}' };
      const now = Math.floor(Date.now() / 1000);
      const { key = privateKey, alg = 'ES256', signed = 'by the key', ...said } = lies.token;
      const claims = {
        ...{ iss: issuer, aud: client.id, sub: 'sub-1', preferred_username: 'ME-2', iat: now, exp: now + 60 },
        ...{ nonce: request.get('nonce'), ...said },
      };
      return json({
        access_token: 'x',
        token_type: 'Bearer',
        id_token: jwt({ alg, kid: 'one' }, claims, signers(key)[signed]),
      });
    },
  };
  answerBy((request, response) => {
    void answerTo(request).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
  });
  const answerTo = async (request: IncomingMessage) => {
    const url = new URL(request.url ?? '/', issuer);
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const form = new URLSearchParams(Buffer.concat(parts).toString());
    return routes[url.pathname]?.(form) ?? { status: 404, body: '{}' };
  };
  return {
    ...{ issuer, lies, close: stopped(server) },
    /** The query that a browser comes back with, which was sent to `location`. */
    back(location: string, over: Record<string, string> = {}): string {
      const { searchParams } = new URL(location);
      const code = `code-${asked.size}`;
      asked.set(code, searchParams);
      return new URLSearchParams({ code, state: searchParams.get('state') ?? '', iss: issuer, ...over }).toString();
    },
  };
}

/** What stands behind a token's text as its signature. */
const signers = (key: KeyObject) => ({
  'by the key': (text: string) => sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }),
  'by the secret': (text: string) => createHmac('sha256', client.secret).update(text).digest(),
  'not at all': () => Buffer.alloc(0),
});

const jwt = (header: object, claims: object, signature: (text: string) => Buffer): string => {
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${text}.${signature(text).toString('base64url')}`;
};
