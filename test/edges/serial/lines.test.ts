import { afterEach, expect, it } from 'vitest';
import { xoff, xon } from '../../helpers/fake-control.ts';
import { longProgram, machine, openTcpLines, type TestLines } from '../../helpers/serial-test-lines.ts';

const open: TestLines[] = [];
const lines: typeof openTcpLines = async (...args) => {
  const opened = await openTcpLines(...args);
  open.push(opened);
  return opened;
};
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

it('a program goes down the line byte for byte, and is complete when all of it has left', async () => {
  const { control, shelf, send } = await lines();
  const program = longProgram(3_000);
  shelf.put(machine, 'current/O1234.NC', program);
  const { over } = send('O1234.NC');
  expect(await over).toMatchObject({ state: 'completed', bytes: 3_000 });
  expect((await control.hears(3_000)).toString('latin1')).toBe(program);
  expect(shelf.ends).toEqual([expect.objectContaining({ complete: true, bytes: 3_000 })]);
});

it('a control that says XOFF gets no more until it says XON', async () => {
  const { control, shelf, send } = await lines();
  const program = longProgram(600);
  shelf.put(machine, 'current/O1234.NC', program);
  let stopped = -1;
  control.onBytes = () => {
    if (stopped >= 0 || control.length < 100) return;
    stopped = control.length;
    control.say(xoff);
    // It reads its tape buffer empty, and has counted what came after.
    setTimeout(() => {
      expect(control.length - stopped).toBeLessThanOrEqual(10);
      control.say(xon);
    }, 60);
  };
  expect(await send('O1234.NC').over).toMatchObject({ state: 'completed' });
  expect((await control.hears(600)).toString('latin1')).toBe(program);
});
