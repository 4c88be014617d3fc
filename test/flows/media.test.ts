import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Floor, simpleProgram } from '../helpers/floor.ts';

const program = simpleProgram(1001);
let floor: Floor;
let stick: string;
const on = (...path: string[]) => join(stick, ...path);

describe('a stick for a machine without a network', () => {
  beforeAll(async () => {
    floor = await Floor.open();
    await floor.crew();
    const place = ['--group', 'HAAS-VF', '--cell', 'C9', '--country', 'US', '--jurisdiction', 'none'];
    await floor.done('machine', 'add', 'OKUMA-2', '--channel', 'media', ...place);
    await floor.done('machine', 'add', 'OKUMA-3', '--channel', 'media', ...place);
    floor.drop('ONE.keyway.json', floor.sidecar('ONE', 'O1001.NC'), { 'O1001.NC': program });
    floor.drop('TWO.keyway.json', floor.sidecar('TWO', 'O1002.NC'), { 'O1002.NC': simpleProgram(1002) });
    for (const job of ['ONE', 'TWO']) await floor.release(await floor.admitted(job));
    stick = join(floor.stage.folder, 'stick');
    mkdirSync(on('System Volume Information'), { recursive: true });
  });
  afterAll(() => floor.close());

  const issue = ['media', 'issue', 'OKUMA-2', '--number', 'STICK-17', '--to'];
  const types = async () => {
    const { entries } = (await floor.done('ledger', 'tail', '--count', '300')).out as { entries: { type: string }[] };
    return entries.map(({ type }) => type);
  };

  it('is issued empty and once, with every program, its signature and a manifest that proves itself', async () => {
    writeFileSync(on('GAME.EXE'), 'MZ');
    expect(await floor.refused(...issue, stick)).toMatchObject({ code: 'request-invalid', field: '--to' });
    rmSync(on('GAME.EXE'));
    await floor.done(...issue, stick);
    expect(readFileSync(on('O1001.NC'), 'utf8')).toBe(program);
    expect(readdirSync(on('KEYWAY')).sort()).toEqual(['O1001.NC.p7s', 'O1002.NC.p7s', 'manifest.json']);
    await floor.done('verify', on('O1001.NC'), on('KEYWAY', 'O1001.NC.p7s'));
    expect((await floor.done('media', 'check', stick)).out).toMatchObject({ number: 'STICK-17', asIssued: true });
    const all = await types();
    expect(all.filter((type) => type === 'media.issued')).toHaveLength(1);
    expect(all.filter((type) => type === 'delivery.completed')).toHaveLength(4);
    const again = join(floor.stage.folder, 'another');
    mkdirSync(again);
    expect(await floor.refused(...issue, again)).toMatchObject({ code: 'conflict' });
    expect((await floor.done('media', 'list')).out).toMatchObject([{ number: 'STICK-17', machineId: 'OKUMA-2' }]);
  });

  it('is taken back from its own machine only, and from no other stick', async () => {
    const back = ['media', 'return', stick, '--machine'];
    expect(await floor.refused(...back, 'OKUMA-3')).toMatchObject({ code: 'conflict' });
    expect(await floor.refused('media', 'return', floor.stage.folder, '--machine', 'OKUMA-2')).toMatchObject({
      code: 'request-invalid',
    });
    const manifest = on('KEYWAY', 'manifest.json');
    const before = readFileSync(manifest, 'utf8');
    const said = JSON.parse(before) as { body: string };
    const body = Buffer.from(said.body, 'base64').toString().replace('STICK-17', 'STICK-18');
    writeFileSync(manifest, JSON.stringify({ ...said, body: Buffer.from(body).toString('base64') }));
    expect(await floor.refused(...back, 'OKUMA-2')).toMatchObject({ code: 'not-verified' });
    writeFileSync(manifest, before);
  });

  it('is read back when it returns: what was changed, what is missing, and what does not belong there', async () => {
    writeFileSync(on('O1001.NC'), program.replace('M30', 'G1 X99.\nM30'));
    rmSync(on('O1002.NC'));
    writeFileSync(on('O7777.NC'), simpleProgram(7777));
    writeFileSync(on('AUTORUN.INF'), '[autorun]');
    symlinkSync('/etc/passwd', on('O9.NC'));
    mkdirSync(on('BACKUP'));
    const checked = await floor.refusedToVerify('media', 'check', stick);
    expect(checked).toMatchObject({ asIssued: false, foreign: ['O7777.NC'] });
    const returned = await floor.refusedToVerify('media', 'return', stick, '--machine', 'OKUMA-2');
    expect(returned).toMatchObject({
      programs: [
        { name: 'O1001.NC', verdict: 'different' },
        { name: 'O7777.NC', verdict: 'unmatched' },
      ],
      missing: ['O1002.NC'],
      odd: [
        { name: 'AUTORUN.INF', what: 'starts-by-itself' },
        { name: 'BACKUP', what: 'folder' },
        { name: 'O9.NC', what: 'link' },
      ],
    });
    expect(await types()).toEqual(expect.arrayContaining(['media.returned', 'release.held', 'deposit.proposed']));
    expect((await floor.done('media', 'list')).out).toEqual([]);
    expect(await floor.refused('media', 'return', stick, '--machine', 'OKUMA-2')).toMatchObject({ code: 'not-found' });
  });

  it('that broke while it was written is taken back by its issue, and its number is free again', async () => {
    const broken = join(floor.stage.folder, 'broken');
    mkdirSync(broken);
    await floor.done('media', 'issue', 'OKUMA-3', '--number', 'STICK-18', '--to', broken);
    // All that a kill leaves: the manifest is written last.
    rmSync(join(broken, 'KEYWAY', 'manifest.json'));
    rmSync(join(broken, 'O1002.NC'));
    const back = ['media', 'return', broken, '--machine', 'OKUMA-3'];
    expect((await floor.refused(...back)).message).toContain('--issue');
    expect(await floor.refused(...back, '--issue', 'MED-0000000000')).toMatchObject({ code: 'not-found' });
    const [out] = (await floor.done('media', 'list')).out as { mediaId: string }[];
    const returned = await floor.refusedToVerify(...back, '--issue', out?.mediaId ?? '');
    expect(returned).toMatchObject({
      programs: [{ name: 'O1001.NC', verdict: 'identical' }],
      missing: ['O1002.NC'],
    });
    expect((await floor.done('media', 'list')).out).toEqual([]);
  });
});
