import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../../src/domain/limits.ts';
import {
  atTheHost,
  Browser,
  goodPassword,
  openSignInRoom,
  publicOrigin,
  type SignInRoom,
} from '../../helpers/sign-in-room.ts';
import { SoftwareAuthenticator } from '../../helpers/software-authenticator.ts';

let room: SignInRoom;
beforeEach(async () => {
  room = await openSignInRoom();
});
afterEach(() => room.close());

const minute = 60_000;
const cookieName = '__Host-keyway';
const tokenOf = (browser: Browser) => browser.cookies.get(cookieName);
const refusal = ({ status, body }: { status: number; body: Record<string, unknown> }) => [status, body.code];

describe('the first administrator', () => {
  it('sets a password through a link that is good once and for a day, and is told who they are', async () => {
    const invitation = await room.identity.accounts.firstInvitation();
    expect(invitation?.person).toBe('ADMIN-1');
    expect(await room.identity.accounts.firstInvitation()).toBeUndefined();
    const setup = { by: 'setup', token: invitation?.token, password: goodPassword };
    const browser = new Browser(room.app);
    expect(await browser.post('/session', setup)).toMatchObject({
      status: 201,
      body: {
        person: { id: 'ADMIN-1', roles: ['administrator'] },
        session: { by: 'setup' },
        ...{ mfa: false, zone: 'America/New_York', banner: 'CUI', publicOrigin, hasPassword: true, hasPasskey: false },
        actions: expect.arrayContaining(['administer', 'read-ledger']),
      },
    });
    expect(refusal(await new Browser(room.app).post('/session', setup))).toEqual([401, 'unauthenticated']);
    expect(refusal(await new Browser(room.app).signIn('ADMIN-1'))).toEqual([201, undefined]);
    // Nobody is invited by themselves any more.
    room.time.now += limits.setupLinkMs * 2;
    expect(await room.identity.accounts.firstInvitation()).toBeUndefined();
  });

  it('finds a link that waited for more than a day void, and gets another at the next start', async () => {
    const before = await room.identity.accounts.firstInvitation();
    room.time.now += limits.setupLinkMs;
    const late = await new Browser(room.app).post('/session', {
      by: 'setup',
      token: before?.token,
      password: goodPassword,
    });
    expect(refusal(late)).toEqual([401, 'unauthenticated']);
    expect((await room.identity.accounts.firstInvitation())?.token).not.toBe(before?.token);
  });
});

describe('a session', () => {
  beforeEach(() => room.enrol('QA-1', ['quality']));

  it('is a cookie for this host alone, of which the gateway keeps no copy', async () => {
    await room.withPassword('QA-1');
    const browser = new Browser(room.app);
    const answer = await browser.signIn('QA-1');
    const cookie = String(answer.headers['set-cookie']);
    expect(cookie).toMatch(/^__Host-keyway=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
    expect(await browser.get('/session')).toMatchObject({ status: 200, body: { person: { id: 'QA-1' } } });
    const { readFileSync } = await import('node:fs');
    const kept = ['accounts.db', 'accounts.db-wal', 'ledger.db', 'ledger.db-wal']
      .map((name) => readFileSync(`${room.place.folder}/${name}`, 'latin1'))
      .join('');
    expect(kept).toContain('session');
    expect(kept).not.toContain(tokenOf(browser));
    expect(kept).not.toContain(goodPassword);
    expect(room.events('session.opened').at(-1)).toMatchObject({ person: 'QA-1', by: 'password', mfa: false });
  });

  it('ends when it is not used for a while, however often a page looks for news by itself', async () => {
    const browser = await room.withPassword('QA-1');
    for (let at = 0; at < 3; at++) {
      room.time.now += 10 * minute;
      expect((await browser.get('/session')).status).toBe(200);
    }
    room.time.now += 10 * minute;
    expect((await browser.get('/session', { 'keyway-background': '1' })).status).toBe(200);
    room.time.now += 5 * minute;
    expect(refusal(await browser.get('/session'))).toEqual([401, 'unauthenticated']);
  });

  it('ends after its longest time, however busy it is', async () => {
    const browser = await room.withPassword('QA-1');
    for (let at = 0; at < 12 * 6 - 1; at++) {
      room.time.now += 10 * minute;
      expect((await browser.get('/session')).status).toBe(200);
    }
    room.time.now += 10 * minute;
    expect((await browser.get('/session')).status).toBe(401);
  });

  it('gets another token at each sign-in, so that one that somebody planted is worth nothing', async () => {
    const first = await room.withPassword('QA-1');
    const planted = tokenOf(first) ?? '';
    const victim = new Browser(room.app);
    victim.cookies.set(cookieName, planted);
    await victim.signIn('QA-1');
    expect(tokenOf(victim)).not.toBe(planted);
    // What the browser had before has ended too.
    expect((await first.get('/session')).status).toBe(401);
    const made = new Browser(room.app);
    made.cookies.set(cookieName, 'A'.repeat(43));
    expect((await made.get('/session')).status).toBe(401);
  });

  it('ends by signing out', async () => {
    const browser = await room.withPassword('QA-1');
    const token = tokenOf(browser) ?? '';
    expect((await browser.ask('DELETE', '/session')).status).toBe(200);
    expect(tokenOf(browser)).toBeUndefined();
    browser.cookies.set(cookieName, token);
    expect((await browser.get('/session')).status).toBe(401);
  });

  it.each<[string, (room: SignInRoom) => Promise<unknown>]>([
    ['leaves', ({ make }) => make({ kind: 'person.off-board', person: 'QA-1' as never })],
    [
      'has a key revoked',
      ({ make, standing }) => {
        const keyId = standing.person('QA-1')?.person.keys[0]?.keyId ?? '';
        return make({ kind: 'person.key-revoke', person: 'QA-1' as never, keyId });
      },
    ],
    ['is suspended', ({ identity }) => identity.accounts.suspend(atTheHost, 'QA-1' as never, 'Lost a laptop.')],
    ['is signed out', ({ identity }) => identity.accounts.signOut(atTheHost, 'QA-1' as never, 'Left a screen open.')],
    ['is invited again', ({ identity }) => identity.accounts.invite(atTheHost, 'QA-1' as never)],
  ])('ends at once when the person %s', async (_what, act) => {
    const browser = await room.withPassword('QA-1');
    const { session } = (await browser.get('/session')).body as { session: { id: never } };
    expect(room.identity.sessions.isOpen(session.id)).toBe(true);
    await act(room);
    expect(room.identity.sessions.isOpen(session.id)).toBe(false);
    expect(refusal(await browser.get('/session'))).toEqual([401, 'unauthenticated']);
  });

  it('asks as its person for what the ledger says of them, and for nothing more', async () => {
    const browser = await room.withPassword('QA-1');
    expect(refusal(await browser.get('/accounts'))).toEqual([403, 'policy-denied']);
    await room.enrol('ADM-3', ['administrator']);
    const administrator = await room.withPassword('ADM-3');
    expect((await administrator.get('/accounts')).status).toBe(200);
  });
});

describe('a request with a cookie', () => {
  it.each<[string, Record<string, string | undefined>]>([
    ['from another site', { 'sec-fetch-site': 'cross-site' }],
    ['from another host of the same site', { 'sec-fetch-site': 'same-site' }],
    ['from no page', { 'sec-fetch-site': 'none' }],
    ['that does not say from where', { 'sec-fetch-site': undefined }],
    ['from another origin in an older browser', { 'sec-fetch-site': undefined, origin: 'https://evil.example' }],
    ['from an origin that hides itself', { 'sec-fetch-site': undefined, origin: 'null' }],
    ['of another port', { 'sec-fetch-site': undefined, origin: 'https://keyway.shop.example' }],
    ['without our header, as a form sends it', { 'keyway-session': undefined }],
  ])('%s changes nothing', async (_what, lies) => {
    await room.enrol('QA-1', ['quality']);
    const browser = await room.withPassword('QA-1');
    browser.lies = lies;
    expect(refusal(await browser.ask('DELETE', '/session'))).toEqual([403, 'forbidden-origin']);
    expect(refusal(await browser.signIn('QA-1'))).toEqual([403, 'forbidden-origin']);
    browser.lies = {};
    expect((await browser.get('/session')).status).toBe(200);
  });

  it('from our own origin is taken from an older browser too', async () => {
    await room.enrol('QA-1', ['quality']);
    const browser = await room.withPassword('QA-1');
    browser.lies = { 'sec-fetch-site': undefined, origin: publicOrigin };
    expect((await browser.ask('DELETE', '/session')).status).toBe(200);
  });
});

describe('an act that wants the person there', () => {
  it('is let through for some minutes after a sign-in, and after showing again that it is them', async () => {
    await room.enrol('ADM-3', ['administrator']);
    await room.enrol('QA-1', ['quality']);
    const browser = await room.withPassword('ADM-3');
    const ended = (await browser.get('/session')).body.session as { ends: string };
    room.time.now += limits.freshSignInMs;
    const invite = () => browser.post('/accounts/QA-1/invite');
    expect(refusal(await invite())).toEqual([403, 'reauthentication-needed']);
    // To stop somebody must not wait for a password.
    expect((await browser.post('/accounts/QA-1/suspend', { reason: 'A lost laptop.' })).status).toBe(201);
    expect(refusal(await browser.post('/accounts/QA-1/restore', { reason: 'Found.' }))).toEqual([
      403,
      'reauthentication-needed',
    ]);
    expect(refusal(await browser.post('/session/again', { by: 'password', password: 'not the password' }))).toEqual([
      401,
      'unauthenticated',
    ]);
    const before = tokenOf(browser);
    const again = await browser.post('/session/again', { by: 'password', password: goodPassword });
    expect(again).toMatchObject({ status: 200, body: { session: { ends: ended.ends } } });
    expect(tokenOf(browser)).not.toBe(before);
    expect((await browser.post('/accounts/QA-1/restore', { reason: 'Found.' })).status).toBe(201);
    expect((await invite()).status).toBe(201);
  });

  it('by a passkey makes a session one that rests on a second factor, and only for its own person', async () => {
    const [own, other] = [new SoftwareAuthenticator('own'), new SoftwareAuthenticator('other')];
    await room.enrol('QA-1', ['quality'], own);
    await room.enrol('QA-2', ['quality'], other);
    const browser = await room.withPassword('QA-1');
    const again = async (passkey: SoftwareAuthenticator) =>
      browser.post('/session/again', { by: 'passkey', credential: await browser.assertion(passkey) });
    expect(refusal(await again(other))).toEqual([403, 'forbidden']);
    expect(await again(own)).toMatchObject({ status: 200, body: { mfa: true, person: { id: 'QA-1' } } });
    expect((await browser.get('/session')).body.mfa).toBe(true);
  });
});

describe('a passkey', () => {
  let passkey: SoftwareAuthenticator;
  beforeEach(async () => {
    passkey = new SoftwareAuthenticator();
    await room.enrol('ME-2', ['manufacturing-engineer'], passkey);
  });

  it('signs in without a name, with a second factor, and on record with its key', async () => {
    const browser = new Browser(room.app);
    expect(await browser.signInByPasskey(passkey)).toMatchObject({
      status: 201,
      body: { person: { id: 'ME-2' }, mfa: true, hasPasskey: true, session: { by: 'passkey' } },
    });
    const key = room.standing.person('ME-2')?.person.keys.find(({ assurance }) => assurance === 'passkey');
    expect(room.events('session.opened').at(-1)).toMatchObject({ by: 'passkey', mfa: true, keyId: key?.keyId });
  });

  it('answers in the browser that was asked, and once', async () => {
    const browser = new Browser(room.app);
    const credential = await browser.assertion(passkey);
    const elsewhere = new Browser(room.app);
    expect(refusal(await elsewhere.post('/session/passkey', { credential }))).toEqual([401, 'unauthenticated']);
    await elsewhere.get('/session/passkey');
    expect(refusal(await elsewhere.post('/session/passkey', { credential }))).toEqual([401, 'unauthenticated']);
    const kept = new Map(browser.cookies);
    expect((await browser.post('/session/passkey', { credential })).status).toBe(201);
    for (const [name, value] of kept) browser.cookies.set(name, value);
    const next = passkey.assert({
      challenge: challengeIn(credential),
      rpId: 'keyway.shop.example',
      origin: publicOrigin,
    });
    expect(refusal(await browser.post('/session/passkey', { credential: next }))).toEqual([401, 'unauthenticated']);
  });

  it('comes too late after some minutes', async () => {
    const browser = new Browser(room.app);
    const credential = await browser.assertion(passkey);
    room.time.now += limits.signInAttemptMs;
    expect(refusal(await browser.post('/session/passkey', { credential }))).toEqual([401, 'unauthenticated']);
  });

  it.each<[string, object]>([
    ['made at another origin', { origin: 'https://evil.example' }],
    ['made inside another page', { crossOrigin: true }],
    ['for another relying party', { rpId: 'evil.example' }],
    ['that verified nobody', { flags: 1 }],
    ['over another challenge', { challenge: 'AAAA' }],
    ['signed by another key', { key: new SoftwareAuthenticator('x').key }],
    ['of a new registration', { type: 'webauthn.create' }],
  ])('%s does not sign in', async (_what, lies) => {
    expect(refusal(await new Browser(room.app).signInByPasskey(passkey, lies))).toEqual([401, 'unauthenticated']);
  });

  it('whose counter stands still is taken for a copy', async () => {
    expect((await new Browser(room.app).signInByPasskey(passkey, { counter: 9 })).status).toBe(201);
    const answer = await new Browser(room.app).signInByPasskey(passkey, { counter: 9 });
    expect(answer).toMatchObject({ status: 401, body: { detail: expect.stringContaining('copy') } });
  });

  it('of nobody, or of somebody who left, does not sign in', async () => {
    expect((await new Browser(room.app).signInByPasskey(new SoftwareAuthenticator('stranger'))).status).toBe(401);
    await room.make({ kind: 'person.off-board', person: 'ME-2' as never });
    expect((await new Browser(room.app).signInByPasskey(passkey)).status).toBe(401);
  });
});

const challengeIn = (credential: { response: { clientDataJSON: string } }): string =>
  (JSON.parse(Buffer.from(credential.response.clientDataJSON, 'base64url').toString()) as { challenge: string })
    .challenge;
