import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MachineId, PackageId, PersonId, ReleaseId, RetrievalId } from '../../../src/domain/ids.ts';
import type { Machine } from '../../../src/domain/machines.ts';
import { Difference } from '../../../src/domain/nc-difference.ts';
import { FloorScreen, LegalHoldList, ProblemList } from '../../../src/edges/http/contract/floor.ts';
import { ExposureView, TraceView } from '../../../src/edges/http/contract/trace.ts';
import { newSshKeyPair } from '../../../src/edges/sftp/ssh-keys.ts';
import { sequencedEntries } from '../../../src/ledger/open.ts';
import { canonicalJson, digestOf } from '../../../src/platform/hash.ts';
import { parseToolpath } from '../../../src/web/parts/toolpath/pack.ts';
import { signChange } from '../../helpers/changes.ts';
import {
  deliveredTo,
  type Known,
  millProgram,
  openScreensFloor,
  type ScreensFloor,
  sentBackBy,
  sidecarOf,
} from '../../helpers/screens-floor.ts';

/** Words that stand in the ITAR job and nowhere else. */
const secrets = ['HSG-SECRET', 'ECO-SECRET', 'SN-SECRET', 'WO-SECRET', 'PAPER-SECRET', 'VIII(h)'];
const itar = { jurisdiction: 'ITAR', usmlCategory: 'VIII(h)' };
const machine = 'HAAS-VF-07';

let floor: ScreensFloor;
let open: { packageId: PackageId; releaseId: ReleaseId };
let secretReadback: RetrievalId;
let secret: { packageId: PackageId; releaseId: ReleaseId };

beforeAll(async () => {
  floor = await openScreensFloor();
  open = await released('GEAR-1', 71, {}, 'SN-0417');
  const over = { classification: itar, changeOrder: 'ECO-SECRET' };
  secret = await released('HSG-SECRET', 72, over, 'SN-SECRET', 'WO-SECRET', 'PAPER-SECRET.txt');
});
afterAll(() => floor.close());

async function released(
  part: string,
  number: number,
  over: object,
  serial: string,
  workOrder = 'WO-88120',
  paper = 'SETUP.txt',
) {
  const files = [
    { name: `${part}.NC`, role: 'main-program' },
    { name: paper, role: 'setup-sheet' },
  ];
  const bytes = { [`${part}.NC`]: millProgram(number), [paper]: `Vice for ${part}\n` };
  const packageId = await floor.admitted(sidecarOf(part, { ...over, files }), bytes, floor.people.author);
  const releaseId = (await floor.release(packageId)) as ReleaseId;
  await deliveredTo(floor, releaseId, machine, `${part}.NC`);
  const run = { releaseId, machineId: machine, workOrder, serials: [serial], operator: 'OP-11' };
  const answer = await floor.ask(floor.people.operator, 'POST', '/runs', {
    ...run,
    startedAt: '2026-11-12T14:03:00.000Z',
  });
  expect(answer.statusCode).toBe(201);
  return { packageId, releaseId };
}

const screen = async (who: Known) =>
  FloorScreen.parse((await floor.ask(who, 'GET', `/machines/${machine}/screen`)).json());
const trace = async (who: Known, query: string) =>
  TraceView.parse((await floor.ask(who, 'GET', `/trace?${query}`)).json());

describe('the screen at a machine', () => {
  test('shows an operator the right program with words to compare, how long it is, and its papers', async () => {
    const { programs } = await screen(floor.people.operator);
    const program = programs.find(({ part }) => part === 'GEAR-1');
    expect(program).toMatchObject({ releaseId: open.releaseId, revision: 'A', operation: '10', lines: 7 });
    expect(program?.words).toMatch(/^[a-z]+-[a-z]+-[a-z]+$/);
    expect(program?.stopped).toBeUndefined();
    const paper = `/machines/${machine}/documents/${open.releaseId}/SETUP.txt`;
    expect((await floor.ask(floor.people.operator, 'GET', paper)).body).toBe('Vice for GEAR-1\n');
    const notPaper = `/machines/${machine}/documents/${open.releaseId}/GEAR-1.NC`;
    expect((await floor.ask(floor.people.operator, 'GET', notPaper)).statusCode).toBe(404);
  });

  test('has nothing of an ITAR job for an operator who is no US person, and no program for who sends none', async () => {
    expect((await screen(floor.people.foreign)).programs.map(({ part }) => part)).toEqual(['GEAR-1']);
    const paper = `/machines/${machine}/documents/${secret.releaseId}/PAPER-SECRET.txt`;
    expect((await floor.ask(floor.people.foreign, 'GET', paper)).statusCode).toBe(404);
    expect((await screen(floor.people.administrator)).programs).toEqual([]);
  });
});

describe('a problem that an operator reports', () => {
  const report = (who: Known, releaseId: string) =>
    floor.ask(who, 'POST', '/problems', { releaseId, machineId: machine, reason: 'Chatter at N40.' });

  test('stops the release at that machine at once, until quality has resolved it', async () => {
    const answer = await report(floor.people.operator, open.releaseId);
    const { problemId } = answer.json<{ problemId: string }>();
    const stopped = (await screen(floor.people.operator)).programs.find(({ part }) => part === 'GEAR-1');
    expect(stopped?.stopped).toContain('on hold for this machine');
    const { problems } = ProblemList.parse((await floor.ask(floor.people.quality, 'GET', '/problems')).json());
    expect(problems).toMatchObject([{ problemId, by: 'OP-11', machineId: machine }]);
    const alarms = (await floor.ask(floor.people.quality, 'GET', '/alarms')).json<{ alarms: { subject: string }[] }>();
    expect(alarms.alarms.map(({ subject }) => subject)).toContain(`problem ${problemId}`);

    const resolve = (who: Known) =>
      floor.ask(who, 'POST', `/problems/${problemId}/resolve`, { reason: 'New inserts.' });
    expect((await resolve(floor.people.operator)).json()).toMatchObject({ code: 'policy-denied' });
    expect((await resolve(floor.people.quality)).statusCode).toBe(201);
    const again = (await screen(floor.people.operator)).programs.find(({ part }) => part === 'GEAR-1');
    expect(again?.stopped).toBeUndefined();
    expect((await resolve(floor.people.quality)).statusCode).toBe(404);
  });

  test('of a release that they may not run is about nothing', async () => {
    expect((await report(floor.people.foreign, secret.releaseId)).statusCode).toBe(404);
    expect((await report(floor.people.author, open.releaseId)).statusCode).toBe(404);
    expect([...floor.standing.stops.problems.values()]).toEqual([]);
  });
});

describe('an investigation', () => {
  test('goes from a serial to the release, its runs and everything that happened to it, each by its entry', async () => {
    const { quality } = floor.people;
    for (const query of ['serial=SN-0417', 'workOrder=WO-88120', 'part=GEAR-1', `release=${open.releaseId}`]) {
      const found = await trace(quality, query);
      expect([query, found.releases.map(({ releaseId }) => releaseId)]).toEqual([query, [open.releaseId]]);
      expect([query, found.runs.map(({ serials }) => serials)]).toEqual([query, [['SN-0417']]]);
      const types = found.timeline.map(({ type }) => type);
      for (const type of [
        'package.submitted',
        'approval.given',
        'release.issued',
        'delivery.completed',
        'run.recorded',
      ])
        expect([query, types]).toEqual([query, expect.arrayContaining([type])]);
    }
    const digest = floor.standing.release(open.releaseId)?.manifest.files[0]?.digest;
    expect((await trace(quality, `digest=${digest}`)).releases).toHaveLength(1);
    const day = new Date(floor.clock()).toISOString().slice(0, 10);
    for (const query of [`machine=${machine}`, `date=${day}`, 'person=QA-1', 'person=CAM-1'])
      expect([query, (await trace(quality, query)).releases.length]).toEqual([query, 2]);
    expect(await trace(quality, 'serial=NONE')).toEqual({
      releases: [],
      differences: [],
      runs: [],
      timeline: [],
      more: false,
    });
    expect((await floor.ask(quality, 'GET', '/trace?serial=A&part=B')).statusCode).toBe(400);
  });

  test('opens each entry of its timeline with the proof, for people who see the package and read no ledger', async () => {
    const { engineer, foreign } = floor.people;
    const { timeline } = await trace(engineer, 'serial=SN-SECRET');
    const index = timeline.find(({ type }) => type === 'run.recorded')?.index;
    await floor.core.publisher.covering(floor.core.ledger.size, 5_000);
    const entry = (await floor.ask(engineer, 'GET', `/ledger/entries/${index}`)).json<{
      event?: object;
      proven: object;
    }>();
    expect(entry.event).toMatchObject({ type: 'run.recorded' });
    expect(entry.proven).toMatchObject({ index, salt: expect.any(String) });
    const hidden = (await floor.ask(foreign, 'GET', `/ledger/entries/${index}`)).json<{ event?: object }>();
    expect(hidden.event).toBeUndefined();
    expect((await floor.ask(floor.people.author, 'GET', '/ledger/entries/3')).json()).toMatchObject({
      code: 'policy-denied',
    });
  });

  test('shows what else one release touched', async () => {
    const answer = await floor.ask(floor.people.quality, 'GET', `/releases/${open.releaseId}/exposure`);
    const exposure = ExposureView.parse(answer.json());
    expect(exposure.serials).toMatchObject([{ serial: 'SN-0417', machineId: machine, workOrder: 'WO-88120' }]);
    expect(exposure.machines).toMatchObject([{ machineId: machine, deliveries: 1 }]);
    expect(exposure.holders).toEqual([{ machineId: machine, files: ['GEAR-1.NC'] }]);
    const hidden = await floor.ask(floor.people.foreign, 'GET', `/releases/${secret.releaseId}/exposure`);
    expect(hidden.statusCode).toBe(404);
  });

  test('freezes releases by one person, and lets go of them by two', async () => {
    const { quality, author, foreign, export: exporter } = floor.people;
    const place = (who: Known, ...releases: string[]) =>
      floor.ask(who, 'POST', '/legal-holds', { releases, reason: 'Part out of tolerance.' });
    expect((await place(foreign, secret.releaseId)).statusCode).toBe(404);
    expect((await place(author, open.releaseId)).json()).toMatchObject({ code: 'policy-denied' });
    const { holdId } = (await place(quality, open.releaseId, secret.releaseId)).json<{ holdId: string }>();
    const listed = async (who: Known) =>
      LegalHoldList.parse((await floor.ask(who, 'GET', '/legal-holds')).json()).legalHolds.map((hold) => hold.holdId);
    expect(await listed(quality)).toEqual([holdId]);
    expect(await listed(foreign)).toEqual([]);
    expect(floor.standing.stops.holdsOn(open.releaseId)).toHaveLength(1);

    const time = new Date(floor.clock()).toISOString();
    const validUntil = new Date(floor.clock() + 3_600_000).toISOString();
    const change = { kind: 'legal-hold.release' as const, holdId: holdId as never };
    const letGo = await signChange(change, [floor.signerOf(quality)], { time, validUntil });
    const first = await floor.ask(quality, 'POST', '/changes', { envelope: letGo });
    expect(first.json()).toMatchObject({ state: 'waiting', needed: 2 });
    expect(await listed(quality)).toEqual([holdId]);
    const second = await floor.cosigned(letGo, exporter);
    expect((await floor.ask(exporter, 'POST', '/changes', { envelope: second })).json()).toMatchObject({
      state: 'made',
    });
    expect(await listed(quality)).toEqual([]);
  });
});

describe('what a control changed', () => {
  let changed: RetrievalId;
  let hidden: RetrievalId;
  let same: RetrievalId;
  const sides = ['difference', 'text/delivered', 'text/received', 'toolpath/delivered', 'toolpath/received'];
  const answers = async (who: Known, id: string) => {
    const given = await Promise.all(sides.map((side) => floor.ask(who, 'GET', `/readbacks/${id}/${side}`)));
    return given.map((answer) => (answer.statusCode === 200 ? 200 : answer.json<{ code: string }>().code));
  };

  beforeAll(async () => {
    const edited = millProgram(71, 35).replace('X1.', 'X1.5');
    changed = (await sentBackBy(floor, machine, 'GEAR-1.NC', edited)).retrievalId;
    secretReadback = (await sentBackBy(floor, machine, 'HSG-SECRET.NC', millProgram(72, 35))).retrievalId;
    hidden = secretReadback;
    // The same way again is no other difference, and what is as it was sent is none.
    await sentBackBy(floor, machine, 'GEAR-1.NC', edited);
    same = (await sentBackBy(floor, machine, 'GEAR-1.NC', millProgram(71))).retrievalId;
    const mill = floor.standing.machine(machine as MachineId)?.machine as Machine;
    const sshKeys = [newSshKeyPair().public.trim().split(' ').slice(0, 2).join(' ')];
    await floor.change({ kind: 'machine.register', machine: { ...mill, id: 'HAAS-VF-08' as MachineId, sshKeys } });
    await deliveredTo(floor, open.releaseId, 'HAAS-VF-08', 'GEAR-1.NC');
  });

  test('stands in the trace of its serial and its machine by consequence, and opens as both sides, their difference and their paths', async () => {
    const { quality } = floor.people;
    for (const query of ['serial=SN-0417', `machine=${machine}`, `release=${open.releaseId}`]) {
      const [found] = (await trace(quality, query)).differences.filter(({ retrievalId }) => retrievalId === changed);
      expect([query, found]).toMatchObject([
        query,
        { machineId: machine, file: 'GEAR-1.NC', held: true, counts: { geometry: 1, 'feed-speed': 1 } },
      ]);
    }
    const elsewhere = await trace(quality, 'machine=HAAS-VF-08');
    expect([elsewhere.releases.length, elsewhere.differences]).toEqual([1, []]);
    expect((await trace(quality, 'part=GEAR-1')).differences).toHaveLength(1);
    expect(await answers(quality, same)).toEqual(sides.map(() => 'not-found'));
    const [difference, delivered, received, ...paths] = await Promise.all(
      sides.map((side) => floor.ask(quality, 'GET', `/readbacks/${changed}/${side}`)),
    );
    expect(Difference.parse(difference?.json()).after.digest).toBe(digestOf(received?.rawPayload ?? ''));
    expect(delivered?.body).toBe(millProgram(71));
    expect(received?.headers['content-security-policy']).toBe("default-src 'none'; sandbox");
    const ends = paths.map(({ rawPayload }) => parseToolpath(Uint8Array.from(rawPayload).buffer).points.at(-3));
    expect(ends).toEqual([expect.closeTo(25.4, 3), expect.closeTo(1.5 * 25.4, 3)]);
    await floor.commit();
    const looked = sequencedEntries(floor.reader, 0, floor.core.ledger.size);
    const shown = digestOf(canonicalJson([open.packageId, 'GEAR-1.NC', digestOf(received?.rawPayload ?? '')]));
    expect([...looked].map(({ event }) => event)).toContainEqual(
      expect.objectContaining({
        type: 'access.listed',
        data: expect.objectContaining({ what: 'file', digest: shown }),
      }),
    );
  });

  test('is nothing to whoever may not see what it came from, as what never came back is', async () => {
    const { foreign, quality, operator, administrator } = floor.people;
    const none = sides.map(() => 'not-found');
    for (const who of [foreign, operator, administrator]) expect(await answers(who, hidden)).toEqual(none);
    expect(await answers(quality, 'RTV-0000000000')).toEqual(none);
    expect(await answers(quality, hidden)).toEqual(sides.map(() => 200));
    expect((await trace(foreign, `machine=${machine}`)).differences.map(({ file }) => file)).toEqual(['GEAR-1.NC']);
  });
});

describe('somebody who is no US person', () => {
  test('gets nothing of an ITAR job from any address that there is', async () => {
    const { foreign, quality } = floor.people;
    const answers = async (who: Known) => {
      const said: string[] = [];
      for (const url of await everyAddress()) said.push(`${url} ${(await floor.ask(who, 'GET', url)).body}`);
      return said;
    };
    const shown = (said: string[]) =>
      said.filter((text) => secrets.some((word) => text.slice(text.indexOf(' ')).includes(word)));
    expect(shown(await answers(foreign))).toEqual([]);
    // The same addresses show it to somebody who may see it, so that the silence above means something.
    expect(shown(await answers(quality)).length).toBeGreaterThan(20);
  });
});

const never = new Set(['/events', '/session', '/session/passkey', '/session/oidc', '/session/oidc/callback']);

/** Every route that reads, with every id of the ITAR job and whatever finds it. */
async function everyAddress(): Promise<string[]> {
  const { paths } = (await floor.ask(undefined, 'GET', '/openapi.json')).json<{
    paths: Record<string, Record<string, unknown>>;
  }>();
  const { manifest } = floor.standing.release(secret.releaseId) as NonNullable<
    ReturnType<typeof floor.standing.release>
  >;
  const depositId = [...Array(20).keys()].map((n) => `DEP-${String(n).padStart(10, '0')}`);
  const values: Record<string, readonly string[]> = {
    packageId: [secret.packageId],
    releaseId: [secret.releaseId],
    depositId,
    machineId: [machine as MachineId],
    person: ['CAM-1' as PersonId],
    retrievalId: [secretReadback],
    side: ['delivered', 'received'],
    name: manifest.files.map(({ name }) => name),
    index: [...Array(floor.core.ledger.size).keys()].map(String),
  };
  const digest = manifest.files[0]?.digest ?? digestOf('none');
  const queries: Record<string, readonly string[]> = {
    '/search': ['HSG', 'O0072', 'SN-S', 'WO-S', 'ECO-S', 'PAPER', secret.releaseId, digest].map((q) => `q=${q}`),
    '/trace': [
      ...['serial=SN-SECRET', 'workOrder=WO-SECRET', 'part=HSG-SECRET', `machine=${machine}`, `digest=${digest}`],
      ...[`release=${secret.releaseId}`, 'person=CAM-1', `date=${new Date(floor.clock()).toISOString().slice(0, 10)}`],
    ],
    '/runs': [
      'serial=SN-SECRET',
      'workOrder=WO-SECRET',
      'part=HSG-SECRET',
      `releaseId=${secret.releaseId}`,
      `machineId=${machine}`,
    ],
    '/packages': ['', 'order=due&state=released', 'part=HSG-SECRET'],
    '/deposits': ['', 'mine=yes'],
    '/programs': ['', 'q=HSG'],
    '/packages/{packageId}/files/{name}': ['', 'for=view'],
  };
  return Object.entries(paths).flatMap(([path, methods]) => {
    if (!('get' in methods) || never.has(path) || path.includes('tile/')) return [];
    let urls = [path];
    for (const [, parameter = ''] of path.matchAll(/\{(\w+)\}/g))
      urls = urls.flatMap((url) => (values[parameter] ?? ['0']).map((value) => url.replace(`{${parameter}}`, value)));
    return urls.flatMap((url) => (queries[path] ?? ['']).map((query) => (query === '' ? url : `${url}?${query}`)));
  });
}
