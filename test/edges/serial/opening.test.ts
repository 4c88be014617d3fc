import { afterEach, describe, expect, it, vi } from 'vitest';
import { DomainError } from '../../../src/domain/errors.ts';
import { portOpener } from '../../../src/edges/serial/open-port.ts';
import type { Port } from '../../../src/edges/serial/port.ts';
import { ControlInMemory } from '../../helpers/fake-control.ts';
import { until } from '../../helpers/floor.ts';
import { machine, openLines, plainLine, type TestLines } from '../../helpers/serial-test-lines.ts';

const open: TestLines[] = [];
const opened = async (...args: Parameters<typeof openLines>): Promise<TestLines> => {
  const lines = await openLines(...args);
  open.push(lines);
  return lines;
};
afterEach(async () => {
  vi.useRealTimers();
  for (const each of open.splice(0)) await each.close();
});

describe('a line that does not open', () => {
  it('says so once, is tried after longer and longer, and is opened when it can be', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let isThere = false;
    const control = new ControlInMemory();
    const floor = await opened(plainLine, {
      openPort: async (line, events) => {
        if (isThere) return control.openPort(line, events);
        throw new DomainError('busy', 'The line /dev/ttyS9 cannot be opened.');
      },
      bounds: { reopenMs: 10, reopenMaxMs: 40 },
    });
    const levels = () => floor.logged.filter(({ msg }) => msg === 'the line does not open').map(({ level }) => level);
    for (const [tries, ms] of [10, 20, 40, 40].entries()) {
      await vi.advanceTimersByTimeAsync(ms - 1);
      expect(levels()).toHaveLength(tries + 1);
      await vi.advanceTimersByTimeAsync(1);
    }
    expect(levels()).toEqual([40, 20, 20, 20, 20]);
    await expect(floor.send('O1').begun).rejects.toMatchObject({ code: 'busy' });
    isThere = true;
    await vi.advanceTimersByTimeAsync(40);
    expect(floor.logged.at(-1)).toMatchObject({ msg: 'the line is open' });
  });

  it('is tried no more once it was closed, and one that opens just then is closed too', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const opening = [Promise.withResolvers<Port>(), Promise.withResolvers<Port>()];
    let [tries, closed] = [0, 0];
    const { lines: all } = await opened(plainLine, {
      openPort: async () => (await opening[tries++]?.promise) ?? Promise.reject(new Error()),
    });
    opening[0]?.reject(new Error('It is not there.'));
    await vi.advanceTimersByTimeAsync(0);
    await all.set([]);
    expect(vi.getTimerCount()).toBe(0);
    await all.set([{ machine, line: plainLine }]);
    await all.set([]);
    opening[1]?.resolve({ write: async () => {}, close: async () => void closed++ });
    await vi.advanceTimersByTimeAsync(0);
    expect([tries, closed, vi.getTimerCount()]).toEqual([2, 1, 0]);
  });
});

it('a line to a device outside of the folders that the configuration names is not opened', async () => {
  const at = { kind: 'device', path: '/proc/self/mem' } as const;
  const { logged } = await opened({ ...plainLine, at }, { openPort: portOpener(['/proc/self/me', '/dev']) });
  const told = await until('the log', async () => logged.find(({ msg }) => msg === 'the line does not open'));
  expect(told.detail).toContain('serial.devices');
});
