import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { limits } from '../../../src/domain/limits.ts';
import { requireGoodPassword, requireGoodPin } from '../../../src/services/accounts/passwords.ts';
import { atTheHost, Browser, goodPassword, openSignInRoom, type SignInRoom } from '../../helpers/sign-in-room.ts';

const own = ['ME-2', 'Manufacturing engineer', 'aerofab.example/ledger'];

test.each([
  'copper anvil seventeen herons',
  'Vier Krähen trinken Tee',
  'zQ8#kd02mPw!xv4',
  '這是一個很長的密碼沒有人會猜到它',
])('"%s" is a password', (password) => expect(() => requireGoodPassword(password, own)).not.toThrow());

test.each([
  ['short', 'zQ8#kd02mPw!xv'],
  ['short, though of many bytes', '密碼密碼密碼密碼密碼密碼密碼'],
  ['made of one word', 'passwordpassword'],
  ['a word and a year', 'Password2026Password2027!'],
  ['rows of keys', 'qwertyuiopasdfghjkl'],
  ['rows of digits', '123456789012345678'],
  ['one letter', 'aaaaaaaaaaaaaaaaaaaa'],
  ['a season', 'Summer-Winter-2026-!'],
  ['their own name', 'Manufacturing.Engineer.2'],
  ['our name', 'keyway-aerofab-ledger-1'],
  ['without end', 'abc xyz '.repeat(40)],
])('a password that is %s is refused, with what to do', (_what, password) => {
  expect(() => requireGoodPassword(password, own)).toThrow(
    expect.objectContaining({ code: 'request-invalid', field: 'password' }),
  );
});

test.each(['111111', '123456', '987654', '890123', '0000000'])('%s is no PIN', (pin) =>
  expect(() => requireGoodPin(pin)).toThrow(expect.objectContaining({ field: 'pin' })),
);
test('a PIN is six digits that are no row', () => expect(() => requireGoodPin('480319')).not.toThrow());

describe('a password', () => {
  let room: SignInRoom;
  beforeAll(async () => {
    room = await openSignInRoom();
    await room.enrol('QA-1', ['quality']);
    await room.enrol('QA-2', ['quality']);
    await room.withPassword('QA-1');
  });
  afterAll(() => room.close());
  let place = 0;
  /** Each guess from elsewhere: only the account counts. */
  const guess = async (person: string, password: string) => {
    const browser = new Browser(room.app);
    browser.address = `10.9.0.${place++ % 250}`;
    return browser.signIn(person, password);
  };

  it('that is wrong, of nobody, and of an account without one get one answer', async () => {
    const wrong = await guess('QA-1', 'not the right password');
    const nobody = await guess('NOBODY', 'not the right password');
    const without = await guess('QA-2', 'not the right password');
    const empty = await guess('__proto__', goodPassword);
    expect(wrong).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    for (const other of [nobody, without, empty]) expect(other.body).toEqual(wrong.body);
    expect((await guess('QA-1', goodPassword)).status).toBe(201);
  });

  it('that is guessed locks the account with the same words for a name that nobody has, and once on record', async () => {
    const answers: Record<string, unknown[]> = { 'QA-1': [], GHOST: [] };
    for (let at = 0; at < 6; at++)
      for (const name of ['QA-1', 'GHOST']) {
        const { status, body, headers } = await guess(name, `guess number ${at} of many`);
        answers[name]?.push([status, body, headers['retry-after']]);
      }
    expect(answers['QA-1']).toEqual(answers.GHOST);
    expect(answers['QA-1']?.at(-1)).toMatchObject([429, { code: 'locked-out' }, '30']);
    // The right one has to wait as well.
    expect((await guess('QA-1', goodPassword)).status).toBe(429);
    expect(room.events('account.locked')).toMatchObject([{ person: 'QA-1', failures: 5 }]);
    expect(JSON.stringify(room.events('account.locked'))).not.toContain('GHOST');
    room.time.now += 30_000;
    expect((await guess('QA-1', goodPassword)).status).toBe(201);
  });

  it('is tried from one address only so often, and that is on record by the minute', async () => {
    const browser = new Browser(room.app);
    browser.address = '192.0.2.7';
    let last = await browser.signIn('P-0', 'a guess');
    for (let at = 1; at <= limits.signInFailuresPerAddress; at++) last = await browser.signIn(`P-${at}`, 'a guess');
    expect(last).toMatchObject({ status: 429, headers: { 'retry-after': '30' } });
    expect(room.events('account.address-locked')).toEqual([{ addresses: ['192.0.2.7'], repeats: 0 }]);
  });

  it('is changed by whoever is signed in, which ends their other sessions', async () => {
    const [here, there] = [await room.withPassword('QA-2'), new Browser(room.app)];
    expect((await there.signIn('QA-2')).status).toBe(201);
    const weak = await here.ask('PUT', '/session/password', { password: 'quality-quality-2' });
    expect(weak).toMatchObject({ status: 400, body: { field: 'password' } });
    expect((await here.ask('PUT', '/session/password', { password: 'slow brass kettles whistle' })).status).toBe(200);
    expect(await here.get('/session')).toMatchObject({ status: 200, body: { ledgerSize: room.ledger.size } });
    expect((await there.get('/session')).status).toBe(401);
    expect((await guess('QA-2', 'slow brass kettles whistle')).status).toBe(201);
  });
});

describe('a badge', () => {
  let room: SignInRoom;
  beforeAll(async () => {
    room = await openSignInRoom({ signIn: { badges: { networks: ['10.20.7.0/24'] } } });
    await room.enrol('OP-11', ['operator']);
    await room.enrol('QA-1', ['operator', 'quality']);
    await room.identity.accounts.setBadge(atTheHost, 'OP-11' as never, '0048812', '480319');
  });
  afterAll(() => room.close());
  const atTheMachine = () => {
    const browser = new Browser(room.app);
    browser.address = '10.20.7.9';
    return browser;
  };
  const scan = (browser: Browser, badge = '0048812', pin = '480319') =>
    browser.post('/session', { by: 'badge', badge, pin });

  it('and its PIN sign an operator in on the shop floor, for a short while', async () => {
    const browser = atTheMachine();
    expect(await browser.get('/session/ways')).toMatchObject({ body: { badge: true, certificate: false } });
    expect(await scan(browser)).toMatchObject({ status: 201, body: { person: { id: 'OP-11' }, mfa: false } });
    // No way to anything that lasts longer than the shift.
    for (const [method, path, body] of [
      ['PUT', '/session/password', { password: goodPassword }],
      ['POST', '/api-keys', { name: 'Mine', actions: ['send'], expires: '2027-06-30' }],
    ] as const)
      expect(await browser.ask(method, path, body)).toMatchObject({
        status: 403,
        body: { code: 'reauthentication-needed' },
      });
    room.time.now += limits.badgeSessionIdleMs;
    expect((await browser.get('/session')).status).toBe(401);
  });

  it('signs nobody in from elsewhere', async () => {
    const browser = new Browser(room.app);
    expect(await browser.get('/session/ways')).toMatchObject({ body: { badge: false } });
    expect(await scan(browser)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  it('with another PIN, and one of nobody, get one answer', async () => {
    const wrong = await scan(atTheMachine(), '0048812', '771203');
    expect(wrong.status).toBe(401);
    expect((await scan(atTheMachine(), '0048813')).body).toEqual(wrong.body);
  });

  it('is for operators alone: also one who became more is turned away', async () => {
    await expect(
      room.identity.accounts.setBadge(atTheHost, 'QA-1' as never, '0048899', '480319'),
    ).rejects.toMatchObject({ code: 'forbidden' });
    await expect(
      room.identity.accounts.setBadge(atTheHost, 'OP-11' as never, '0048812', '123456'),
    ).rejects.toMatchObject({ field: 'pin' });
    await room.enrol('OP-12', ['operator']);
    await expect(
      room.identity.accounts.setBadge(atTheHost, 'OP-12' as never, '0048812', '480319'),
    ).rejects.toMatchObject({ code: 'conflict' });
    const person = room.standing.person('OP-11')?.person;
    await room.make({
      kind: 'person.change',
      person: 'OP-11' as never,
      facts: { name: person?.name ?? '', roles: ['operator', 'quality'] },
    });
    expect(await scan(atTheMachine())).toMatchObject({ status: 403 });
  });
});

describe('an API key', () => {
  let room: SignInRoom;
  let browser: Browser;
  beforeAll(async () => {
    room = await openSignInRoom();
    await room.enrol('ADM-3', ['administrator']);
    await room.enrol('ADM-4', ['administrator']);
    browser = await room.withPassword('ADM-3');
  });
  afterAll(() => room.close());
  const make = async (over: object = {}) =>
    browser.post('/api-keys', { name: 'Inventory', actions: ['administer'], expires: '2027-06-30', ...over });
  const use = async (secret: unknown, path = '/accounts', method = 'GET', payload?: object) => {
    const headers = { authorization: `Bearer ${String(secret)}` };
    const sent = { method: method as 'GET', url: path, headers, ...(payload && { payload }) };
    return (await room.app.inject(sent)).statusCode;
  };

  it('is shown once, asks as its person for what it is for, and is on record without its secret', async () => {
    const { status, body } = await make();
    expect(status).toBe(201);
    expect(String(body.secret)).toMatch(/^keyway_[A-Za-z0-9_-]{43}$/);
    expect(await use(body.secret)).toBe(200);
    expect(await use(body.secret, '/api-keys?all=yes')).toBe(200);
    const looking = (await make({ actions: ['view'] })).body.secret;
    expect(await use(looking)).toBe(403);
    const [made] = room.events('api-key.made');
    expect(made).toMatchObject({ person: 'ADM-3', name: 'Inventory', actions: ['administer'], expires: '2027-06-30' });
    expect(JSON.stringify(room.events('api-key.made'))).not.toContain(String(body.secret).slice(7));
    expect(JSON.stringify((await browser.get('/api-keys')).body)).not.toContain(String(body.secret).slice(7));
  });

  it('makes no key, no session and no invitation', async () => {
    const secret = (await make()).body.secret;
    const asked = { name: 'More', actions: ['administer'], expires: '2027-06-30' };
    expect(await use(secret, '/api-keys', 'POST', asked)).toBe(403);
    expect(await use(secret, '/accounts/ADM-4/invite', 'POST')).toBe(403);
    expect(await use(secret, '/session', 'DELETE')).toBe(400);
    const withKey = { principal: { kind: 'person', id: 'ADM-3' }, context: {}, limitedTo: ['administer'] } as never;
    await expect(room.identity.apiKeys.make(withKey, asked as never)).rejects.toMatchObject({ code: 'forbidden' });
    expect(() => room.identity.apiKeys.list(withKey, { all: false })).toThrow('somebody who signed in');
  });

  it.each([
    ['for approving', { actions: ['approve-as'] }],
    ['for what there is not', { actions: ['everything'] }],
    ['for nothing', { actions: [] }],
    ['for one thing twice', { actions: ['view', 'view'] }],
    ['for longer than a year', { expires: '2029-01-01' }],
    ['for a time that is over', { expires: '2026-12-31' }],
  ])('%s is not made', async (_what, over) => {
    expect((await make(over)).status).toBe(400);
  });

  it('is seen and ended by whoever has it or administers, and not by a key that is for something else', async () => {
    const { key } = (await make()).body as { key: { id: string } };
    const revoke = `/api-keys/${key.id}/revoke`;
    await room.enrol('QA-5', ['quality']);
    const quality = await room.withPassword('QA-5');
    expect((await quality.get('/api-keys?all=yes')).status).toBe(403);
    expect((await quality.post(revoke, { reason: 'Not mine.' })).status).toBe(403);
    const looking = (await make({ actions: ['view'] })).body.secret;
    expect(await use(looking, revoke, 'POST', { reason: 'By another key.' })).toBe(403);
    const both = await Promise.all([1, 2].map(() => browser.post(revoke, { reason: 'Mine.' })));
    expect(both.map(({ status }) => status).sort()).toEqual([201, 404]);
  });

  it('ends with its day, when it is revoked, and when its person is out of office', async () => {
    const { key, secret } = (await make({ expires: '2027-01-20' })).body as { key: { id: string }; secret: string };
    expect(await use(secret)).toBe(200);
    const before = room.time.now;
    room.time.now = Date.parse('2027-01-21T00:00:00Z');
    expect(await use(secret)).toBe(401);
    room.time.now = before;
    const other = await room.withPassword('ADM-4');
    expect((await other.post(`/api-keys/${key.id}/revoke`, { reason: 'Seen in a log.' })).status).toBe(201);
    expect(await use(secret)).toBe(401);
    const next = (await make()).body.secret;
    await room.identity.accounts.suspend(atTheHost, 'ADM-3' as never, 'Away.');
    const asked = { name: 'More', actions: ['administer' as const], expires: '2027-06-30' };
    const away = { principal: { kind: 'person', id: 'ADM-3' }, context: {} } as never;
    await expect(room.identity.apiKeys.make(away, asked)).rejects.toMatchObject({ code: 'unauthenticated' });
    // Also where policy is not asked.
    for (const path of ['/accounts', '/openapi.json']) expect(await use(next, path)).toBe(401);
    await room.identity.accounts.restore(atTheHost, 'ADM-3' as never, 'Back.');
    expect(await use(next)).toBe(200);
    await room.make({ kind: 'person.off-board', person: 'ADM-3' as never });
    expect(await use(next)).toBe(401);
  });

  it('is not what somebody made of it', async () => {
    for (const secret of ['', 'keyway_', 'x'.repeat(50), "' OR 1=1 --", 'keyway_'.padEnd(50, 'A')])
      expect(await use(secret)).toBe(401);
    browser = await room.withPassword('ADM-4');
    const { secret } = (await make()).body;
    expect(await use(secret)).toBe(200);
    for (const made of [`${secret} more`, `${secret},`]) expect(await use(made)).toBe(401);
    const twice = { authorization: `Basic QURNLTM6eA==, Bearer ${secret}` };
    expect((await room.app.inject({ url: '/accounts', headers: twice })).statusCode).toBe(401);
    const basic = await room.app.inject({ url: '/accounts', headers: { authorization: 'Basic QURNLTM6eA==' } });
    expect(basic.statusCode).toBe(401);
  });

  it('is one of no more than somebody can look after', async () => {
    for (let at = 0; at < limits.apiKeysPerPerson; at++) await make();
    expect((await make()).status).toBe(409);
    expect((await browser.get('/api-keys')).body.keys).toHaveLength(limits.apiKeysPerPerson);
  });
});
