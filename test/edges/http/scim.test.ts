import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Action } from '../../../src/domain/decisions.ts';
import { makeEvent } from '../../../src/domain/events.ts';
import type { PersonId } from '../../../src/domain/ids.ts';
import { limits } from '../../../src/domain/limits.ts';
import { scimMedia, scimSchemas } from '../../../src/edges/http/contract/scim.ts';
import { atTheHost, Browser, openSignInRoom, type SignInRoom } from '../../helpers/sign-in-room.ts';

let room: SignInRoom;
let directory: Directory;
beforeAll(async () => {
  room = await openSignInRoom();
  await room.enrol('ADM-3', ['administrator']);
  directory = new Directory(await keyFor('ADM-3', ['provision']));
});
afterAll(() => room.close());

/** As somebody who signs their requests asks. */
const asker = (id: string) =>
  ({ principal: { kind: 'person', id }, context: { channel: 'https', encrypted: true, mfa: true } }) as never;
const keyFor = async (id: string, actions: Action[]) =>
  (await room.identity.apiKeys.make(asker(id), { name: 'HR', actions, expires: '2027-06-30' })).secret;

/** The company's directory, with an API key. */
class Directory {
  readonly #secret: string;
  constructor(secret: string) {
    this.#secret = secret;
  }
  async ask(method: string, path: string, body?: unknown, media: string = scimMedia) {
    const answer = await room.app.inject({
      ...{ method: method as 'GET', url: `/scim/v2${path}` },
      headers: { authorization: `Bearer ${this.#secret}`, ...(body === undefined ? {} : { 'content-type': media }) },
      ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return {
      status: answer.statusCode,
      type: answer.headers['content-type'],
      location: answer.headers.location,
      body: JSON.parse(answer.body) as Record<string, unknown>,
    };
  }
  create = (user: object) => this.ask('POST', '/Users', { schemas: [scimSchemas.user], ...user });
  patch = (id: string, ...Operations: object[]) =>
    this.ask('PATCH', `/Users/${id}`, { schemas: [scimSchemas.patch], Operations });
}

const stateOf = ({ body }: { body: Record<string, unknown> }) => (body[scimSchemas.state] as { state: string }).state;

describe('the company’s directory', () => {
  it('proposes somebody, who is nobody here until two administrators sign', async () => {
    const made = await directory.create({
      ...{ userName: 'ME-7', externalId: '00417', name: { givenName: 'Jo', familyName: 'Mill' } },
      ...{ active: true, emails: [{ value: 'jo@shop.example', primary: true }], password: 'hunter2hunter2hunter2' },
    });
    expect(made).toMatchObject({
      ...{ status: 201, type: scimMedia },
      location: 'https://keyway.shop.example:8443/scim/v2/Users/ME-7',
      body: { id: 'ME-7', userName: 'ME-7', displayName: 'Jo Mill', externalId: '00417', active: true },
    });
    expect(stateOf(made)).toBe('proposed');
    expect(room.standing.person('ME-7')).toBeUndefined();
    expect(JSON.stringify(room.events('account.proposed'))).not.toMatch(/hunter2|jo@shop/);
    const administrator = await room.withPassword('ADM-3');
    expect(await administrator.get('/people/proposed')).toMatchObject({
      body: { people: [{ id: 'ME-7', name: 'Jo Mill', externalId: '00417' }] },
    });
    await expect(room.identity.accounts.invite(atTheHost, 'ME-7' as never)).rejects.toMatchObject({
      code: 'unauthenticated',
    });
    await room.enrol('ME-7', ['manufacturing-engineer']);
    expect(stateOf(await directory.ask('GET', '/Users/ME-7'))).toBe('enrolled');
    expect((await administrator.get('/people/proposed')).body).toEqual({ people: [] });
  });

  it('takes somebody out at once, and does not bring them back by itself', async () => {
    await directory.create({ userName: 'QA-9', displayName: 'Quality 9' });
    await room.enrol('QA-9', ['quality']);
    const browser = await room.withPassword('QA-9');
    expect(await directory.patch('QA-9', { op: 'Replace', path: 'active', value: 'False' })).toMatchObject({
      status: 200,
      body: { active: false },
    });
    expect((await browser.get('/session')).status).toBe(401);
    expect(await browser.signIn('QA-9')).toMatchObject({
      status: 401,
      body: { detail: expect.stringContaining('suspended') },
    });
    expect(room.events('account.suspended').at(-1)).toMatchObject({ person: 'QA-9' });
    const other = await directory.patch('QA-9', { op: 'add', path: 'externalId', value: '00900' });
    expect(other.status).toBe(200);
    expect(room.events('account.suspended')).toHaveLength(1);
    const back = await directory.patch('QA-9', { op: 'replace', value: { active: 'True' } });
    expect(back).toMatchObject({ status: 200, body: { active: false } });
    expect(stateOf(back)).toBe('suspended');
    await room.identity.accounts.restore(atTheHost, 'QA-9' as never, 'The directory was wrong.');
    expect((await directory.ask('GET', '/Users/QA-9')).body.active).toBe(true);
    expect((await browser.signIn('QA-9')).status).toBe(201);
  });

  it('finds whom it asks for, by either name, and page by page', async () => {
    const found = async (filter: string) =>
      (await directory.ask('GET', `/Users?filter=${encodeURIComponent(filter)}`)).body as { totalResults: number };
    expect(await found('userName eq "me-7"')).toMatchObject({ totalResults: 1, Resources: [{ id: 'ME-7' }] });
    expect(await found('externalId eq "00417"')).toMatchObject({ totalResults: 1 });
    expect(await found('externalId eq "0041\\"7"')).toMatchObject({ totalResults: 0, Resources: [] });
    const page = (await directory.ask('GET', '/Users?startIndex=2&count=1')).body;
    expect(page).toMatchObject({ totalResults: 2, startIndex: 2, itemsPerPage: 1, Resources: [{ id: 'QA-9' }] });
  });

  it('is told what there is of SCIM', async () => {
    const config = (await directory.ask('GET', '/ServiceProviderConfig')).body;
    expect(config).toMatchObject({
      patch: { supported: true },
      bulk: { supported: false },
      filter: { supported: true },
    });
    expect((await directory.ask('GET', '/ResourceTypes')).body).toMatchObject({ Resources: [{ endpoint: '/Users' }] });
    expect((await directory.ask('GET', '/Schemas')).body).toMatchObject({ totalResults: 2 });
  });

  it.each<[string, () => Promise<{ status: number; body: object }>, number, string | undefined]>([
    ['a name that is taken', () => directory.create({ userName: 'me-7' }), 409, 'uniqueness'],
    ['a name that is no id', () => directory.create({ userName: '../etc/passwd' }), 400, 'invalidValue'],
    ['an invisible name', () => directory.create({ userName: 'X-1', displayName: 'a\u202eb' }), 400, 'invalidValue'],
    [
      'a name without end',
      () => directory.create({ userName: 'X-1', displayName: 'x'.repeat(501) }),
      400,
      'invalidValue',
    ],
    ['somebody who is not there', () => directory.ask('GET', '/Users/NOBODY'), 404, undefined],
    ['another filter', () => directory.ask('GET', '/Users?filter=userName%20sw%20%22A%22'), 400, 'invalidFilter'],
    [
      'a filter that breaks off',
      () => directory.ask('GET', '/Users?filter=userName%20eq%20%22A'),
      400,
      'invalidFilter',
    ],
    [
      'a filter of control characters',
      () => directory.ask('GET', '/Users?filter=userName%20eq%20%22%01%22'),
      400,
      'invalidFilter',
    ],
    [
      'an operation that is none',
      () => directory.patch('ME-7', { op: 'move', path: 'active', value: false }),
      400,
      'invalidValue',
    ],
    [
      'a path that is not kept',
      () => directory.patch('ME-7', { op: 'add', path: 'roles', value: 'administrator' }),
      400,
      'invalidPath',
    ],
    ['the end of a name', () => directory.patch('ME-7', { op: 'remove', path: 'displayName' }), 400, 'invalidPath'],
    [
      'a number for a name',
      () => directory.patch('ME-7', { op: 'replace', path: 'displayName', value: 5 }),
      400,
      'invalidValue',
    ],
    [
      'a list of what is to be changed',
      () => directory.patch('ME-7', { op: 'replace', value: [true] }),
      400,
      'invalidPath',
    ],
    [
      'a path of every object',
      () => directory.patch('ME-7', { op: 'add', path: '__proto__', value: {} }),
      400,
      'invalidPath',
    ],
    [
      'another id for somebody',
      () => directory.patch('ME-7', { op: 'replace', path: 'userName', value: 'ME-8' }),
      400,
      'invalidValue',
    ],
    [
      'a truth that is none',
      () => directory.patch('ME-7', { op: 'replace', path: 'active', value: 0 }),
      400,
      'invalidValue',
    ],
    ['nothing to change', () => directory.patch('ME-7'), 400, 'invalidValue'],
    ['no JSON', () => directory.ask('POST', '/Users', '{'), 400, 'invalidValue'],
    [
      'a name twice',
      () => directory.ask('POST', '/Users', '{"userName":"A","userName":"B","schemas":[]}'),
      400,
      'invalidValue',
    ],
    [
      'a form',
      () => directory.ask('POST', '/Users', 'userName=A', 'application/x-www-form-urlencoded'),
      415,
      undefined,
    ],
  ])('is refused %s, in the words of SCIM', async (_what, ask, status, scimType) => {
    const before = room.ledger.size;
    const answer = await ask();
    expect(answer).toMatchObject({ status, body: { schemas: [scimSchemas.error], status: String(status) } });
    expect((answer.body as { scimType?: string }).scimType).toBe(scimType);
    expect(room.ledger.size).toBe(before);
  });

  it('says nothing of anybody’s rights, whatever it puts', async () => {
    const rights = {
      ...{ roles: [{ value: 'administrator' }], groups: [{ value: 'administrators' }], entitlements: ['administer'] },
      ...{ keys: [], usPerson: { status: true }, samePersonAs: 'ADM-3', __proto__: { roles: ['administrator'] } },
    };
    const person = () => JSON.stringify(room.standing.person('ME-7'));
    const before = person();
    const user = { schemas: [scimSchemas.user], userName: 'ME-7', displayName: 'Jo Mill', active: true };
    const put = await directory.ask('PUT', '/Users/ME-7', { ...user, ...rights });
    expect(put.status).toBe(200);
    const { size } = room.ledger;
    expect((await directory.ask('PUT', '/Users/ME-7', user)).status).toBe(200);
    expect(room.ledger.size).toBe(size);
    const renamed = await directory.patch('ME-7', { op: 'replace', path: 'displayName', value: 'Jo M. Mill' });
    expect(stateOf(renamed)).toBe('enrolled');
    expect(JSON.stringify(put.body)).not.toMatch(/administ|usPerson|samePersonAs/);
    expect(person()).toBe(before);
    expect(JSON.stringify(room.events('account.proposed'))).not.toMatch(/administ|usPerson|samePersonAs/);
  });

  it('comes with a key that is known and not revoked', async () => {
    expect((await new Directory(`keyway_${'A'.repeat(43)}`).ask('GET', '/Users')).status).toBe(401);
    expect((await new Directory('').ask('GET', '/Users')).status).toBe(401);
    const { key, secret } = await room.identity.apiKeys.make(asker('ADM-3'), {
      ...{ name: 'Old', actions: ['provision'], expires: '2027-06-30' },
    });
    const old = new Directory(secret);
    expect((await old.ask('GET', '/Users')).status).toBe(200);
    await room.identity.apiKeys.revoke(asker('ADM-3'), key.apiKeyId, 'Another directory.');
    expect((await old.create({ userName: 'X-3' })).status).toBe(401);
  });

  it('comes with a key for that alone: another key may not, and this one may nothing else', async () => {
    const viewing = new Directory(await keyFor('ADM-3', ['read-ledger']));
    const user = { schemas: [scimSchemas.user], userName: 'ME-7', displayName: 'Another', active: false };
    for (const [method, path, body] of [
      ['GET', '/Users'],
      ['GET', '/Users/ME-7'],
      ['PUT', '/Users/ME-7', user],
    ] as const)
      expect([path, (await viewing.ask(method, path, body)).status]).toEqual([path, 403]);
    await room.enrol('QA-3', ['quality']);
    const quality = new Directory(await keyFor('QA-3', ['provision']));
    expect((await quality.create({ userName: 'X-2' })).status).toBe(403);
    const headers = { authorization: `Bearer ${await keyFor('ADM-3', ['provision'])}` };
    for (const url of ['/accounts', '/people/proposed'])
      expect([url, (await room.app.inject({ method: 'GET', url, headers })).statusCode]).toEqual([url, 403]);
    expect((await new Browser(room.app).get('/scim/v2/Users')).status).toBe(401);
  });

  it('proposes nobody who left here, or who is not to come, nor more than anybody looks through', async () => {
    await room.make({ kind: 'person.off-board', person: 'QA-9' as PersonId });
    const left = await directory.ask('GET', '/Users/QA-9');
    expect([stateOf(left), left.body.active]).toEqual(['left', false]);
    expect(stateOf(await directory.create({ userName: 'ME-12', active: false }))).toBe('proposed');
    const administrator = await room.withPassword('ADM-3');
    expect((await administrator.get('/people/proposed')).body).toEqual({ people: [] });

    const users = Array.from({ length: limits.provisionedUsers }, (_, at) => `U-${at}` as PersonId);
    const events = users.map((userName) =>
      makeEvent('account.proposed', { kind: 'gateway' }, { user: { userName, name: 'Somebody', active: true } }),
    );
    await room.ledger.commit(() => ({ events, result: undefined }));
    expect((await directory.create({ userName: 'ONE-MORE' })).status).toBe(503);
    const all = (await directory.ask('GET', '/Users?startIndex=0&count=999')).body;
    expect(all).toMatchObject({ startIndex: 1, itemsPerPage: limits.scimRows });
  });
});
