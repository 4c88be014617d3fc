import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { GroupId, MachineId, PackageId } from '../../../src/domain/ids.ts';
import { Difference } from '../../../src/domain/nc-difference.ts';
import { AgainstView, type PackagePage, PackagePage as Page } from '../../../src/edges/http/contract/package-page.ts';
import { millProgram, openScreensFloor, type ScreensFloor, sidecarOf } from '../../helpers/screens-floor.ts';

const itar = { jurisdiction: 'ITAR', usmlCategory: 'VIII(h)', cuiMarkings: ['SP-EXPT'] };
const setUp = { name: 'SETUP.txt', role: 'setup-sheet' };

let floor: ScreensFloor;
let first: PackageId;
let second: PackageId;
let secret: PackageId;

beforeAll(async () => {
  floor = await openScreensFloor();
  const job = sidecarOf('BRKT-1', { files: [{ name: 'BRKT-1.NC', role: 'main-program' }, setUp] });
  first = await floor.admitted({ ...job, revision: 'A' }, { 'BRKT-1.NC': millProgram(1), 'SETUP.txt': 'Vice 6"\n' });
  await floor.release(first);
  second = await floor.admitted(
    { ...job, revision: 'B', due: '2027-03-01' },
    { 'BRKT-1.NC': millProgram(1, 18, 1.003), 'SETUP.txt': 'Vice 8"\n' },
  );
  secret = await floor.admitted(sidecarOf('HSG-9', { classification: itar }), { 'HSG-9.NC': millProgram(9) });
});
afterAll(() => floor.close());

const pageFor = async (who: Parameters<ScreensFloor['ask']>[0], id: string): Promise<PackagePage> =>
  Page.parse((await floor.ask(who, 'GET', `/packages/${id}/page`)).json());
const act = (page: PackagePage, which: string, role?: string) =>
  page.acts.find((one) => one.act === which && (role === undefined || one.role === role));

describe('the page of a package', () => {
  test('has in one answer the manifest, the findings, the route with who is missing, and what came before', async () => {
    const page = await pageFor(floor.people.quality, second);
    expect(page).toMatchObject({ packageId: second, state: 'submitted', banner: 'not export controlled' });
    expect(page.manifest.due).toBe('2027-03-01');
    expect(page.deposit.findings.map(({ rule }) => rule)).not.toEqual([]);
    expect(page.checks.find(({ check }) => check === 'text')).toEqual({ check: 'text', state: 'passed', findings: 0 });
    expect(page.missing).toEqual([
      { step: 0, role: 'manufacturing-engineer', count: 1, open: true, people: ['ME-2', 'QA-FR'] },
      { step: 0, role: 'quality', count: 1, open: true, people: ['QA-1', 'QA-FR'] },
    ]);
    expect(page.previous).toMatchObject({ packageId: first, revision: 'A', state: 'in-force' });
    expect(page.firstArticle).toMatchObject({ against: page.previous?.releaseId });
    expect(page.timeline.map(({ type }) => type)).toEqual([
      'deposit.received',
      'deposit.inspected',
      'deposit.admitted',
      'package.submitted',
    ]);
    for (const { index, sentence } of page.timeline) expect([index > 0, sentence.length > 0]).toEqual([true, true]);
  });

  test('has the thread begin that compares programs, where there is something to compare with', async () => {
    const expected = vi.spyOn(floor.parts.programs, 'expect');
    await pageFor(floor.people.quality, first);
    expect(expected).not.toHaveBeenCalled();
    await pageFor(floor.people.quality, second);
    expect(expected).toHaveBeenCalledOnce();
    expected.mockRestore();
  });

  test('will have it, where the program is long, from the moment when that is admitted', async () => {
    const expected = vi.spyOn(floor.parts.programs, 'expect');
    const long = (comments: number) =>
      millProgram(71).replace('N40', `${'(SOME WORDS OF NO CONSEQUENCE)\n'.repeat(comments)}N40`);
    await floor.admitted(sidecarOf('LONG-1'), { 'LONG-1.NC': long(30_000) });
    expect(expected).not.toHaveBeenCalled();
    await floor.admitted(sidecarOf('LONG-2'), { 'LONG-2.NC': long(34_000) });
    expect(expected).toHaveBeenCalledOnce();
    expected.mockRestore();
  });

  test('says in words what is changed in a program on its way to its control, and what it is called there', async () => {
    const mill = floor.standing.machine('HAAS-VF-07')?.machine;
    if (!mill) throw new Error('no machine to be like');
    const fanuc = { ...mill, id: 'HMC-1' as MachineId, groups: ['FANUC-HMC' as GroupId] };
    await floor.change({ kind: 'machine.register', machine: fanuc });
    const id = await floor.admitted(sidecarOf('HOOK-7', { machineGroup: 'FANUC-HMC' }), {
      'HOOK-7.NC': millProgram(7),
    });
    const page = await pageFor(floor.people.quality, id);
    const name = 'HOOK-7.NC.to-control';
    expect(page.forms).toEqual([{ name, changes: ['blocks end in LF', '% first and last'] }]);
    expect(page.manifest.files).toMatchObject([
      { role: 'main-program' },
      { name, role: 'to-control', made: { from: 'HOOK-7.NC', as: 'O0007' } },
    ]);
    expect((await pageFor(floor.people.quality, first)).forms).toEqual([]);
  });

  test('says what the asker may do, and under each button that is off why', async () => {
    const [quality, author, exporter] = await Promise.all([
      pageFor(floor.people.quality, second),
      pageFor(floor.people.author, second),
      pageFor(floor.people.export, second),
    ]);
    expect(act(quality, 'approve')).toMatchObject({ allowed: true, role: 'quality', decidesFirstArticle: true });
    expect(act(quality, 'withdraw')).toMatchObject({ allowed: true });
    expect(act(author, 'approve')).toMatchObject({ allowed: false, code: 'role-not-on-route' });
    expect(act(author, 'withdraw')).toMatchObject({ allowed: false, code: 'policy-denied' });
    expect(act(author, 'compare')).toMatchObject({ allowed: true });
    expect(act(exporter, 'approve')).toMatchObject({ allowed: false, code: 'role-not-on-route' });
    const onHost = await pageFor(undefined, second);
    expect(act(onHost, 'approve')).toMatchObject({ allowed: false, code: 'forbidden' });
  });

  test('lets nobody approve twice, out of turn or what is released', async () => {
    const other = await floor.enrol('QA-2', ['quality', 'export-compliance']);
    const waiting = await floor.admitted(sidecarOf('TWICE', { classification: itar }), { 'TWICE.NC': millProgram(3) });
    const early = await pageFor(other, waiting);
    expect(act(early, 'approve', 'export-compliance')).toMatchObject({ allowed: false, code: 'out-of-order' });
    expect(act(early, 'approve', 'quality')).toMatchObject({ allowed: true });
    expect(early.missing.find(({ role }) => role === 'export-compliance')).toMatchObject({ open: false });
    await floor.approve(other, 'quality', waiting);
    const later = await pageFor(other, waiting);
    expect(act(later, 'approve', 'quality')).toMatchObject({ allowed: false, code: 'already-counted' });
    expect(act(later, 'approve', 'export-compliance')).toMatchObject({ allowed: false, code: 'already-counted' });
    expect(later.missing.flatMap(({ people }) => people)).not.toContain('QA-2');
    expect(act(await pageFor(floor.people.quality, first), 'approve')).toMatchObject({
      allowed: false,
      code: 'state-forbids',
    });
  });

  test('of an ITAR job is none for somebody who is no US person, and names none of them as missing', async () => {
    const { foreign, quality } = floor.people;
    for (const of of ['page', 'against', 'difference/HSG-9.NC', 'toolpath/HSG-9.NC', 'files/HSG-9.NC?for=view'])
      expect([of, (await floor.ask(foreign, 'GET', `/packages/${secret}/${of}`)).statusCode]).toEqual([of, 404]);
    const page = await pageFor(quality, secret);
    expect(page).toMatchObject({ controlled: true, banner: 'CUI // SP-EXPT · ITAR VIII(h)' });
    expect(page.missing.flatMap(({ people }) => people)).not.toContain('QA-FR');
  });
});

describe('the programs of a package', () => {
  test('are compared by consequence with the release in force, without anybody having drafted anything', async () => {
    const answer = await floor.ask(floor.people.engineer, 'GET', `/packages/${second}/difference/BRKT-1.NC`);
    const difference = Difference.parse(answer.json());
    expect(difference).toMatchObject({ verdict: 'changed', counts: { 'feed-speed': 1, geometry: 1 } });
    expect(difference.path).toMatchObject({ state: 'differs', unit: 'inch' });
    expect(difference.hunks[0]?.before).toEqual({ from: 5, to: 5 });
    const against = AgainstView.parse((await floor.ask(undefined, 'GET', `/packages/${second}/against`)).json());
    expect(against).toMatchObject({ packageId: first, revision: 'A', state: 'released' });
    expect(against.files.map(({ name, before, after }) => [name, before?.digest === after?.digest])).toContainEqual([
      'SETUP.txt',
      false,
    ]);
  });

  test('are compared with any other package that the asker names, both ways', async () => {
    const url = `/packages/${first}/difference/BRKT-1.NC?against=${second}`;
    const difference = Difference.parse((await floor.ask(floor.people.engineer, 'GET', url)).json());
    expect(difference.before.digest).not.toBe(difference.after.digest);
    const none = await floor.ask(floor.people.engineer, 'GET', `/packages/${first}/difference/BRKT-1.NC`);
    expect(none.json()).toMatchObject({ code: 'not-found', detail: 'There is no earlier release of this job.' });
    const other = await floor.ask(floor.people.engineer, 'GET', `/packages/${second}/difference/OTHER.NC`);
    expect(other.json()).toMatchObject({ code: 'not-found' });
  });

  test('are compared with nothing that the asker may not see: what is hidden and what is not there are one', async () => {
    const { foreign } = floor.people;
    for (const of of [
      'against?',
      'difference/BRKT-1.NC?',
      'toolpath/BRKT-1.NC?of=before&',
      'files/BRKT-1.NC/before?',
    ]) {
      const ask = (against: string) => floor.ask(foreign, 'GET', `/packages/${first}/${of}against=${against}`);
      expect([of, (await ask(second)).statusCode]).toEqual([of, 200]);
      const [hidden, unknown] = [await ask(secret), await ask('PKG-0000000000')];
      expect([hidden.statusCode, hidden.body]).toEqual([404, unknown.body]);
      for (const hostile of ['', '..%2Fx', `${second}%00`, 'REL-1', '%3Cscript%3E', `${second}&against=${second}`])
        expect((await ask(hostile)).json()).toMatchObject({ status: 400, code: 'request-invalid' });
    }
  });

  test('give their path as arrays that a screen maps without reading them', async () => {
    const answer = await floor.ask(floor.people.engineer, 'GET', `/packages/${second}/toolpath/BRKT-1.NC`);
    const { header, at } = unpack(answer.rawPayload);
    expect(header).toMatchObject({ unit: 'millimetre', end: 'program-end' });
    const points = new Float32Array(at('points'));
    expect(header.points * 3).toBe(points.length);
    expect(points.slice(-3)[0]).toBeCloseTo(1.003 * 25.4, 3);
    expect([...new Uint32Array(at('line'))]).toEqual([4, 5]);
    expect([...new Uint8Array(at('kind'))]).toEqual([0, 1]);
    const before = await floor.ask(floor.people.engineer, 'GET', `/packages/${second}/toolpath/BRKT-1.NC?of=before`);
    expect(new Float32Array(unpack(before.rawPayload).at('points')).slice(-3)[0]).toBeCloseTo(25.4, 3);
  });

  test('and their papers are shown as what they are and nothing that runs, and taken away only by those who may', async () => {
    const view = await floor.ask(floor.people.author, 'GET', `/packages/${second}/files/SETUP.txt?for=view`);
    expect(view.body).toBe('Vice 8"\n');
    expect(view.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
    });
    const taken = await floor.ask(floor.people.author, 'GET', `/packages/${second}/files/SETUP.txt`);
    expect(taken.json()).toMatchObject({ code: 'policy-denied' });
    const before = await floor.ask(floor.people.author, 'GET', `/packages/${second}/files/SETUP.txt/before`);
    expect(before.body).toBe('Vice 6"\n');
  });
});

type Header = { points: number; arrays: { name: string; offset: number; length: number; type: string }[] };
const widths: Record<string, number> = { f32: 4, u32: 4, u16: 2, u8: 1 };

function unpack(bytes: Buffer): { header: Header; at(name: string): ArrayBuffer } {
  expect(bytes.subarray(0, 8).toString()).toBe('KWTP0001');
  const length = bytes.readUInt32LE(8);
  const header = JSON.parse(bytes.subarray(12, 12 + length).toString()) as Header;
  const start = Math.ceil((12 + length) / 4) * 4;
  return {
    header,
    at(name) {
      const array = header.arrays.find((one) => one.name === name);
      if (!array) throw new Error(`no array ${name}`);
      const from = start + array.offset;
      const end = from + array.length * (widths[array.type] ?? 0);
      return Uint8Array.from(bytes.subarray(from, end)).buffer;
    },
  };
}
