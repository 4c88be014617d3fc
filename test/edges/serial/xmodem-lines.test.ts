import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../../helpers/floor.ts';
import { longProgram, machine, openMemoryLines, type TestLines } from '../../helpers/serial-test-lines.ts';
import { XmodemReceiver } from '../../helpers/xmodem-receiver.ts';

const byXmodem = { protocol: 'xmodem', dataBits: 8, parity: 'none' } as const;
const open: TestLines[] = [];
const lines = async (...args: Parameters<typeof openMemoryLines>) => {
  const opened = await openMemoryLines(...args);
  open.push(opened);
  return opened;
};
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

describe('a program that is sent down a line by XMODEM', () => {
  it('arrives, also when blocks are lost and refused on the way', async () => {
    const { control, shelf, send } = await lines(byXmodem);
    const program = shelf.put(machine, 'current/O1', longProgram(1_000));
    const receiver = new XmodemReceiver('crc');
    let [block, taken] = [Buffer.alloc(0), 0];
    control.onBytes = (bytes) => {
      block = Buffer.concat([block, bytes]);
      if (block.length < 133 && !(block.length === 1 && block[0] === 0x04)) return;
      const whole = block;
      block = Buffer.alloc(0);
      // Every third is hit by a drive that starts beside the cable.
      control.say(taken++ % 3 === 1 ? Buffer.from([0x15]) : receiver.take(whole));
    };
    const { over, progress } = send('O1');
    await until('its waiting', async () => progress[0]);
    control.say('CCC');
    expect(await over).toMatchObject({ state: 'completed', bytes: 1_000 });
    expect(receiver.whole).toBe(true);
    expect(receiver.content).toEqual(Buffer.concat([program, Buffer.alloc(24, 0x1a)]));
  });

  it('is cancelled at the control too where it may not go on', async () => {
    const { control, shelf, send } = await lines(byXmodem);
    shelf.put(machine, 'current/O1', longProgram(1_000));
    const { over, progress } = send('O1');
    await until('its waiting', async () => progress[0]);
    control.say('C');
    await control.hears(133);
    shelf.stop(shelf.opened[0]?.deliveryId ?? '', 'The release was withdrawn.');
    expect(await over).toMatchObject({ state: 'failed', reason: 'The release was withdrawn.' });
    expect((await control.hears(136)).subarray(133)).toEqual(Buffer.alloc(3, 0x18));
  });

  it('ends also where the line does not even take the word for that', async () => {
    const { control, shelf, send } = await lines({ ...byXmodem, stallSeconds: 0.05 }, { farewellMs: 20 });
    shelf.put(machine, 'current/O1', longProgram(1_000));
    const { over, progress } = send('O1');
    await until('its waiting', async () => progress[0]);
    control.holdsUp = true;
    control.say('C');
    expect(await over).toMatchObject({ state: 'failed', bytes: 0, reason: 'The line took no more characters.' });
  });

  it('carries what would steer a line otherwise', async () => {
    const { control, shelf, send } = await lines(byXmodem);
    shelf.put(machine, 'current/O1', '%\nO1\x13\n%\n');
    const { over, progress } = send('O1');
    await until('its waiting', async () => progress[0]);
    control.onBytes = () => control.say('\x06');
    control.say('C');
    expect(await over).toMatchObject({ state: 'completed' });
    expect((await control.hears(134)).subarray(3, 12).toString('latin1')).toBe('%\nO1\x13\n%\n\x1a');
  });
});
