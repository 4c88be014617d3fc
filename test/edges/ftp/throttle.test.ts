import { expect, it } from 'vitest';
import { LoginThrottle } from '../../../src/edges/ftp/throttle.ts';

function throttle(remembered = 10) {
  const clock = { now: 0 };
  const made = new LoginThrottle({ clock: () => clock.now, pauseMs: 500, longestMs: 3_000, remembered });
  return { clock, made };
}

it('an address that guesses waits twice as long each time, up to the longest', () => {
  const { made } = throttle();
  const waits = [500, 1_000, 2_000, 3_000, 3_000].map(() => {
    made.failed('192.0.2.1');
    return made.waitMs('192.0.2.1');
  });
  expect(waits).toEqual([500, 1_000, 2_000, 3_000, 3_000]);
  expect(made.waitMs('192.0.2.2')).toBe(0);
});

it('a pause passes, and a login that succeeds clears what was before', () => {
  const { clock, made } = throttle();
  made.failed('192.0.2.1');
  clock.now = 400;
  expect(made.waitMs('192.0.2.1')).toBe(100);
  clock.now = 600;
  expect(made.waitMs('192.0.2.1')).toBe(0);
  made.succeeded('192.0.2.1');
  made.failed('192.0.2.1');
  expect(made.waitMs('192.0.2.1')).toBe(500);
});

it('many addresses take no more memory than was allowed', () => {
  const { made } = throttle(2);
  for (const address of ['a', 'b', 'c']) made.failed(address);
  expect(['a', 'b', 'c'].map((address) => made.waitMs(address))).toEqual([0, 500, 500]);
});
