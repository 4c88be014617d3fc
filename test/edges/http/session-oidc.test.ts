import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../../src/domain/limits.ts';
import { callback, client, honestProvider, lyingProvider, type TokenLies } from '../../helpers/oidc-providers.ts';
import { type Answered, atTheHost, Browser, openSignInRoom, type SignInRoom } from '../../helpers/sign-in-room.ts';
import { temporaryFolder } from '../../helpers/test-keys.ts';

const place = temporaryFolder();
const secretFile = join(place.folder, 'oidc.secret');
writeFileSync(secretFile, client.secret, { mode: 0o600 });
afterAll(() => place.remove());

const openRoom = (issuer: string, over: object = {}) => {
  const time = { offsetMs: 0 };
  const oidc = { name: 'Company sign-in', issuer, clientId: client.id, clientSecret: { file: secretFile }, ...over };
  return openSignInRoom({ signIn: { oidc }, clock: () => Date.now() + time.offsetMs }).then((room) => ({ room, time }));
};
const locationOf = ({ headers }: Answered) => String(headers.location);
const queryOf = (location: string) => new URL(location).search.slice(1);

/** What comes of a browser that is sent back with this query: where our page then is. */
async function comeBack(browser: Browser, query: string): Promise<string> {
  // The company's page sends the browser here: from another site.
  browser.lies = { 'sec-fetch-site': 'cross-site', 'keyway-session': undefined };
  const answer = await browser.get(`/session/oidc/callback?${query}`);
  browser.lies = {};
  expect(answer.status).toBe(302);
  return locationOf(answer);
}

describe('the sign-in of a company', () => {
  let provider: Awaited<ReturnType<typeof honestProvider>>;
  let room: SignInRoom;
  beforeAll(async () => {
    provider = await honestProvider();
    ({ room } = await openRoom(provider.issuer, { secondFactor: { amr: ['mfa'] } }));
    await room.enrol('ME-2', ['manufacturing-engineer']);
  });
  afterAll(async () => {
    await room.close();
    await provider.close();
  });

  /** Follows the provider's own redirects with its own cookies, until it sends the browser to us. */
  async function throughProvider(start: string): Promise<string> {
    const jar = new Map<string, string>();
    let url = start;
    while (!url.startsWith(callback)) {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await fetch(url, { redirect: 'manual', headers: { cookie } });
      for (const line of answer.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        jar.set(name, value);
      }
      const location = answer.headers.get('location');
      if (location === null) throw new Error(`${answer.status}: ${await answer.text()}`);
      url = new URL(location, url).href;
    }
    return url;
  }
  const signIn = async () => {
    const browser = new Browser(room.app);
    const query = queryOf(await throughProvider(locationOf(await browser.get('/session/oidc'))));
    return { browser, location: await comeBack(browser, query) };
  };

  it('signs in whom its claim names, with a second factor where it says so, and is bound to them', async () => {
    expect((await new Browser(room.app).get('/session/ways')).body.oidc).toBe('Company sign-in');
    const { browser, location } = await signIn();
    expect(location).toBe('/app/');
    expect(await browser.get('/session')).toMatchObject({
      body: { person: { id: 'ME-2' }, mfa: true, session: { by: 'oidc' } },
    });
    expect(room.events('account.credential-set')).toEqual([{ person: 'ME-2', credential: 'oidc' }]);
    provider.who.amr = ['pwd'];
    expect((await (await signIn()).browser.get('/session')).body.mfa).toBe(false);
    expect(room.events('account.credential-set')).toHaveLength(1);
  });
});

describe('whoever comes back from the sign-in of a company', () => {
  let provider: Awaited<ReturnType<typeof lyingProvider>>;
  let room: SignInRoom;
  let time: { offsetMs: number };
  let browser: Browser;
  beforeEach(async () => {
    provider = await lyingProvider();
    ({ room, time } = await openRoom(provider.issuer));
    await room.enrol('ME-2', ['manufacturing-engineer']);
    browser = new Browser(room.app);
  });
  afterEach(async () => {
    await room.close();
    await provider.close();
  });
  const start = async (who = browser) => locationOf(await who.get('/session/oidc'));
  const refused = '/app/sign-in?problem=unauthenticated';

  it('with what was asked for is signed in, once', async () => {
    const query = provider.back(await start());
    const kept = new Map(browser.cookies);
    expect(await comeBack(browser, query)).toBe('/app/');
    for (const [name, value] of kept) browser.cookies.set(name, value);
    expect(await comeBack(browser, query)).toBe(refused);
  });

  it('in another browser than the one that went is not: nobody is signed in as somebody else', async () => {
    const query = provider.back(await start());
    const victim = new Browser(room.app);
    expect(await comeBack(victim, query)).toBe(refused);
    await start(victim);
    expect(await comeBack(victim, query)).toBe(refused);
    expect(victim.cookies.has('__Host-keyway')).toBe(false);
  });

  it('with the code of another sign-in is not', async () => {
    const other = new Browser(room.app);
    const code = new URLSearchParams(provider.back(await start(other))).get('code') ?? '';
    expect(await comeBack(browser, provider.back(await start(), { code }))).toBe(refused);
  });

  it('with another state than was asked for is not, whatever else fits', async () => {
    expect(await comeBack(browser, provider.back(await start(), { state: 'AAAA' }))).toBe(refused);
    const stateless = new URLSearchParams(provider.back(await start()));
    stateless.delete('state');
    expect(await comeBack(browser, stateless.toString())).toBe(refused);
    expect(browser.cookies.has('__Host-keyway')).toBe(false);
  });

  it('after too long, with an error, or from another provider is not', async () => {
    const query = provider.back(await start());
    time.offsetMs = limits.signInAttemptMs;
    expect(await comeBack(browser, query)).toBe(refused);
    time.offsetMs = 0;
    expect(await comeBack(browser, provider.back(await start(), { iss: 'https://evil.example' }))).toBe(refused);
    const { searchParams } = new URL(await start());
    const denied = new URLSearchParams({
      error: 'access_denied',
      state: searchParams.get('state') ?? '',
      iss: provider.issuer,
    });
    expect(await comeBack(browser, denied.toString())).toBe(refused);
    expect(await comeBack(browser, '')).toBe(refused);
  });

  it.each<[string, TokenLies]>([
    ['from another issuer', { iss: 'https://evil.example' }],
    ['for another client', { aud: 'another' }],
    ['for another nonce', { nonce: 'AAAA' }],
    ['without a nonce', { nonce: undefined }],
    ['that is over', { exp: 1_000_000_000 }],
    ['without a subject', { sub: undefined }],
    ['signed by another key', { key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey }],
    ['that says it is not signed', { alg: 'none' }],
    ['that is not signed, and says so', { alg: 'none', signed: 'not at all' }],
    ['that is not signed, and does not say so', { signed: 'not at all' }],
    ['that whoever has our secret can make', { alg: 'HS256', signed: 'by the secret' }],
    ['for others beside us', { aud: [client.id, 'another'], azp: 'another' }],
    ['that begins tomorrow', { nbf: Math.floor(Date.now() / 1000) + 86_400 }],
    ['of somebody who is not enrolled', { preferred_username: 'ME-3' }],
    ['that names nobody', { preferred_username: undefined }],
    ['that names an object', { preferred_username: { id: 'ME-2' } }],
  ])('with a token %s is not', async (_what, token) => {
    provider.lies.token = token;
    expect(await comeBack(browser, provider.back(await start()))).toBe(refused);
    expect(browser.cookies.has('__Host-keyway')).toBe(false);
  });

  it('under the name of somebody whose subject is another is not, until they are invited again', async () => {
    await comeBack(browser, provider.back(await start()));
    provider.lies.token = { sub: 'sub-2' };
    const second = new Browser(room.app);
    expect(await comeBack(second, provider.back(await start(second)))).toBe(refused);
    await room.enrol('ME-3', ['manufacturing-engineer']);
    provider.lies.token = { sub: 'sub-1', preferred_username: 'ME-3' };
    expect(await comeBack(second, provider.back(await start(second)))).toBe(refused);
    await room.identity.accounts.invite(atTheHost, 'ME-2' as never);
    provider.lies.token = { sub: 'sub-2' };
    expect(await comeBack(second, provider.back(await start(second)))).toBe('/app/');
  });

  it('as somebody who is suspended is not, and ties no account of the company to them meanwhile', async () => {
    const bound = () => room.events('account.credential-set').length;
    const before = bound();
    await room.identity.accounts.suspend(atTheHost, 'ME-2' as never, 'Away.');
    expect(await comeBack(browser, provider.back(await start()))).toBe(refused);
    expect(bound()).toBe(before);
  });
});

it('a provider that is away is said to be, and asked again', async () => {
  const provider = await lyingProvider();
  const { room } = await openRoom(provider.issuer);
  await provider.close();
  const answer = await new Browser(room.app).get('/session/oidc');
  expect(answer).toMatchObject({ status: 503, body: { code: 'busy', detail: expect.stringContaining('passkey') } });
  await room.close();
});
