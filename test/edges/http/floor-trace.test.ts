import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { makeEvent } from '../../../src/domain/events.ts';
import { fingerprintWords } from '../../../src/domain/fingerprint-words.ts';
import type { DeliveryId, MachineId, ReleaseId } from '../../../src/domain/ids.ts';
import type { MachineScreen } from '../../../src/edges/http/contract/floor.ts';
import type { EntryView } from '../../../src/edges/http/contract/ledger.ts';
import type { Exposure, LedgerKeys, Trace } from '../../../src/edges/http/contract/trace.ts';
import { digestOf } from '../../../src/platform/hash.ts';
import { verifyEntry } from '../../../src/web/proof/verify-entry.ts';
import {
  gatewayActor,
  millProgram,
  openScreensFloor,
  type ScreensFloor,
  sidecarOf,
} from '../../helpers/screens-floor.ts';

let floor: ScreensFloor;
let releaseId: ReleaseId;
const machineId = 'HAAS-VF-07' as MachineId;
const program = millProgram(4471);
const digest = digestOf(program);
const rules = { policySet: digest, facts: digest };

beforeAll(async () => {
  floor = await openScreensFloor();
  const sheet = { name: 'SETUP.txt', role: 'setup-sheet' };
  const files = [{ name: 'O4471.NC', role: 'main-program' }, sheet];
  const itar = { jurisdiction: 'ITAR', usmlCategory: 'VIII(h)' };
  const job = sidecarOf('BRKT-4471', { classification: itar, files });
  releaseId = (await floor.release(
    await floor.admitted(job, { 'O4471.NC': program, 'SETUP.txt': 'T1 first\n' }),
  )) as ReleaseId;
  await floor.admitted(sidecarOf('HSG-0098'), { 'HSG-0098.NC': millProgram(98) });
});
afterAll(() => floor.close());

/** As a door records it; who may have it was decided and verified elsewhere (test/services/delivery.test.ts). */
async function deliver(id: string): Promise<void> {
  const deliveryId = `DLV-${id.padStart(10, '0')}` as DeliveryId;
  const decision = { verdict: 'permit' as const, action: 'deliver' as const, policies: [], reasons: [], ...rules };
  const about = { releaseId, machineId, file: 'O4471.NC', digest, size: program.length, channel: 'sftp' as const };
  await floor.commit(makeEvent('delivery.started', gatewayActor, { deliveryId, ...about, decision }));
  await floor.commit(makeEvent('delivery.completed', gatewayActor, { deliveryId, bytes: program.length, digest }));
}

const screen = async (who = floor.people.operator) =>
  (await floor.ask(who, 'GET', `/machines/${machineId}/screen`)).json<MachineScreen>();

test('an operator sees what is released for their machine, with what to compare, and nothing that is not', async () => {
  const { jobs, link } = await screen();
  expect(link).toEqual({ kind: 'pull', channel: 'sftp', at: '/current' });
  expect(jobs.map(({ part }) => part)).toEqual(['BRKT-4471']);
  expect(jobs[0]).toMatchObject({
    program: { name: 'O4471.NC', digest, oNumber: 'O4471', words: fingerprintWords(digest), blocks: 7 },
    sheets: [{ name: 'SETUP.txt', role: 'setup-sheet' }],
    banner: expect.stringContaining('ITAR'),
  });
  expect(jobs[0]?.delivered).toBeUndefined();
  const { jobs: foreign } = await screen(floor.people.foreign);
  expect(foreign).toEqual([]);
  expect((await floor.ask(floor.people.operator, 'GET', '/machines/HAAS-VF-99/screen')).statusCode).toBe(404);
  const { machines } = (await floor.ask(floor.people.operator, 'GET', '/floor')).json<{ machines: object[] }>();
  expect(machines).toEqual([{ machineId, cell: 'C3', control: 'NGC', suspended: false }]);
});

test('from a serial an investigator comes to the release, to every other serial and machine, and to proofs that hold', async () => {
  await deliver('1');
  const run = {
    ...{ releaseId, machineId, workOrder: 'WO-88120', serials: ['0417', '0418'], operator: 'OP-11' },
    startedAt: '2026-11-12T14:03:00.000Z',
  };
  expect((await floor.ask(floor.people.operator, 'POST', '/runs', run)).statusCode).toBe(201);
  expect((await screen()).jobs[0]?.delivered).toMatchObject({ state: 'completed', bytes: program.length });

  const quality = floor.people.quality;
  const trace = (await floor.ask(quality, 'GET', '/trace?serial=0417')).json<Trace>();
  expect(trace.releases).toMatchObject([{ releaseId, part: 'BRKT-4471', state: 'in-force', recalled: false }]);
  expect(trace.runs).toMatchObject([{ workOrder: 'WO-88120', serials: ['0417', '0418'] }]);
  const types = trace.timeline.map(({ type }) => type);
  for (const type of ['deposit.received', 'release.issued', 'delivery.completed', 'run.recorded'])
    expect(types).toContain(type);

  const exposed = (await floor.ask(quality, 'GET', `/releases/${releaseId}/exposure`)).json<Exposure>();
  expect(exposed.serials.map(({ serial }) => serial)).toEqual(['0417', '0418']);
  expect(exposed.machines).toMatchObject([{ machineId, deliveries: 1 }]);

  const keys = (await floor.ask(quality, 'GET', '/ledger/keys')).json<LedgerKeys>();
  const index = trace.timeline.find(({ type }) => type === 'run.recorded')?.index ?? -1;
  const report = await verifyEntry(await provenEntry(index), keys);
  expect(report.checks.map(({ state }) => state)).toEqual(['good', 'good', 'good', 'unchecked']);
  expect(report.event?.data).toMatchObject({ serials: ['0417', '0418'] });
});

/** A checkpoint follows an entry within the second. */
async function provenEntry(index: number): Promise<EntryView> {
  const ask = () => floor.ask(floor.people.quality, 'GET', `/ledger/entries/${index}`);
  await vi.waitFor(async () => expect((await ask()).statusCode).toBe(200), { timeout: 5_000 });
  return (await ask()).json<EntryView>();
}

test('every other thing that somebody may hold in hand leads to the same release, and nothing leads a foreigner there', async () => {
  const { quality, foreign } = floor.people;
  for (const question of [
    ...['part=BRKT-4471', 'workOrder=WO-88120', `machine=${machineId}`, 'person=OP-11', 'person=CAM-1'],
    ...[`release=${releaseId}`, `digest=${digest}`, `digest=${digest.slice(7)}`, 'transfer=DLV-0000000001'],
    'from=2020-01-01T00:00:00.000Z&to=2040-01-01T00:00:00.000Z',
  ]) {
    const found = (await floor.ask(quality, 'GET', `/trace?${question}`)).json<Trace>();
    expect(
      found.releases?.map((release) => release.releaseId),
      question,
    ).toEqual([releaseId]);
    expect((await floor.ask(foreign, 'GET', `/trace?${question}`)).statusCode, question).toBe(404);
  }
  expect((await floor.ask(foreign, 'GET', `/releases/${releaseId}/exposure`)).statusCode).toBe(404);
  for (const wrong of ['', 'serial=1&part=A', 'from=2020-01-01T00:00:00.000Z', 'digest=abc'])
    expect((await floor.ask(quality, 'GET', `/trace?${wrong}`)).statusCode, wrong).toBe(400);
});

test('a release that is withdrawn leaves the screen, and a machine that is suspended says so', async () => {
  const machine = floor.standing.machine(machineId)?.machine;
  await floor.change({ kind: 'machine.suspend', machineId });
  expect(await screen()).toMatchObject({
    refused: { code: 'policy-denied' },
    jobs: [{ refused: { code: 'policy-denied' } }],
  });
  expect(machine?.id).toBe(machineId);
  const { packageId } = floor.standing.release(releaseId) ?? {};
  const answer = await floor.ask(floor.people.quality, 'POST', `/packages/${packageId}/withdraw`, {
    reason: 'Wrong feed',
  });
  expect(answer.statusCode).toBe(200);
  expect((await screen()).jobs).toEqual([]);
  const trace = (await floor.ask(floor.people.quality, 'GET', '/trace?serial=0418')).json<Trace>();
  expect(trace.timeline.filter(({ bad }) => bad).map(({ type }) => type)).toEqual(['release.withdrawn']);
});
