import { expect, test } from 'vitest';
import { inspectFile } from '../../../src/nc/preflight/inspect-file.ts';

const repeated = (unit: string, bytes: number) => Buffer.alloc(bytes, unit);
const numbered = (line: (at: number) => string, count: number) =>
  Buffer.from(Array.from({ length: count }, (_, at) => line(at)).join('\n'));

/** As much as one program may be of what a reader likes least; `mb` scales it. */
const hostile: [string, (mb: number) => Buffer][] = [
  ['opening parentheses', (mb) => repeated('(', mb * 1e6)],
  ['number signs', (mb) => repeated('#', mb * 1e6)],
  ['lines of number signs', (mb) => repeated(`${'#'.repeat(999)}\n`, mb * 1e6)],
  ['lines of open brackets', (mb) => repeated(`${'#['.repeat(500)}\n`, mb * 1e6)],
  ['lines of open R parameters', (mb) => repeated(`${'R['.repeat(500)}\n`, mb * 1e6)],
  ['lines of open Q parameters', (mb) => repeated(`${'Q1=('.repeat(250)}\n`, mb * 1e6)],
  ['one line', (mb) => repeated('X1.5Y2', mb * 1e6)],
  ['equals signs behind digits', (mb) => repeated('1=', mb * 1e6)],
  ['letters', (mb) => repeated('A', mb * 1e6)],
  ['lines with a NUL', (mb) => repeated('\0\n', mb * 1e6)],
  ['calls of different programs', (mb) => numbered((at) => `M98P${at}`, mb * 1e5)],
  ['jumps', (mb) => numbered((at) => `N${at}GOTO${at % 7 === 0 ? at : 999_999}`, mb * 7e4)],
  ['loops', (mb) => numbered((at) => `WHILE[1EQ1]DO${at % 3}`, mb * 7e4)],
  ['tools', (mb) => numbered((at) => `T${at}M6`, mb * 1e5)],
  ['comments', (mb) => numbered((at) => `(T${at} DRILL)`, mb * 6e4)],
];
const names = ['A.NC', 'A.EIA', 'A.MIN', 'A.MPF', 'A.H', 'A.I'];

/** Processor time of this thread, so that a busy machine does not fail the test. */
function milliseconds(work: () => void): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

test.each(['(', '#', '\n', '\r', '~\n', 'AB:\n', '$'])('1 MB of %j takes less than 2 s in every dialect', (unit) => {
  for (const name of names) {
    const took = milliseconds(() => inspectFile({ name, bytes: repeated(unit, 1e6) }));
    expect(`${name}: ${took > 2_000 ? took : 'in time'}`).toBe(`${name}: in time`);
  }
});

test('a line of 10 MB takes less than 2 s', () => {
  const bytes = repeated('X1.5Y2', 1e7);
  expect(milliseconds(() => inspectFile({ name: 'A.NC', bytes }))).toBeLessThan(2_000);
});

test.each(hostile)('200 kB of %s take less than 1 s and leave a handful of findings in every dialect', (_, made) => {
  const bytes = made(0.2);
  for (const name of names) {
    let found = 0;
    const took = milliseconds(() => {
      found = inspectFile({ name, bytes }).findings.length;
    });
    expect(`${name}: ${took > 1_000 ? took : 'in time'}`).toBe(`${name}: in time`);
    expect(found).toBeLessThan(60);
  }
});

test.each(hostile)('eight times as much of %s takes no more than linear time', (_, made) => {
  const [small, large] = [made(0.05), made(0.4)];
  const work = (bytes: Buffer) => milliseconds(() => inspectFile({ name: 'A.NC', bytes }));
  work(small);
  // Eight times the bytes at twice the price, and what a busy machine adds.
  expect(work(large)).toBeLessThan(16 * work(small) + 100);
});
