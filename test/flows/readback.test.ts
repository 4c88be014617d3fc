import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReadbackView } from '../../src/edges/http/contract/readbacks.ts';
import { Floor, simpleProgram, until } from '../helpers/floor.ts';
import { OpenSshHome, openSshVersion, run } from '../helpers/sftp-openssh.ts';

const program = simpleProgram(1001);
let floor: Floor;
let home: OpenSshHome;
let releaseId: string;

/** What an operator does at the control, by OpenSSH's own client. */
async function atControl(...lines: string[]) {
  const options = home.options(floor.served.sftp.port, floor.sshKey('HAAS-VF-07'));
  return run('sftp', [...options, '-b', '-', 'HAAS-VF-07@127.0.0.1'], {
    input: `${lines.join('\n')}\n`,
    cwd: home.folder,
  });
}
const readbacks = async (...args: string[]) =>
  (await floor.done('readback', 'list', '--machine', 'HAAS-VF-07', ...args)).out as ReadbackView[];
const states = async () =>
  ((await floor.done('machine', 'holds', 'HAAS-VF-07')).out as { as: string; state: string }[]).map(
    ({ as, state }) => `${as} ${state}`,
  );

describe.skipIf(openSshVersion() === undefined)('a program that was changed at the control', () => {
  beforeAll(async () => {
    floor = await Floor.open();
    home = new OpenSshHome();
    await floor.crew();
    floor.drop('PART.keyway.json', floor.sidecar('PART', 'O1001.NC'), { 'O1001.NC': program });
    releaseId = (await floor.release(await floor.admitted('PART'))).releaseId ?? '';
  });
  afterAll(async () => {
    await floor.close();
    home.remove();
  });

  it('was delivered, and what the machine holds is unknown until it is read back', async () => {
    expect(await atControl('get /current/O1001.NC')).toMatchObject({ code: 0 });
    expect(readFileSync(home.path('O1001.NC'), 'utf8')).toBe(program);
    expect(await states()).toEqual(['O1001.NC unknown']);
    expect(await atControl('put O1001.NC /from-machine/')).toMatchObject({ code: 0 });
    expect(await states()).toEqual(['O1001.NC identical']);
  });

  it('comes back, is told apart by what it does, and its release does not go there again', async () => {
    writeFileSync(home.path('O1001.NC'), program.replace('F20.', 'F45.'));
    expect(await atControl('put O1001.NC /from-machine/O1001.NC')).toMatchObject({ code: 0 });
    const [found] = await readbacks('--open');
    expect(found).toMatchObject({ verdict: 'different', releaseId, file: 'O1001.NC', held: true });
    expect(await states()).toEqual(['O1001.NC different']);
    const compared = await until('the difference', async () => {
      const shown = (await floor.stage.client().readback(found?.retrievalId ?? '')) as ReadbackView;
      return shown.sentences.length > 0 ? shown : undefined;
    });
    expect(compared.sentences.join(' ')).toMatch(/20.*45/);
    const listed = await atControl('ls /from-machine/different', 'ls /current');
    expect(listed.out).toMatch(/from-machine\/different\/O1001\.NC/);
    expect(listed.out).not.toMatch(/current\/O1001\.NC/);
    expect((await atControl('get /current/O1001.NC again.NC')).code).not.toBe(0);
  });

  it('is seen by whoever looks: in quarantine as a proposal, and as an alarm', async () => {
    const { deposits } = (await floor.done('status')).out as { deposits: { name: string; state: string }[] };
    expect(deposits).toMatchObject([{ name: 'O1001.NC from HAAS-VF-07', state: 'proposed' }]);
    const alarms = await floor.stage.client().alarms();
    expect(alarms).toMatchObject([{ code: 'nonconformance-open' }]);
  });

  it('can be taken up by a programmer, byte for byte, and overwrites nothing', async () => {
    const [found] = await readbacks('--open');
    const to = join(home.folder, 'edits');
    await floor.done('readback', 'fetch', found?.retrievalId ?? '', '--to', to);
    expect(readFileSync(join(to, 'O1001.NC'), 'utf8')).toBe(program.replace('F20.', 'F45.'));
    expect(await floor.refused('readback', 'fetch', found?.retrievalId ?? '', '--to', to)).toMatchObject({
      code: 'conflict',
    });
  });

  it('is resolved by quality, once, and then the released program goes there again', async () => {
    const [found] = await readbacks('--open');
    const resolve = [
      'readback',
      'resolve',
      found?.retrievalId ?? '',
      '--disposition',
      'reject',
      '--reason',
      'NCR 5512',
    ];
    await floor.done(...resolve);
    expect(await floor.refused(...resolve)).toMatchObject({ code: 'state-forbids' });
    expect(await readbacks('--open')).toEqual([]);
    expect(await floor.stage.client().alarms()).toEqual([]);
    expect(await atControl('get /current/O1001.NC again.NC')).toMatchObject({ code: 0 });
    expect(readFileSync(home.path('again.NC'), 'utf8')).toBe(program);
    expect(await states()).toEqual(['O1001.NC unknown']);
  });

  it('leaves a ledger that verifies, and a catalogue that is the same when it is folded anew', async () => {
    await floor.done('ledger', 'verify', '--catalogue');
  });
});
