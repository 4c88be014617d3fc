import { writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Action } from '../../src/domain/decisions.ts';
import type { GroupId, MachineId, RetrievalId } from '../../src/domain/ids.ts';
import { limits } from '../../src/domain/limits.ts';
import type { Machine } from '../../src/domain/machines.ts';
import { newSshKeyPair } from '../../src/edges/sftp/ssh-keys.ts';
import { sequencedEntries } from '../../src/ledger/open.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { canonicalJson, digestOf } from '../../src/platform/hash.ts';
import { asPerson } from '../../src/services/authority.ts';
import { ControlDifferences, type ControlSide, controlSides } from '../../src/services/control-difference.ts';
import type { ProgramTask } from '../../src/services/program-task.ts';
import { parseToolpath } from '../../src/web/parts/toolpath/pack.ts';
import { deliveredTo, openScreensFloor, type ScreensFloor, sentBackBy, sidecarOf } from '../helpers/screens-floor.ts';

const machine = 'HMC-1';
const main = (x: number) => `%\nO0101\nG21 G90 G17\nG0 X0. Y0. Z0.\nM98 P0102\nG1 X${x}. F200.\nM30\n%\n`;
const bores = '%\nO0102\nG1 Y-7. F100.\nM99\n%\n';
/** As the control sends it: by its number, and without what its form put around it. */
const edited = main(-12);

let floor: ScreensFloor;
let packageId: string;
let releaseId: string;
let changed: RetrievalId;
const quality = asPerson('QA-1', { channel: 'https', encrypted: true });

beforeAll(async () => {
  floor = await openScreensFloor();
  const mill = floor.standing.machine('HAAS-VF-07' as MachineId)?.machine as Machine;
  const sshKeys = [newSshKeyPair().public.trim().split(' ').slice(0, 2).join(' ')];
  await floor.change({
    kind: 'machine.register',
    machine: { ...mill, id: machine as MachineId, groups: ['FANUC-HMC' as GroupId], sshKeys },
  });
  const files = [
    { name: 'HOUSING.NC', role: 'main-program' },
    { name: 'BORES.NC', role: 'subprogram' },
    { name: 'SETUP.txt', role: 'setup-sheet' },
  ];
  const id = await floor.admitted(sidecarOf('HSG-1', { machineGroup: 'FANUC-HMC', files }), {
    ...{ 'HOUSING.NC': main(-10).replaceAll('\n', '\r\n'), 'BORES.NC': bores.replaceAll('\n', '\r\n') },
    'SETUP.txt': 'Vice at X10.\n',
  });
  packageId = id;
  releaseId = await floor.release(id);
  for (const name of ['HOUSING.NC.to-control', 'SETUP.txt']) await deliveredTo(floor, releaseId, machine, name);
  changed = (await sentBackBy(floor, machine, 'O0101', edited)).retrievalId;
});
afterAll(() => floor.close());

const pathOf = async (side: ControlSide, id = changed) => {
  const bytes = await floor.parts.controlDifferences.toolpath(quality, id, side);
  return parseToolpath(Uint8Array.from(bytes).buffer);
};
const refusal = (code: string) => expect.objectContaining({ code });

describe('the path of what a control changed', () => {
  test('is that of what was sent and that of what came back, each with the subprogram that the control has beside it', async () => {
    for (const [side, x] of [
      ['delivered', -10],
      ['received', -12],
    ] as const) {
      const { points, line, program, programs, notes } = await pathOf(side);
      expect([...points.subarray(-3)]).toEqual([x, -7, 0]);
      expect([programs, [...program], [...line]]).toEqual([
        ['O0101', 'O0102'],
        [0, 1, 0],
        [4, 3, 6],
      ]);
      expect(notes).toEqual([]);
    }
  });

  test('is computed with one program of each name, and with the one that came back out of quarantine', async () => {
    const tasks: ProgramTask[] = [];
    const of = async (task: ProgramTask) => Buffer.from(`${tasks.push(task)}`);
    const { browse } = floor.parts;
    const differences = new ControlDifferences({
      ...{ catalog: floor.catalog, vault: floor.vault, browse, computed: { of } },
      profiles: { forGroup: () => undefined },
    });
    for (const side of controlSides) await differences.toolpath(quality, changed, side);
    // As it was deposited, which a control may fetch too: its form is no other program.
    await deliveredTo(floor, releaseId, machine, 'HOUSING.NC');
    const deposited = (await sentBackBy(floor, machine, 'HOUSING.NC', main(-11))).retrievalId;
    await differences.toolpath(quality, deposited, 'received');
    const { vault } = floor;
    const beside = { name: 'O0102', digest: digestOf(bores), path: vault.path(digestOf(bores)) };
    const all = [
      { name: 'O0101', digest: digestOf(main(-10)), path: vault.path(digestOf(main(-10))) },
      { name: 'O0101', digest: digestOf(edited), path: vault.quarantinePath(digestOf(edited)) },
      { name: 'HOUSING.NC', digest: digestOf(main(-11)), path: vault.quarantinePath(digestOf(main(-11))) },
    ];
    expect(tasks.map((task) => 'of' in task && task.of)).toEqual(
      all.map((one) => ({ name: one.name, programs: [one, beside] })),
    );
  });

  test('is put on record as its text is, by name and digest of what was shown', async () => {
    await pathOf('received');
    await floor.commit();
    const shown = digestOf(canonicalJson([packageId, 'O0101', digestOf(edited)]));
    const listed = [...sequencedEntries(floor.reader, 0, floor.core.ledger.size)].map(({ event }) => event.data);
    expect(listed).toContainEqual(expect.objectContaining({ what: 'file', digest: shown }));
  });

  test('is none where no difference could be made, where it is no program, and where that is too large', async () => {
    const again = (await sentBackBy(floor, machine, 'O0101', edited)).retrievalId;
    const paper = (await sentBackBy(floor, machine, 'SETUP.txt', 'Vice at X11.\n')).retrievalId;
    await expect(pathOf('received', again)).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('No difference'),
    });
    await expect(pathOf('received', paper)).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('no program'),
    });
    const catalog = new Database(loadConfig({ data: floor.folder }).paths.catalog);
    const resize = (bytes: number) =>
      catalog.prepare('UPDATE retrievals SET bytes = ? WHERE id = ?').run(bytes, changed);
    resize(limits.inspectWholeBytes + 1);
    await expect(pathOf('received')).rejects.toEqual(refusal('too-large'));
    expect((await pathOf('delivered')).segments).toBe(3);
    resize(limits.inspectWholeBytes);
    expect((await pathOf('received')).segments).toBe(3);
    catalog.close();
  });

  test('of bytes that are no text moves nothing, and takes nobody with it', async () => {
    const noise = Buffer.from(Array.from({ length: 4_000 }, (_, at) => (at * 167) % 256)).toString('latin1');
    const { retrievalId } = await sentBackBy(floor, machine, 'O0101', noise);
    expect((await pathOf('received', retrievalId)).bounds).toBeUndefined();
    expect((await pathOf('delivered', retrievalId)).segments).toBe(3);
  });

  test('is never that of other bytes: what the vault holds is held to its digest', async () => {
    const { retrievalId } = await sentBackBy(floor, machine, 'O0101', main(-13));
    writeFileSync(floor.vault.quarantinePath(digestOf(main(-13))), main(-14));
    await expect(pathOf('received', retrievalId)).rejects.toEqual(refusal('too-large'));
    await expect(floor.parts.controlDifferences.text(quality, retrievalId, 'received')).rejects.toEqual(
      refusal('bytes-differ'),
    );
  });
});

describe('who may see what a control changed', () => {
  const asked = (of: Pick<ControlDifferences, 'difference' | 'text' | 'toolpath'>, asker = quality) => [
    () => of.difference(asker, changed),
    ...controlSides.flatMap((side) => [() => of.text(asker, changed, side), () => of.toolpath(asker, changed, side)]),
  ];

  test('wants the right to view and the right to compare, also of a key that has one of them only', async () => {
    const key = (...limitedTo: Action[]) => ({ ...quality, limitedTo });
    const { controlDifferences, trace } = floor.parts;
    for (const [right, code] of [
      ['view', 'policy-denied'],
      ['compare', 'not-found'],
    ] as const) {
      for (const ask of asked(controlDifferences, key(right))) await expect(ask()).rejects.toEqual(refusal(code));
      expect((await trace.trace(key(right), 'machine', machine)).differences).toEqual([]);
    }
    for (const ask of asked(controlDifferences, key('view', 'compare'))) await ask();
    expect((await trace.trace(key('view', 'compare'), 'machine', machine)).differences).not.toEqual([]);
  });

  test('is decided before anything is read, and once more behind it: a right may end meanwhile', async () => {
    for (const [permits, expected] of [
      [0, []],
      [1, ['read', 'read', 'computed', 'read', 'computed']],
      [2, ['read', 'read', 'computed', 'read', 'computed']],
    ] as const) {
      const seen: string[] = [];
      const read = async () => Buffer.from(`${seen.push('read')}`);
      let rights = 0;
      const browse = {
        package: (...of: Parameters<typeof floor.parts.browse.package>) => floor.parts.browse.package(...of),
        shown: () => void seen.push('shown'),
        allowed: () => {
          if (rights-- <= 0) throw new Error('The right has ended.');
          return () => {};
        },
      };
      const differences = new ControlDifferences({
        ...{ catalog: floor.catalog, browse, profiles: { forGroup: () => undefined } },
        vault: { read, readQuarantined: read, path: String, quarantinePath: String },
        computed: { of: async () => Buffer.from(`${seen.push('computed')}`) },
      });
      for (const ask of asked(differences)) {
        rights = permits;
        await expect(ask()).rejects.toThrow('ended');
      }
      expect([permits, seen]).toEqual([permits, expected]);
    }
  });
});
