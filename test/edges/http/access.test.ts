import { userInfo } from 'node:os';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ChangeId } from '../../../src/domain/ids.ts';
import { limits } from '../../../src/domain/limits.ts';
import { makeShell, openToAnyone } from '../../../src/edges/http/app.ts';
import { scimMedia } from '../../../src/edges/http/contract/scim.ts';
import { contentDigest } from '../../../src/edges/http/message-signature.ts';
import { defineRoute, noBody, nothing, type RouteContract } from '../../../src/edges/http/route.ts';
import { digestOf } from '../../../src/platform/hash.ts';
import type { Asker } from '../../../src/services/principals.ts';
import { signStatement } from '../../../src/signing/dsse.ts';
import { makePerson } from '../../helpers/test-keys.ts';
import {
  codeOf,
  engineer,
  fakeParts,
  type HttpDoor,
  json,
  openHttpDoor,
  programmer,
  type Sent,
  signed,
} from './http-door.ts';

let door: HttpDoor;
let askers: Asker[] = [];
let submitted: unknown[] = [];
let now = Date.now();

beforeAll(async () => {
  door = await openHttpDoor((folder) => ({
    clock: () => now,
    lists: {
      ...fakeParts(folder).lists,
      packages: async (asker) => {
        askers.push(asker);
        return { packages: [] };
      },
    },
    changes: {
      ...fakeParts(folder).changes,
      submit: async (_asker, envelope) => {
        submitted.push(envelope);
        return { state: 'made', changeId: 'CHG-0000000001' as ChangeId, index: 7 };
      },
    },
  }));
});
afterAll(() => door.close());

/** Signed by the clock of the gateway, which stands still here. */
const sign = (who: typeof engineer, sent: Sent, about: { created?: number; nonce?: string } = {}) =>
  signed(who, sent, { created: Math.floor(now / 1000), ...about });
const asked = async (sent: Sent) => {
  askers = [];
  const answer = await door.overTls(sent);
  return { answer, asker: askers[0] };
};
const list = { path: '/packages', query: 'rows=5' };

describe('over TLS', () => {
  it('strangers reach health, readiness and the ways to sign in, and no more than that', async () => {
    expect([...openToAnyone].sort()).toEqual([
      ...[
        'GET /',
        'GET /app',
        'GET /app/*',
        'GET /health',
        'GET /ready',
        'GET /session/oidc',
        'GET /session/oidc/callback',
      ],
      ...['GET /session/passkey', 'GET /session/ways', 'POST /session', 'POST /session/passkey'],
    ]);
    expect(await door.overTls({ path: '/health' })).toMatchObject({ status: 200, text: '{"status":"ok"}' });
    expect(await door.overTls({ path: '/ready' })).toMatchObject({ status: 200 });
  });

  it('every other route, and an address that is none, wants a signature and says what kind', async () => {
    const { paths } = (await door.local.openApi()) as { paths: Record<string, Record<string, unknown>> };
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path: path.replace(/\{[^}]*\}/g, 'x') })),
    );
    expect(routes.length).toBeGreaterThan(20);
    const closed = [...routes, { method: 'GET', path: '/nowhere' }, { method: 'DELETE', path: '/packages' }].filter(
      ({ method, path }) => !openToAnyone.has(`${method} ${path}`),
    );
    for (const route of closed) {
      const answer = await door.overTls(route);
      // Directories are told in the words of SCIM.
      const isScim = route.path.startsWith('/scim/');
      const [code, media] = isScim ? [undefined, scimMedia] : ['unauthenticated', 'application/problem+json'];
      expect([route, answer.status, codeOf(answer)]).toEqual([route, 401, code]);
      expect(answer.headers['content-type']).toBe(media);
      expect(answer.headers['accept-signature']).toContain('"content-digest"');
      expect(answer.headers['www-authenticate']).toBeDefined();
    }
  });

  it('a request that is signed with an enrolled key is that person, over an encrypted channel', async () => {
    const { answer, asker } = await asked(sign(engineer, list));
    expect(answer.status).toBe(200);
    expect(asker).toEqual({
      principal: { kind: 'person', id: 'ME-2' },
      context: { channel: 'https', encrypted: true, mfa: false },
    });
  });

  it('a signed request for an address that is none is answered with a problem too', async () => {
    const answer = await door.overTls(sign(engineer, { path: '/nowhere' }));
    expect([answer.status, codeOf(answer)]).toEqual([404, 'not-found']);
  });

  it('a signature by a key that is not enrolled is refused with the words of a wrong one', async () => {
    const stranger = await asked(sign(makePerson('ME-2', ['manufacturing-engineer']), list));
    const forged = await asked(sign({ ...engineer, key: programmer.key }, list));
    expect(stranger.answer.status).toBe(401);
    expect(stranger.answer.text).toBe(forged.answer.text);
    expect([stranger.asker, forged.asker]).toEqual([undefined, undefined]);
  });

  it('a signed request counts once', async () => {
    const once = sign(engineer, list);
    expect((await asked(once)).answer.status).toBe(200);
    expect((await asked(once)).answer).toMatchObject({ status: 401, text: expect.stringContaining('received before') });
  });

  it('what was signed for TLS is not taken again on the local socket', async () => {
    const once = sign(engineer, list);
    expect((await asked(once)).answer.status).toBe(200);
    expect((await door.overSocket(once)).status).toBe(401);
  });

  it.each([
    ['an old', -limits.requestSignatureAgeSeconds - 5],
    ['a future', limits.requestSignatureAgeSeconds + 5],
  ])('%s signature is refused, and told about clocks', async (_what, seconds) => {
    const created = Math.floor(now / 1000) + seconds;
    const { answer } = await asked(sign(engineer, list, { created }));
    expect(answer).toMatchObject({ status: 401, text: expect.stringContaining('clock') });
  });

  it('a signature from before the gateway started is refused, because its nonce may have been used', async () => {
    const { answer } = await asked(sign(engineer, list, { created: Math.floor(now / 1000) - 60 }));
    expect(answer).toMatchObject({ status: 401, text: expect.stringContaining('before the gateway started') });
  });

  it('a nonce may come again when its signature could no longer count', async () => {
    const nonce = 'again-and-again-and-again';
    expect((await asked(sign(engineer, list, { nonce }))).answer.status).toBe(200);
    const before = now;
    now += (limits.requestSignatureAgeSeconds + 2) * 1000;
    const later = { nonce, created: Math.floor(now / 1000) };
    expect((await asked(sign(engineer, list, later))).answer.status).toBe(200);
    expect((await asked(sign(engineer, list, later))).answer.status).toBe(401);
    now = before;
  });

  it('a query, path, method or body that was changed after signing is refused', async () => {
    const change = { envelope: signStatement({ any: 'statement' }, programmer.key) };
    const post = sign(programmer, { method: 'POST', path: '/changes', ...json(change) });
    submitted = [];
    const other = JSON.stringify({ envelope: { ...change.envelope, payload: '' } });
    for (const changed of [
      { ...sign(engineer, list), query: 'rows=6' },
      { ...sign(engineer, list), path: '/deposits' },
      { ...post, path: '/runs' },
      { ...post, method: 'PUT' },
      {
        ...post,
        headers: { ...post.headers, 'content-digest': 'sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:' },
      },
    ]) {
      expect((await door.overTls(changed)).status).toBe(401);
    }
    const swapped = await door.overTls({ ...post, body: other });
    expect([swapped.status, codeOf(swapped)]).toEqual([422, 'digest-mismatch']);
    expect(submitted).toEqual([]);
  });

  it('a body that the signature does not cover is refused', async () => {
    const change = { envelope: signStatement({ any: 'statement' }, programmer.key) };
    const { headers } = sign(programmer, { method: 'POST', path: '/changes' });
    const sent = { method: 'POST', path: '/changes', ...json(change) };
    const digest = { 'content-digest': contentDigest(digestOf(sent.body ?? '')) };
    for (const beside of [{}, digest]) {
      const answer = await door.overTls({ ...sent, headers: { ...sent.headers, ...headers, ...beside } });
      expect([answer.status, codeOf(answer)]).toEqual([401, 'unauthenticated']);
    }
    expect((await door.overTls(sign(programmer, sent))).status).toBe(201);
  });

  it('half a signature is none', async () => {
    const { headers = {} } = sign(engineer, list);
    const { signature: _, ...rest } = headers;
    expect((await door.overTls({ ...list, headers: rest })).status).toBe(401);
  });
});

describe('on the local socket', () => {
  it('an unsigned request is the account of the gateway', async () => {
    askers = [];
    expect(await door.local.packages()).toEqual([]);
    expect(askers).toEqual([
      {
        principal: { kind: 'local', account: userInfo().username },
        context: { channel: 'local-socket', encrypted: true },
      },
    ]);
  });

  it('a signed request is the person who signed it, and a bad signature is not taken for none', async () => {
    askers = [];
    expect((await door.overSocket(sign(engineer, list))).status).toBe(200);
    expect(askers[0]).toMatchObject({
      principal: { kind: 'person', id: 'ME-2' },
      context: { channel: 'local-socket' },
    });
    expect((await door.overSocket({ ...sign(engineer, list), query: 'rows=6' })).status).toBe(401);
  });
});

it('one key cannot use up the memory for nonces of another', async () => {
  const { Nonces } = await import('../../../src/edges/http/nonces.ts');
  const nonces = new Nonces();
  const [a, b] = ['sha256:a', 'sha256:b'];
  for (let n = 0; n < limits.requestNoncesPerKey; n++) nonces.use(a, `nonce-${n}`, 1000, 1300);
  expect(() => nonces.use(a, 'one-more', 1300, 1600)).toThrow(expect.objectContaining({ code: 'busy' }));
  expect(() => nonces.use(b, 'one-more', 1300, 1600)).not.toThrow();
  expect(() => nonces.use(a, 'one-more', 1301, 1601)).not.toThrow();
});

describe('a start fails', () => {
  const shell = (routes: RouteContract[] = []) =>
    makeShell({ log: pino({ level: 'silent' }) }, { kind: 'socket' }, routes);
  const route = {
    method: 'GET',
    url: '/x',
    id: 'x',
    summary: 'X.',
    params: nothing,
    query: nothing,
    body: noBody,
  } as const;

  it('where a route does not say who may call it', () => {
    expect(() => shell().get('/x', () => 'open to all')).toThrow('GET /x does not say who may call it');
  });

  it('where a route other than health and readiness is open to anyone', () => {
    const open = {
      ...route,
      access: { to: 'anyone' },
      statuses: [200],
      response: z.string(),
      handler: () => 'x',
    } as const;
    expect(() => defineRoute(shell(), open)).toThrow('may not be open to anyone');
    const routes: RouteContract[] = [];
    defineRoute(shell(routes), { ...open, access: { to: 'view' } });
    expect(routes).toMatchObject([{ id: 'x', access: { to: 'view' } }]);
  });
});
