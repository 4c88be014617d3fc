import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ssh2, { type SFTPWrapper } from 'ssh2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signChange } from '../../src/cli/administrators.ts';
import type { ExportAuthorization } from '../../src/domain/authorizations.ts';
import type { Change } from '../../src/domain/changes.ts';
import type { Event } from '../../src/domain/events.ts';
import type { GroupId, MachineId } from '../../src/domain/ids.ts';
import type { PersonRole } from '../../src/domain/people.ts';
import { GatewayClient } from '../../src/edges/http/client.ts';
import { newSshKeyPair } from '../../src/edges/sftp/ssh-keys.ts';
import { canonicalJson } from '../../src/platform/hash.ts';
import { signPayload } from '../../src/signing/dsse.ts';
import { readPrivateKey } from '../../src/signing/keys.ts';
import { pemSigningKey, type SigningKey } from '../../src/signing/signing-key.ts';
import { sshFingerprint } from '../../src/signing/ssh-key.ts';
import { approvalStatement } from '../../src/signing/statements.ts';
import { Floor, simpleProgram, until } from '../helpers/floor.ts';
import { makePerson } from '../helpers/test-keys.ts';

/** What is under way when somebody takes back what it rests on ends within a second, over real processes. */
let floor: Floor;
let client: GatewayClient;
let administrators: SigningKey[];
const mill = 'MILL-DE';
const millKey = newSshKeyPair();
const crew = {
  'CAM-1': makePerson('CAM-1', ['programmer'], true),
  'ME-2': makePerson('ME-2', ['manufacturing-engineer'], true),
  'QA-1': makePerson('QA-1', ['quality'], true),
  'EC-1': makePerson('EC-1', ['export-compliance'], true),
};
const keyOf = (id: keyof typeof crew) => pemSigningKey(crew[id].key);
const agreement: ExportAuthorization = {
  ...{ id: 'TAA-17', kind: 'agreement', reference: 'TAA 1234-21', countries: ['DE'], parties: ['Werk GmbH'] },
  covers: [{ jurisdiction: 'ITAR', usmlCategory: 'VIII(h)' }],
  ...{ expires: '2099-12-31', provisos: [] },
};

async function change(what: Change, keys: readonly SigningKey[] = administrators): Promise<number> {
  const { authorisation } = await signChange('keyway.example/ledger', what, { keys, reason: 'A test asks for it.' });
  const outcome = await client.change(authorisation);
  expect(outcome.state).toBe('made');
  return outcome.index;
}
async function approve(id: string, by: keyof typeof crew, role: PersonRole): Promise<void> {
  const { manifest, packageId, route } = await client.package(id);
  const statement = approvalStatement({
    ...{ decision: 'approve', manifest, packageId, person: crew[by].person.id, role, meaning: 'I looked at it.' },
    ...{ routeVersion: route.version, time: new Date().toISOString() },
  });
  await client.approve(packageId, await signPayload(canonicalJson(statement), keyOf(by)));
}

beforeAll(async () => {
  floor = await Floor.open();
  client = floor.stage.client();
  const folder = floor.data('dev-admins');
  administrators = readdirSync(folder).map((name) => pemSigningKey(readPrivateKey(join(folder, name))));
  for (const { person } of Object.values(crew)) await change({ kind: 'person.enrol', person });
  await change({
    kind: 'machine.register',
    machine: {
      ...{ id: mill as MachineId, groups: ['HAAS-VF' as GroupId], make: 'Haas', model: 'VF-2', control: 'NGC' },
      ...{ cell: 'C3', country: 'DE', owner: 'Werk GmbH', channel: 'sftp', jurisdictions: ['ITAR'] },
      sshKeys: [millKey.public.trim().split(/\s+/).slice(0, 2).join(' ')],
    },
  });
  const classification = { jurisdiction: 'ITAR', usmlCategory: 'VIII(h)', authorizations: ['TAA-17'] };
  const sidecar = floor.sidecar('BRKT-1', 'O0100.NC', { classification });
  floor.drop('BRKT-1.keyway.json', sidecar, { 'O0100.NC': simpleProgram(100) });
  const packageId = await floor.admitted('BRKT-1');
  await approve(packageId, 'ME-2', 'manufacturing-engineer');
  await approve(packageId, 'QA-1', 'quality');
  await approve(packageId, 'EC-1', 'export-compliance');
  expect((await client.package(packageId)).state).toBe('released');
}, 120_000);
afterAll(() => floor?.close());

const allow = () =>
  change({ kind: 'authorization.set', authorization: agreement }, [keyOf('EC-1'), ...administrators.slice(0, 1)]);
const path = '/current/O0100.NC';

/** A machine that has begun to read and waits. */
async function reading() {
  const ssh = new ssh2.Client();
  const ready = new Promise<void>((resolve, reject) => ssh.on('ready', resolve).on('error', reject));
  ssh.connect({ ...floor.served.sftp, username: mill, privateKey: millKey.private });
  await ready;
  const call = <T>(begin: (done: (error: Error | null | undefined, value: T) => void) => void) =>
    new Promise<T>((resolve, reject) => begin((error, value) => (error ? reject(error) : resolve(value))));
  const sftp = await call<SFTPWrapper>((done) => ssh.sftp(done));
  const handle = await call<Buffer>((done) => sftp.open(path, 'r', done));
  const read = () =>
    call<Buffer>((done) => sftp.read(handle, Buffer.alloc(16), 0, 16, 0, (error, _, bytes) => done(error, bytes)));
  const list = async () =>
    (await call<{ filename: string }[]>((done) => sftp.readdir('/current', done))).map((e) => e.filename);
  expect((await read()).toString()).toContain('%');
  const gone = once(ssh, 'close');
  return { read, list, gone, end: () => ssh.end() };
}

/** The end of the newest delivery, and how long after entry `index` it is on record. */
async function failedAfter(index: number): Promise<{ reason: string; afterMs: number }> {
  return until('the delivery to be on record as failed', async () => {
    const began = await client.entry(index).then(
      ({ time }) => Date.parse(time),
      () => Number.NaN,
    );
    if (Number.isNaN(began)) return undefined;
    const { size } = await client.ledger();
    for (let at = index + 1; at < size; at++) {
      const entry = await client.entry(at).catch(() => undefined);
      const event = entry?.event as Event | undefined;
      if (entry && event?.type === 'delivery.failed')
        return { reason: event.data.reason, afterMs: Date.parse(entry.time) - began };
    }
    return undefined;
  });
}

describe('a transfer under way and an open session', () => {
  it('end within a second when the authorisation that they rest on is ended', async () => {
    await allow();
    const machine = await reading();
    const index = await change({ kind: 'authorization.end', authorizationId: 'TAA-17' }, [keyOf('EC-1')]);
    const { reason, afterMs } = await failedAfter(index);
    expect(reason).toContain('only under a current authorisation');
    expect(afterMs).toBeLessThan(1_000);
    await expect(machine.read()).rejects.toThrow();
    expect(await machine.list()).toEqual([]);
    machine.end();
  });

  it('end within a second when the machine is suspended, which then logs in no more', async () => {
    await allow();
    const machine = await reading();
    const index = await change({ kind: 'machine.suspend', machineId: mill as MachineId }, administrators.slice(0, 1));
    const { reason, afterMs } = await failedAfter(index);
    expect(reason).toContain('suspended');
    expect(afterMs).toBeLessThan(1_000);
    await machine.gone;
    await expect(reading()).rejects.toThrow();
    await change({ kind: 'machine.resume', machineId: mill as MachineId });
    const again = await reading();
    again.end();
  });

  it('end within a second when the key that it logged in with is revoked', async () => {
    await allow();
    const machine = await reading();
    const key = Buffer.from(millKey.public.split(' ')[1] ?? '', 'base64');
    const revoked = { kind: 'key', fingerprint: sshFingerprint(key) } as const;
    const revocation = { kind: 'machine.key-revoke', machineId: mill as MachineId, revoked } as const;
    const index = await change(revocation, administrators.slice(0, 1));
    const { reason, afterMs } = await failedAfter(index);
    expect(reason).toBe('unauthenticated: What the machine logged in with lets nobody in any more.');
    expect(afterMs).toBeLessThan(1_000);
    await machine.gone;
    await expect(reading()).rejects.toThrow();
  });
});

it('a person whose status is taken back sees nothing more of it with the next request', async () => {
  const asPerson = GatewayClient.overSocket(floor.served.socket, { signer: keyOf('QA-1') });
  const [seen] = await asPerson.packages();
  expect(seen?.banner).toContain('ITAR');
  const { keys: _, id: person, usPerson: __, ...facts } = crew['QA-1'].person;
  await change({ kind: 'person.change', person, facts });
  expect(await asPerson.packages()).toEqual([]);
  await expect(asPerson.package(seen?.packageId ?? '')).rejects.toMatchObject({ code: 'not-found' });
});

it('what ended early is an alarm nowhere, and the whole ledger holds', async () => {
  expect(await client.alarms()).toEqual([]);
  expect(readFileSync(floor.data('trust.json'), 'utf8')).not.toContain('PRIVATE');
  expect((await floor.done('ledger', 'verify', '--catalogue')).out).toMatchObject({ verified: true });
});
