import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { DomainError } from '../../../src/domain/errors.ts';
import { type ControlInMemory, xoff, xon } from '../../helpers/fake-control.ts';
import { until } from '../../helpers/floor.ts';
import {
  longProgram,
  machine,
  openMemoryLines,
  openTcpLines,
  type TestLines,
} from '../../helpers/serial-test-lines.ts';

const eightBits = { dataBits: 8, parity: 'none' } as const;

const open: TestLines[] = [];
const closedAfter = async <T extends TestLines>(opening: Promise<T>): Promise<T> => {
  const opened = await opening;
  open.push(opened);
  return opened;
};
const lines = (...args: Parameters<typeof openMemoryLines>) => closedAfter(openMemoryLines(...args));
const tcpLines = (...args: Parameters<typeof openTcpLines>) => closedAfter(openTcpLines(...args));
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});
const ended = (floor: TestLines) => until('an end', async () => floor.shelf.ends[0]);

describe('a program that is sent down a line', () => {
  it('arrives byte for byte, and is complete when all of it has left', async () => {
    const { control, shelf, send } = await tcpLines({ leader: 5 });
    const program = shelf.put(machine, 'current/O1234.NC', longProgram(1_500));
    const { begun, over, progress } = send('O1234.NC');
    expect(await begun).toEqual({ deliveryId: shelf.opened[0]?.deliveryId, size: 1_500 });
    expect(await over).toMatchObject({ state: 'completed', bytes: 1_500 });
    const nuls = Buffer.alloc(5);
    expect(await control.hears(1_510)).toEqual(Buffer.concat([nuls, program, nuls]));
    expect(shelf.ends).toEqual([expect.objectContaining({ complete: true, bytes: 1_500 })]);
    expect(progress.map(({ state }) => state)).toEqual(expect.arrayContaining(['waiting', 'sending', 'completed']));
    expect(shelf.openBlobs).toBe(0);
  });

  it('stops at an XOFF, and goes on where it was', async () => {
    const { control, shelf, send } = await lines();
    const program = shelf.put(machine, 'current/O1234.NC', longProgram(700));
    const beyond: number[] = [];
    control.onBytes = () => {
      if (control.length < 100 * (beyond.length + 1)) return;
      const stoppedAt = control.length;
      beyond.push(0);
      control.say(xoff);
      // Longer than the line takes for many bursts.
      void pause(15).then(() => {
        beyond[beyond.length - 1] = control.length - stoppedAt;
        control.say(xon);
      });
    };
    expect(await send('O1234.NC').over).toMatchObject({ state: 'completed' });
    expect(await control.hears(700)).toEqual(program);
    expect(beyond.slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
  });

  it('waits for the XON of a control that has it, also when that came before', async () => {
    const { control, shelf, send } = await lines({ waitsForXon: true }, { readyMs: 1_000 });
    const program = shelf.put(machine, 'current/O1', '%\nO1\n%\n');
    const first = send('O1');
    await first.begun;
    await until('its waiting', async () => first.progress[0]);
    expect(control.length).toBe(0);
    control.say(xon);
    expect(await first.over).toMatchObject({ state: 'completed' });
    control.say(xoff, xon);
    expect(await send('O1').over).toMatchObject({ state: 'completed' });
    expect(await control.hears(2 * program.length)).toEqual(Buffer.concat([program, program]));
    // What it said is used up: the next waits again, and in vain.
    expect(await send('O1').over).toMatchObject({ state: 'failed', reason: expect.stringContaining('XON') });
    expect(control.length).toBe(2 * program.length);
  });

  it.each([
    [
      'a byte over 127 on a line of 7 bits',
      { dataBits: 7 } as const,
      '%\nO1 (\xd8 20)\n%\n',
      /^Byte 6 of the program is 216/,
    ],
    ['an ETX where that ends a program', { ending: 'etx' } as const, '%\nO\x03\n%\n', /^Byte 3 .* steers a line/],
    ['an XON inside the program', eightBits, '%\nO1\x11\n%\n', /^Byte 4 .* steers a line/],
    ['a punch that is switched on inside it', eightBits, '%\nO1\x12\n%\n', /^Byte 4 .* steers a line/],
    ['an XOFF inside it', eightBits, '%\nO1\x13\n%\n', /^Byte 4 .* steers a line/],
    ['a punch that is switched off inside it', eightBits, '%\nO1\x14\n%\n', /^Byte 4 .* steers a line/],
  ])('is refused before anything is sent: %s', async (_what, over, program, reason) => {
    const { control, shelf, send } = await lines({ ...over, leader: 10 });
    shelf.put(machine, 'current/O1', Buffer.from(program, 'latin1'));
    expect(await send('O1').over).toMatchObject({ state: 'failed', bytes: 0, reason: expect.stringMatching(reason) });
    expect(shelf.ends).toEqual([expect.objectContaining({ complete: false, bytes: 0 })]);
    expect(control.length).toBe(0);
  });

  it('is read whole before anything is sent, however long it is', async () => {
    const { control, shelf, send } = await lines();
    shelf.put(machine, 'current/O1', Buffer.concat([Buffer.alloc(300_000, 'N10 G1 X1.\n'), Buffer.from([0xd8])]));
    expect(await send('O1').over).toMatchObject({ state: 'failed', reason: expect.stringMatching(/^Byte 300000 of/) });
    expect(control.length).toBe(0);
  });

  it('carries every byte on a line of 8 bits', async () => {
    const { control, shelf, send } = await lines({ dataBits: 8, parity: 'none' });
    const program = shelf.put(machine, 'current/O1', Buffer.from('%\nO1 (\xd8 20)\n%\n', 'latin1'));
    expect(await send('O1').over).toMatchObject({ state: 'completed' });
    expect(await control.hears(program.length)).toEqual(program);
  });

  it('fails when the line breaks, and the line comes back by itself for the next', async () => {
    const floor = await tcpLines();
    const { control, shelf, send } = floor;
    shelf.put(machine, 'current/O1', longProgram(2_000));
    control.onBytes = () => control.drop();
    const { over } = send('O1');
    expect(await over).toMatchObject({ state: 'failed', reason: expect.stringContaining('device server closed') });
    expect(await ended(floor)).toMatchObject({ complete: false, reason: expect.stringContaining('not-delivered') });
    expect(shelf.ends[0]?.bytes).toBeLessThan(2_000);
    control.onBytes = () => {};
    await until('the line again', async () => floor.logged.filter(({ msg }) => msg === 'the line is open')[1]);
    await control.connected();
    shelf.put(machine, 'current/O2', '%\nO2\n%\n');
    const before = control.length;
    expect(await send('O2').over).toMatchObject({ state: 'completed' });
    expect((await control.hears(before + 7)).subarray(before).toString()).toBe('%\nO2\n%\n');
  });

  it.each([
    ['says XOFF and never XON again', (control: ControlInMemory) => control.say(xoff)],
    ['holds CTS low', (control: ControlInMemory) => Object.assign(control, { holdsUp: true })],
  ])('fails when the control %s', async (_what, hang) => {
    const { control, shelf, send, logged } = await lines({ stallSeconds: 0.05 });
    shelf.put(machine, 'current/O1', longProgram(2_000));
    control.onBytes = () => {
      if (control.length > 600) hang(control);
    };
    expect(await send('O1').over).toMatchObject({ state: 'failed', bytes: 512 });
    expect(shelf.ends).toEqual([expect.objectContaining({ complete: false, bytes: 512 })]);
    // What the line still held is thrown away before the next program.
    expect(logged.filter(({ msg }) => msg === 'the line is open')).toHaveLength(2);
  });

  it('fails when nobody at the control is ready for it', async () => {
    const { control, shelf, send } = await lines({ waitsForXon: true }, { readyMs: 40 });
    shelf.put(machine, 'current/O1', '%\nO1\n%\n');
    expect(await send('O1').over).toMatchObject({ state: 'failed', reason: expect.stringContaining('XON') });
    expect(control.length).toBe(0);
  });

  it('ends at once when it may not go on, or its bytes are not the released ones', async () => {
    const { control, shelf, send } = await lines();
    shelf.put(machine, 'current/O1', longProgram(5_000));
    const { over } = send('O1');
    await control.hears(100);
    shelf.stop(shelf.opened[0]?.deliveryId ?? '', 'The release was withdrawn.');
    expect(await over).toMatchObject({ state: 'failed', reason: 'The release was withdrawn.' });
    shelf.tamperedFrom = 600;
    expect(await send('O1').over).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('not the released'),
    });
    expect(shelf.ends.map(({ complete }) => complete)).toEqual([false, false]);
  });

  it('ends at once when it may not go on, also while the control holds it up', async () => {
    const { shelf, send } = await lines({ waitsForXon: true });
    shelf.put(machine, 'current/O1', '%\nO1\n%\n');
    const { over, progress } = send('O1');
    await until('its waiting', async () => progress[0]);
    shelf.stop(shelf.opened[0]?.deliveryId ?? '', 'The release was withdrawn.');
    expect(await over).toMatchObject({ state: 'failed', bytes: 0, reason: 'The release was withdrawn.' });
  });

  it('is not sent where the line broke while the shelf was asked', async () => {
    const { control, shelf, send, logged } = await lines();
    shelf.put(machine, 'current/O1', '%\nO1\n%\n');
    const gate = Promise.withResolvers<void>();
    shelf.openGate = gate.promise;
    const { over } = send('O1');
    control.breaks();
    await until('the line again', async () => logged.filter(({ msg }) => msg === 'the line is open')[1]);
    gate.resolve();
    expect(await over).toMatchObject({ state: 'failed', bytes: 0, reason: 'The line is gone.' });
    expect(shelf.ends).toMatchObject([{ complete: false, bytes: 0 }]);
    expect(control.length).toBe(0);
  });

  it('waits for nobody where the control is sending itself', async () => {
    const { control, shelf, send } = await lines();
    shelf.put(machine, 'current/O1', '%\nO1\n%\n');
    control.say('%\nO2\nN10 G0');
    const busy = expect.objectContaining({ code: 'busy', message: `${machine} is sending a program itself.` });
    await expect(send('O1').begun).rejects.toEqual(busy);
    expect(shelf.asked).toBe(0);
  });

  it('keeps out a second one, and one that the shelf refuses', async () => {
    const { control, shelf, send } = await lines({ waitsForXon: true });
    shelf.put(machine, 'current/O1', '%\nO1\n%\n');
    const first = send('O1');
    await first.begun;
    await expect(send('O1').begun).rejects.toMatchObject({ code: 'busy' });
    control.say(xon);
    await first.over;
    await expect(send('O7').begun).rejects.toMatchObject({ code: 'not-found' });
    shelf.openRefusal = new DomainError('policy-denied', 'No.');
    await expect(send('O1').begun).rejects.toMatchObject({ code: 'policy-denied' });
  });

  it('fails when its machine is suspended or its line changed: the line closes at once', async () => {
    const { lines: all, control, shelf, send } = await lines();
    shelf.put(machine, 'current/O1', longProgram(5_000));
    const { over } = send('O1');
    await control.hears(100);
    await all.set([]);
    expect(await over).toMatchObject({ state: 'failed', reason: 'The line of this machine was closed or changed.' });
    await expect(send('O1').begun).rejects.toMatchObject({ code: 'busy' });
  });

  it('fails when the gateway stops and the control does not read on', async () => {
    const { lines: all, shelf, send } = await lines({ waitsForXon: true }, { drainMs: 40 });
    shelf.put(machine, 'current/O1', '%\nO1\n%\n');
    const { begun, over } = send('O1');
    await begun;
    await all.close();
    expect(await over).toMatchObject({ state: 'failed', reason: 'The gateway is stopping.' });
    expect(shelf.ends).toHaveLength(1);
    const stopping = expect.objectContaining({ code: 'busy', message: 'The gateway is stopping.' });
    await expect(send('O1').begun).rejects.toEqual(stopping);
  });

  it('has its time to end when the gateway stops', async () => {
    const { lines: all, control, shelf, send } = await lines({ waitsForXon: true });
    shelf.put(machine, 'current/O1', '%\nO1\n%\n');
    const { begun, over } = send('O1');
    await begun;
    const closing = all.close();
    control.say(xon);
    expect(await over).toMatchObject({ state: 'completed' });
    await closing;
  });
});

describe('a control that asks for its program by itself', () => {
  const asking = { request: 'o-number', waitsForXon: true } as const;

  it('gets it, once it is ready to read', async () => {
    const floor = await lines(asking);
    const { control, shelf } = floor;
    const program = shelf.put(machine, 'by-number/O0071/FLANGE.NC', '%\nO0071\nM30\n%\n');
    control.say('\x12%\r\nO71\r\n%\r\n\x14');
    await until('the asking', async () => shelf.opened[0]);
    expect(control.length).toBe(0);
    control.say(xon);
    expect(await control.hears(program.length)).toEqual(program);
    expect(await ended(floor)).toMatchObject({ complete: true });
  });

  it.each([
    ['silence', ''],
    ['end-mark', '%\r\n%\r\n'],
  ] as const)('for one that it may not have gets no word that it could execute: %s', async (refusal, said) => {
    const { control, shelf, logged } = await lines({ ...asking, refusal });
    shelf.put(machine, 'by-number/O1/A.NC', '%\nO1\n%\n');
    control.say('%\nO404\n%\n\x14');
    const told = await until('the log', async () => logged.find(({ msg }) => msg === 'a request was refused'));
    expect(told).toMatchObject({ asked: 'O404', code: 'not-found' });
    // It was asked of the shelf, which keeps the record of refusals.
    expect(shelf.asked).toBe(1);
    // The next request is heard: by then all that was to be said has been.
    control.say('\x12%\nO1\n%\n\x14', xon);
    expect((await control.hears(said.length + 7)).toString()).toBe(`${said}%\nO1\n%\n`);
  });
});

describe('a program that comes back', () => {
  it('is taken as it came, under the name that it says', async () => {
    const { control, cameBack } = await lines({ dataBits: 7, request: 'o-number', waitsForXon: true });
    control.say('\x12\0\0%\r\nO1234\r\nN10 G0 X1.\r\n%\r\n\0\x14');
    expect(await until('a program', async () => cameBack[0])).toEqual({
      machine,
      name: 'O1234',
      text: '%\r\nO1234\r\nN10 G0 X1.\r\n%\r\n',
    });
  });

  it.each([
    ['the gateway does not take it', { acceptRefusal: new DomainError('policy-denied', 'Not from here.') }, []],
    ['it cannot be written', { writeError: new Error('EIO') }, [{ complete: false }]],
  ])('is not kept when %s, and the line goes on', async (_what, trouble, ends) => {
    const { control, returns, cameBack, logged, shelf, send } = await lines();
    Object.assign(returns, trouble);
    control.say('\x12%\nO1\n%\n\x14');
    await until('the log', async () => logged.find(({ msg }) => msg === 'a program that came back was not kept'));
    expect(cameBack).toEqual([]);
    expect(returns.ends).toMatchObject(ends);
    expect(returns.openFiles).toBe(0);
    shelf.put(machine, 'current/O2', '%\nO2\n%\n');
    expect(await send('O2').over).toMatchObject({ state: 'completed' });
  });

  it('is none when it stops in the middle, and the line goes on', async () => {
    const { control, cameBack, logged } = await lines({}, { silenceMs: 40 });
    control.say('%\nO1234\nN10 G0');
    await until('the log', async () => logged.find(({ msg }) => msg === 'what the control sent is no program'));
    control.say('%\nO2\n%\n');
    expect(await until('the next', async () => cameBack[0])).toMatchObject({ name: 'O2' });
    expect(cameBack).toHaveLength(1);
  });
});

it('a program that breaks off with the line is not gone on with when that is back', async () => {
  const { control, cameBack, logged } = await lines();
  control.say('%\nO1\nN10 G0 X1.\n');
  control.breaks();
  await until('the line again', async () => logged.filter(({ msg }) => msg === 'the line is open')[1]);
  control.say('%\nO2\nM30\n%\n');
  expect(await until('a program', async () => cameBack[0])).toMatchObject({ name: 'O2', text: '%\nO2\nM30\n%\n' });
});
