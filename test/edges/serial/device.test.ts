import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { portOpener } from '../../../src/edges/serial/open-port.ts';
import { onPath } from '../../debian-packages.ts';
import { ControlOnPty, xon } from '../../helpers/fake-control.ts';
import { until } from '../../helpers/floor.ts';
import { longProgram, machine, openLines, plainLine, type TestLines } from '../../helpers/serial-test-lines.ts';

describe.skipIf(!onPath('socat'))('a control on a device of this computer', () => {
  let folder: string;
  let control: ControlOnPty;
  let floor: TestLines;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'keyway-line-'));
    control = new ControlOnPty(join(folder, 'ttyS9'));
    await control.plugIn();
    const line = { ...plainLine, at: { kind: 'device', path: control.path }, waitsForXon: true } as const;
    floor = await openLines({ ...line, request: 'o-number' }, { openPort: portOpener([folder]) });
    await floor.opened();
  });
  afterEach(async () => {
    await floor.close();
    await control.unplug();
    rmSync(folder, { recursive: true });
  });

  it('asks by number, reads, and sends back', async () => {
    const program = floor.shelf.put(machine, 'by-number/O1/O1.NC', longProgram(300));
    control.say('%\r\nO0001\r\n%\r\n\x14');
    await until('the asking', async () => floor.shelf.opened[0]);
    control.say(xon);
    expect(await control.hears(program.length)).toEqual(program);
    await until('the end', async () => floor.shelf.ends[0]);
    control.say('\x12', program, '\x14');
    expect(await until('a program', async () => floor.cameBack[0])).toMatchObject({ text: program.toString('latin1') });
  });

  it('whose cable is pulled out has not got its program, and gets the next when it is back', async () => {
    floor.shelf.put(machine, 'current/O1', longProgram(5_000));
    const { begun, over } = floor.send('O1');
    await begun;
    control.say(xon);
    await control.hears(100);
    await control.unplug();
    expect(await over).toMatchObject({ state: 'failed', reason: expect.stringMatching(/line (broke|is gone)/) });
    expect(floor.shelf.ends[0]).toMatchObject({ complete: false });
    expect(floor.shelf.ends[0]?.bytes).toBeLessThan(5_000);

    await control.plugIn();
    await until('the line again', async () => floor.logged.filter(({ msg }) => msg === 'the line is open')[1]);
    const before = control.length;
    floor.shelf.put(machine, 'current/O2', '%\nO2\n%\n');
    const next = floor.send('O2');
    await next.begun;
    control.say(xon);
    expect(await next.over).toMatchObject({ state: 'completed' });
    expect((await control.hears(before + 7)).subarray(before).toString()).toBe('%\nO2\n%\n');
  });

  it('that another program has open already is not taken from it', async () => {
    const line = { ...plainLine, at: { kind: 'device', path: control.path } } as const;
    const second = await openLines(line, { openPort: portOpener([folder]) });
    const told = await until('the log', async () => second.logged.find(({ msg }) => msg === 'the line does not open'));
    expect(told.detail).toContain('ttyS9');
    await second.close();
  });
});
