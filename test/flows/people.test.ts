import { readFileSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GatewayClient } from '../../src/edges/http/client.ts';
import { Floor, simpleProgram, until } from '../helpers/floor.ts';
import { SoftwareAuthenticator } from '../helpers/software-authenticator.ts';

let floor: Floor;
let client: GatewayClient;
beforeAll(async () => {
  floor = await Floor.open();
  client = floor.stage.client();
  await floor.crew();
});
afterAll(() => floor.close());

const admin = (number: 1 | 2) => ['--admin-key', floor.data('dev-admins', `ADMIN-${number}.key.pem`)];
const keyOf = async (person: string) =>
  (await client.people()).find((view) => view.person.id === person)?.person.keys[0]?.keyId ?? '';
const add = (id: string, role: string, ...rest: string[]) => [
  'person',
  'add',
  id,
  '--name',
  id,
  '--role',
  role,
  ...rest,
];

/** A package of one program, open. */
async function deposit(part: string, number: number, feed = 20): Promise<string> {
  const name = `${part}-${feed}`;
  floor.drop(`${name}.keyway.json`, floor.sidecar(part, `O${number}.NC`), {
    [`O${number}.NC`]: simpleProgram(number, feed),
  });
  return floor.admitted(name);
}

/** A page of ours, in a browser that has this cookie. */
function fromPage(method: string, path: string, { cookie = '', body }: { cookie?: string; body?: object } = {}) {
  const { port } = floor.served.https;
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    ...{ cookie, 'keyway-session': '1', 'sec-fetch-site': 'same-origin' },
    ...(payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(payload.length) }),
  };
  const to = { host: 'localhost', port, ca: readFileSync(floor.data('keys', 'ca.crt.pem')), method, path, headers };
  return new Promise<{ status: number | undefined; cookie: string; text: string }>((resolve, reject) => {
    const request = https.request(to, async (answer) => {
      const parts: Buffer[] = [];
      for await (const part of answer as AsyncIterable<Buffer>) parts.push(part);
      const [set = ''] = answer.headers['set-cookie'] ?? [];
      resolve({ status: answer.statusCode, cookie: set.split(';')[0] ?? '', text: Buffer.concat(parts).toString() });
    });
    request.on('error', reject).end(payload);
  });
}

it('the first administrator begins with the link of the first start, and invites others', async () => {
  const { person, link = '' } = floor.served.setup ?? {};
  expect([person, link]).toEqual(['ADMIN-1', expect.stringMatching(/^https:\/\/localhost:[0-9]+\/app\/setup#/)]);
  const password = 'copper anvil seventeen herons';
  const begin = (token: string) => fromPage('POST', '/session', { body: { by: 'setup', token, password } });
  const { status, cookie } = await begin(link.split('#')[1] ?? '');
  expect(status).toBe(201);
  expect((await fromPage('GET', '/accounts', { cookie })).text).toContain('"ME-2"');
  expect((await fromPage('GET', '/session', { cookie: `${cookie}x` })).status).toBe(401);
  const { out } = await floor.done('account', 'invite', 'ME-2');
  expect((await begin((out as { link: string }).link.split('#')[1] ?? '')).status).toBe(201);
  await floor.done('account', 'suspend', 'ME-2', '--reason', 'Lost a laptop');
  const { out: accounts } = await floor.done('account', 'list');
  expect(accounts).toContainEqual(
    expect.objectContaining({ person: 'ME-2', sessions: 0, suspended: expect.anything() }),
  );
  expect((await floor.refused('account', 'suspend', 'ME-2', '--reason', 'Again')).code).toBe('conflict');
  await floor.done('account', 'restore', 'ME-2', '--reason', 'Found');
});

describe('an enrolment', () => {
  const file = () => floor.key('QA-2');

  it('that one administrator signed waits, and nobody is enrolled by it', async () => {
    const { out } = await floor.done(...add('QA-2', 'quality', '--new-key', file(), ...admin(1)));
    expect(out).toMatchObject({ state: 'waiting', signers: ['ADMIN-1'], needed: 2 });
    expect(await keyOf('QA-2')).toBe('');
    expect((await client.changes()).map(({ said }) => said.change.kind)).toEqual(['person.enrol']);
  });

  it('is made by a second one, and not by the first again; made once it is used up', async () => {
    const [waiting] = await client.changes();
    const id = waiting?.said.changeId ?? '';
    expect(await floor.refused('change', 'confirm', id, ...admin(1))).toMatchObject({ code: 'already-counted' });
    expect((await floor.done('change', 'confirm', id, ...admin(2))).out).toMatchObject({ state: 'made' });
    expect(await keyOf('QA-2')).not.toBe('');
    const last = (await client.ledger()).size - 1;
    const { event } = await until('a checkpoint over it', () => client.entry(last).catch(() => undefined));
    const { authorisation } = (event as unknown as { data: { authorisation: Parameters<GatewayClient['change']>[0] } })
      .data;
    expect(authorisation.signatures).toHaveLength(2);
    await expect(client.change(authorisation)).rejects.toThrow(expect.objectContaining({ code: 'change-used' }));
  });

  it('that was refused cannot be made any more', async () => {
    const { out } = await floor.done(...add('QA-9', 'quality', '--new-key', floor.key('QA-9'), ...admin(1)));
    const id = (out as { changeId: string }).changeId;
    await floor.done('change', 'refuse', id, ...admin(2), '--reason', 'nobody knows them');
    expect(await client.changes()).toEqual([]);
  });
});

describe('a key that is lost', () => {
  it('takes its approvals of open packages with it, and shows why; the person approves again with another key', async () => {
    const packageId = await deposit('LOST-1', 1001);
    await floor.approve(packageId, 'ME-2');
    const lost = await keyOf('ME-2');
    await floor.done('person', 'revoke-key', 'ME-2', lost, '--reason', 'laptop stolen', ...admin(2));
    const detail = await client.package(packageId);
    expect(detail.route.missing).toMatchObject([{ role: 'manufacturing-engineer' }, { role: 'quality' }]);
    expect(detail.approvals[0]?.notCounted).toMatchObject({
      code: 'key-revoked',
      message: expect.stringContaining('laptop stolen'),
    });
    const again = ['approve', packageId, '--as', 'ME-2', '--role', 'manufacturing-engineer'];
    expect(await floor.refused(...again, '--key', floor.key('ME-2'))).toMatchObject({ code: 'key-revoked' });
    const fresh = join(floor.stage.folder, 'me-2.second.pem');
    await floor.done('person', 'add-key', 'ME-2', '--new-key', fresh);
    await floor.done(...again, '--key', fresh);
    expect((await floor.approve(packageId, 'QA-1')).out).toMatchObject({ release: { state: 'released' } });
  });

  it('leaves what was released before; known to be compromised since before the approval it stops deliveries', async () => {
    const machine = await floor.connect('HAAS-VF-07');
    const program = simpleProgram(1001);
    expect(await machine.pull('/current/O1001.NC')).toEqual(Buffer.from(program));
    const keyId = await keyOf('QA-1');
    await floor.done('person', 'revoke-key', 'QA-1', keyId, '--reason', 'lost', ...admin(1));
    expect(await machine.pull('/current/O1001.NC')).toEqual(Buffer.from(program));
    const since = ['--compromised-since', '2026-01-01T00:00:00Z', '--reason', 'used by somebody else'];
    await floor.done('person', 'revoke-key', 'QA-1', keyId, ...since, ...admin(1));
    expect(await machine.pull('/current/O1001.NC')).toMatch(/not-verified.*compromised/);
    machine.close();
  });
});

describe('a passkey', () => {
  it('is registered, enrolled by two administrators, and approves; its counter may not stand still', async () => {
    const device = new SoftwareAuthenticator();
    const origin = `https://localhost:${floor.served.https.port}`;
    const { publicKey } = await client.askPasskey('QA-7');
    const made = device.register({ challenge: publicKey.challenge, rpId: publicKey.rp.id, origin });
    const { key } = await client.registerPasskey('QA-7', made);
    await expect(client.registerPasskey('QA-7', made)).rejects.toThrow(
      expect.objectContaining({ code: 'signature-invalid' }),
    );
    const file = join(floor.stage.folder, 'qa-7.passkey.json');
    (await import('node:fs')).writeFileSync(file, JSON.stringify(key));
    await floor.done(...add('QA-7', 'quality', '--passkey', file));

    const packageId = await deposit('PASS-1', 1002);
    const asked = await client.askApproval(packageId, { person: 'QA-7', role: 'quality', decision: 'approve' });
    const ceremony = { challenge: asked.publicKey.challenge, rpId: asked.publicKey.rpId, origin };
    const elsewhere = device.assert(ceremony, { origin: 'https://evil.test' });
    await expect(client.approveByPasskey(packageId, asked.payload, elsewhere)).rejects.toThrow(
      expect.objectContaining({ code: 'signature-invalid' }),
    );
    const answer = await client.approveByPasskey(packageId, asked.payload, device.assert(ceremony));
    expect(answer).toMatchObject({ decision: 'approve', release: { state: 'waiting-for-approvals' } });

    const other = await deposit('PASS-2', 1003);
    const next = await client.askApproval(other, { person: 'QA-7', role: 'quality', decision: 'approve' });
    const copy = device.assert({ ...ceremony, challenge: next.publicKey.challenge }, { counter: device.counter });
    await expect(client.approveByPasskey(other, next.payload, copy)).rejects.toThrow(/counter went back/);

    await floor.done('approve', packageId, '--as', 'ME-2', '--key', join(floor.stage.folder, 'me-2.second.pem'));
    const machine = await floor.connect('HAAS-VF-07');
    expect(await machine.pull('/current/O1002.NC')).toEqual(Buffer.from(simpleProgram(1002)));
    machine.close();
  });
});

describe('a package that its author deposits anew before it is released', () => {
  it('is replaced, and its approvals are void, with the files that changed as the reason', async () => {
    const before = await deposit('EDIT-7', 1004);
    await floor.approve(before, 'QA-2');
    const after = await deposit('EDIT-7', 1004, 33);
    const old = await client.package(before);
    expect(old).toMatchObject({ state: 'replaced', replacedBy: after, reason: 'O1004.NC changed.' });
    expect(old.approvals[0]?.notCounted).toMatchObject({ message: expect.stringContaining(after) });
    expect(await client.package(after)).toMatchObject({ state: 'submitted', replaces: before, approvals: [] });
    expect(
      await floor.refused('approve', before, '--as', 'QA-2', '--key', floor.key('QA-2'), '--role', 'quality'),
    ).toMatchObject({ code: 'state-forbids' });
  });
});

describe('a service key', () => {
  it('does what is listed, in the name of its person, and approves nothing', async () => {
    const file = join(floor.stage.folder, 'robot.pem');
    const service = ['--service', 'cam-robot', '--action', 'view', '--until', '2099-12-31'];
    await floor.done('person', 'add-key', 'CAM-1', '--new-key', file, ...service);
    const { host, port } = floor.served.https;
    const there = ['--url', `https://${host}:${port}`, '--ca', floor.data('keys', 'ca.crt.pem'), '--sign-with'];
    const [first] = await client.packages();
    const id = first?.packageId ?? '';
    expect((await floor.done(...there, file, 'status', id)).out).toMatchObject({ packageId: id });
    expect(await floor.refused(...there, file, 'ledger', 'rebuild')).toMatchObject({ code: 'policy-denied' });
    expect(await floor.refused('approve', id, '--as', 'CAM-1', '--key', file, '--role', 'quality')).toMatchObject({
      code: 'assurance-too-low',
    });
  });
});

describe('off-boarding', () => {
  it('ends keys and requests in one act, and lists what is left behind', async () => {
    const { out } = await floor.done('person', 'off-board', 'CAM-1', '--reason', 'left the company', ...admin(1));
    const held = (out as { held: { kind: string }[] }).held.map(({ kind }) => kind);
    expect(held).toContain('open-package');
    expect(held).toContain('service-key');
    const { host, port } = floor.served.https;
    const there = ['--url', `https://${host}:${port}`, '--ca', floor.data('keys', 'ca.crt.pem')];
    expect(await floor.refused(...there, '--sign-with', floor.key('CAM-1'), 'status')).toMatchObject({
      code: 'unauthenticated',
    });
    expect((await client.people()).map(({ person }) => person.id)).not.toContain('CAM-1');
    expect(readFileSync(floor.key('CAM-1'), 'utf8')).toContain('PRIVATE KEY');
    expect(await floor.refused(...add('CAM-1', 'programmer', '--new-key', floor.key('CAM-1B')))).toMatchObject({
      code: 'conflict',
    });
    expect((await floor.done('ledger', 'verify', '--catalogue')).out).toMatchObject({ verified: true });
  });
});
