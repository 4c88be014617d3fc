import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onPath } from '../debian-packages.ts';
import { ControlOnPty, xon } from '../helpers/fake-control.ts';
import { Floor, simpleProgram, until } from '../helpers/floor.ts';

const program = simpleProgram(1001);
let floor: Floor;
let control: ControlOnPty;

describe.skipIf(!onPath('socat'))('a control at the end of a serial line', () => {
  beforeAll(async () => {
    floor = await Floor.open('serial: { devices: [.] }\n');
    control = new ControlOnPty(join(floor.stage.folder, 'ttyS9'));
    await control.plugIn();
    await floor.crew();
    const place = ['--group', 'HAAS-VF', '--cell', 'C9', '--country', 'US', '--jurisdiction', 'none'];
    const line = ['--line', control.path, '--line-format', '1200-7E2', '--line-waits-for-xon'];
    const asks = ['--line-request', 'o-number'];
    await floor.done('machine', 'add', 'FANUC-99', '--channel', 'serial', ...place, ...line, ...asks);
    floor.drop('ONE.keyway.json', floor.sidecar('ONE', 'O1001.NC'), { 'O1001.NC': program });
    await floor.release(await floor.admitted('ONE'));
  });
  afterAll(async () => {
    await control.unplug();
    await floor.close();
  });

  /** Accepted once the line is open. */
  const send = () =>
    until('an open line', () =>
      floor.stage
        .client()
        .send('FANUC-99', 'O1001.NC')
        .catch(() => undefined),
    );
  const over = (id: string) =>
    until('its end', async () => {
      const sending = await floor.stage.client().sending(id);
      return sending.state === 'completed' || sending.state === 'failed' ? sending : undefined;
    });
  const entries = async (...types: string[]) => {
    const { entries } = (await floor.done('ledger', 'tail', '--count', '200')).out as {
      entries: { index: number; type: string }[];
    };
    return entries.filter(({ type }) => types.includes(type));
  };
  const shown = async (index: number) => {
    await floor.covered();
    return (await floor.done('ledger', 'show', String(index))).text;
  };

  it('is sent its program by somebody, which the ledger names', async () => {
    const { sendingId } = await send();
    control.say(xon);
    expect(await over(sendingId)).toMatchObject({ state: 'completed', bytes: program.length });
    expect((await control.hears(program.length)).toString('latin1')).toBe(program);
    const [requested, started] = await entries('sending.requested', 'delivery.started');
    for (const entry of [requested, started]) expect(await shown(entry?.index ?? -1)).toContain(sendingId);
    expect(await shown(started?.index ?? -1)).toContain('"channel":"serial"');
  });

  it('asks for its program by number, and gets its exact bytes', async () => {
    const before = control.length;
    control.say('\x12%\r\nO1001\r\n%\r\n\x14', xon);
    const heard = await control.hears(before + program.length);
    expect(heard.subarray(before).toString('latin1')).toBe(program);
    await until('the end on record', async () => (await entries('delivery.completed'))[1]);
  });

  it('sends it back, and it is the one that was delivered', async () => {
    control.say('\x12', program, '\x14');
    const verdict = await until('a verdict', async () => (await entries('readback.verdict'))[0]);
    expect(await shown(verdict.index)).toContain('"verdict":"identical"');
  });

  it('whose cable is pulled out in the middle has not got it, and the ledger says so', async () => {
    const before = control.length;
    const { sendingId } = await send();
    control.say(xon);
    await control.hears(before + 8);
    await control.unplug();
    const { state, bytes } = await over(sendingId);
    expect({ state, whole: bytes === program.length }).toEqual({ state: 'failed', whole: false });
    const [failed] = await entries('delivery.failed');
    expect(await shown(failed?.index ?? -1)).toContain('not-delivered');
    expect(await floor.refused('send', 'FANUC-99', 'O1001.NC')).toMatchObject({ exit: 5, code: 'busy' });
  });
});
