import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PackageId, ReleaseId } from '../../../src/domain/ids.ts';
import { DepositList } from '../../../src/edges/http/contract/deposits.ts';
import { PackageList, ProgramList, ReleaseList } from '../../../src/edges/http/contract/packages.ts';
import { type Hit, HitList } from '../../../src/edges/http/contract/search.ts';
import {
  deliveredTo,
  type Known,
  millProgram,
  openScreensFloor,
  type ScreensFloor,
  sidecarOf,
} from '../../helpers/screens-floor.ts';

const itar = { jurisdiction: 'ITAR', usmlCategory: 'VIII(h)' };

let floor: ScreensFloor;
let released: PackageId;
let releaseId: ReleaseId;
const waiting: PackageId[] = [];

beforeAll(async () => {
  floor = await openScreensFloor();
  released = await floor.admitted(sidecarOf('GEAR-1'), { 'GEAR-1.NC': millProgram(71) });
  releaseId = (await floor.release(released)) as ReleaseId;
  for (const [n, due] of ['2027-05-02', '2027-05-01', undefined].entries())
    waiting.push(
      await floor.admitted(sidecarOf(`BRKT-${n}`, due ? { due } : {}), { [`BRKT-${n}.NC`]: millProgram(20 + n) }),
    );
  waiting.push(
    await floor.admitted(sidecarOf('HSG-7', { classification: itar, due: '2027-04-01' }), {
      'HSG-7.NC': millProgram(7),
    }),
  );
  await deliveredTo(floor, releaseId, 'HAAS-VF-07', 'GEAR-1.NC');
  const run = {
    ...{
      releaseId,
      machineId: 'HAAS-VF-07',
      workOrder: 'WO-88120',
      serials: ['SN-0417', 'SN-0418'],
      operator: 'OP-11',
    },
    startedAt: '2026-11-12T14:03:00.000Z',
  };
  expect((await floor.ask(floor.people.operator, 'POST', '/runs', run)).statusCode).toBe(201);
});
afterAll(() => floor.close());

const packages = async (who: Known | undefined, query: string) => {
  const list = PackageList.parse((await floor.ask(who, 'GET', `/packages?${query}`)).json());
  return { ...list, parts: list.packages.map(({ part }) => part) };
};

describe('the queue', () => {
  test('has what is wanted first on top, and what has no day at its end', async () => {
    const { quality, author } = floor.people;
    expect((await packages(quality, 'order=due')).parts).toEqual(['HSG-7', 'BRKT-1', 'BRKT-0', 'BRKT-2']);
    const { packages: mine } = await packages(quality, 'turn=me');
    expect(mine.map(({ part }) => part)).toEqual(['HSG-7', 'BRKT-1', 'BRKT-0', 'BRKT-2']);
    expect(mine[0]).toMatchObject({ due: '2027-04-01', waiting: { routeId: 'itar', yourRoles: ['quality'] } });
    expect((await packages(author, 'turn=me')).parts).toEqual([]);
    expect((await packages(author, 'turn=export-compliance')).parts).toEqual([]);
    expect((await packages(author, 'turn=quality')).parts).toHaveLength(4);
  });

  test('shows an ITAR job to nobody who is no US person, by whatever they filter', async () => {
    const { foreign } = floor.people;
    for (const query of ['order=due', 'turn=me', 'turn=quality', 'part=HSG-7', 'state=submitted', 'rows=50'])
      expect([query, (await packages(foreign, query)).parts.includes('HSG-7')]).toEqual([query, false]);
  });

  test('goes on page by page, over what is hidden too, and ends', async () => {
    for (const query of ['order=due', 'order=newest', 'turn=me']) {
      const { foreign } = floor.people;
      const seen: string[] = [];
      for (let after = ''; ; ) {
        const page = await packages(foreign, `${query}&rows=1${after}`);
        seen.push(...page.parts);
        if (page.next === undefined) break;
        after = `&after=${page.next}`;
      }
      expect([...seen].sort()).toEqual((await packages(foreign, query)).parts.sort());
      expect(new Set(seen).size).toBe(seen.length);
    }
  });

  test('narrows to a state, a part or an author, and refuses what it does not know', async () => {
    const { quality } = floor.people;
    expect((await packages(quality, 'state=released')).parts).toEqual(['GEAR-1']);
    expect((await packages(quality, 'part=gear-1')).parts).toEqual(['GEAR-1']);
    expect((await packages(quality, 'author=CAM-9')).parts).toEqual([]);
    for (const query of ['state=open', 'turn=you', 'after=1;2', 'order=due&order=newest', 'colour=red'])
      expect([query, (await floor.ask(quality, 'GET', `/packages?${query}`)).statusCode]).toEqual([query, 400]);
  });
});

test('jobs are listed with what is in force for each and what waits', async () => {
  const list = ProgramList.parse((await floor.ask(floor.people.author, 'GET', '/programs?rows=2')).json());
  expect(list.programs.map(({ part, open }) => [part, open.length])).toEqual([
    ['BRKT-0', 1],
    ['BRKT-1', 1],
  ]);
  const next = await floor.ask(
    floor.people.author,
    'GET',
    `/programs?q=GEAR&after=${encodeURIComponent(list.next ?? '')}`,
  );
  expect(ProgramList.parse(next.json()).programs).toMatchObject([{ part: 'GEAR-1', released: { releaseId } }]);
  const foreign = ProgramList.parse((await floor.ask(floor.people.foreign, 'GET', '/programs')).json());
  expect(foreign.programs.map(({ part }) => part)).not.toContain('HSG-7');
});

test('releases are listed with their banner, newest first', async () => {
  const list = ReleaseList.parse((await floor.ask(floor.people.quality, 'GET', '/releases?state=in-force')).json());
  expect(list.releases).toMatchObject([{ releaseId, part: 'GEAR-1', banner: 'not export controlled', reason: null }]);
});

describe('a deposit in quarantine', () => {
  test('is shown to whoever sent it, with why, and to nobody else', async () => {
    const { author, quality } = floor.people;
    const blocked = millProgram(90).replace('N30', '\u0001N30');
    const { depositId, outcome } = await floor.deposit(sidecarOf('BAD-1'), { 'BAD-1.NC': blocked }, author);
    expect(outcome.state).toBe('rejected');
    const list = DepositList.parse((await floor.ask(author, 'GET', '/deposits?mine=yes&state=rejected')).json());
    expect(list.deposits).toMatchObject([{ depositId, state: 'rejected', person: 'CAM-1' }]);
    expect(list.deposits[0]?.reasons).toMatchObject([{ code: 'inspection-blocked' }]);
    expect((await floor.ask(author, 'GET', `/deposits/${depositId}`)).statusCode).toBe(200);
    expect((await floor.ask(quality, 'GET', `/deposits/${depositId}`)).statusCode).toBe(404);
    expect(DepositList.parse((await floor.ask(quality, 'GET', '/deposits?state=rejected')).json()).deposits).toEqual(
      [],
    );
  });
});

describe('a search', () => {
  const hits = async (who: Known | undefined, q: string): Promise<Hit[]> =>
    HitList.parse((await floor.ask(who, 'GET', `/search?q=${encodeURIComponent(q).replaceAll("'", '%27')}`)).json())
      .hits;

  test('finds by whatever a person reads off paper, a part or a control', async () => {
    const { quality } = floor.people;
    const digest = floor.standing.release(releaseId)?.manifest.files[0]?.digest ?? '';
    for (const [q, kind, id] of [
      ['gear', 'package', released],
      ['O0071', 'file', released],
      ['GEAR-1.NC', 'file', released],
      ['sn-0417', 'serial', 'SN-0417'],
      ['WO-88', 'work-order', 'WO-88120'],
      ['ECO-1', 'package', released],
      ['HAAS', 'machine', 'HAAS-VF-07'],
      ['me-2', 'person', 'ME-2'],
      [digest, 'file', released],
      [digest.slice(7, 15), 'file', released],
      [releaseId.toLowerCase(), 'release', releaseId],
      ['5', 'entry', '5'],
    ] as const)
      expect([q, (await hits(quality, q)).map((hit) => [hit.kind, hit.id])]).toEqual([
        q,
        expect.arrayContaining([[kind, id]]),
      ]);
    expect(await hits(quality, 'NOTHING-LIKE-IT')).toEqual([]);
    expect((await floor.ask(quality, 'GET', '/search?q=')).statusCode).toBe(400);
  });

  test('takes wildcards and quotes for what they are', async () => {
    for (const q of ['%', '_', "' OR 1=1 --", '*', 'G%'])
      expect([q, await hits(floor.people.quality, q)]).toEqual([q, []]);
  });

  test('finds nothing of a job that the asker may not see', async () => {
    const hidden = floor.standing.openPackage(waiting[3] ?? '')?.manifest.files[0]?.digest ?? '';
    for (const q of ['HSG', 'HSG-7.NC', 'O0007', waiting[3] ?? '', hidden])
      expect([q, await hits(floor.people.foreign, q)]).toEqual([q, []]);
    expect(await hits(floor.people.quality, 'HSG')).not.toEqual([]);
  });
});
