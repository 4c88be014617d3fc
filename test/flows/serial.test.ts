import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onPath } from '../debian-packages.ts';
import { ControlOnPty, xon } from '../helpers/fake-control.ts';
import { Floor, simpleProgram, until } from '../helpers/floor.ts';

let floor: Floor;
let control: ControlOnPty;

describe.skipIf(!onPath('socat'))('a control at the end of a serial line', () => {
  beforeAll(async () => {
    floor = await Floor.open('serial: { devices: [.] }\n');
    control = new ControlOnPty(join(floor.stage.folder, 'ttyS9'));
    await control.plugIn();
    await floor.crew();
    const place = ['--group', 'HAAS-VF', '--cell', 'C9', '--country', 'US', '--jurisdiction', 'none'];
    const line = ['--line', control.path, '--line-format', '115200-7E2', '--line-waits-for-xon'];
    await floor.done(
      'machine',
      'add',
      'FANUC-99',
      '--channel',
      'serial',
      ...place,
      ...line,
      '--line-request',
      'o-number',
    );
    floor.drop('ONE.keyway.json', floor.sidecar('ONE', 'O1001.NC'), { 'O1001.NC': simpleProgram(1001) });
    await floor.release(await floor.admitted('ONE'));
  });
  afterAll(async () => {
    await control.unplug();
    await floor.close();
  });

  const deliveries = async () => {
    const tail = await floor.done('ledger', 'tail', '--count', '50');
    const { entries } = tail.out as { entries: { type: string }[] };
    return entries.map(({ type }) => type).filter((type) => /^(delivery|sending)\./.test(type));
  };

  it('asks for its program by number, and gets its exact bytes', async () => {
    control.say('%\r\nO1001\r\n%\r\n');
    await new Promise((resolve) => setTimeout(resolve, 700));
    control.say(xon);
    expect((await control.hears(simpleProgram(1001).length)).toString('latin1')).toBe(simpleProgram(1001));
    await until('the end on record', async () =>
      (await deliveries()).includes('delivery.completed') ? true : undefined,
    );
  });

  it('is sent a program by an operator', async () => {
    const before = control.length;
    const sent = floor.done('send', 'FANUC-99', 'O1001.NC');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    control.say(xon);
    expect((await sent).text).toContain('DLV-');
    expect(control.heard.subarray(before).toString('latin1')).toBe(simpleProgram(1001));
  });
});
