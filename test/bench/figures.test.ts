import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { figure, table } from './figures.ts';

const machine = { cpu: 'Some CPU', cores: 2, node: 'v24.0.0' };
const signatures = { what: 'signatures', unit: '/s', peerName: 'openssl', better: 'more', goal: 2 } as const;

it('a figure is better above 1, whether its unit counts rates or times', () => {
  expect(figure({ ...signatures, ours: 300, peer: 100 })).toMatchObject({ ratio: 3, met: true });
  expect(figure({ ...signatures, ours: 100, peer: 300, better: 'less' })).toMatchObject({ ratio: 3, met: true });
  expect(figure({ ...signatures, ours: 199, peer: 100 })).toMatchObject({ ratio: 1.99, met: false });
  expect(figure({ ...signatures, ours: 300, peer: 100, goal: null })).toMatchObject({ ratio: 3, met: null });
});

it('a peer that is not installed is said in the table, and no goal counts as met or missed', () => {
  const alone = figure({ ...signatures, ours: 300, peer: null });
  expect(alone).toMatchObject({ ratio: null, met: null });
  const lines = table('cms', machine, { figures: [alone], notes: ['openssl is not installed.'] });
  expect(lines).toContain('Note: openssl is not installed.');
  expect(lines.join('\n')).toContain('not there');
  expect(lines.at(-1)).toBe('Without a peer to judge them by: signatures.');
});

it('the table lines up, names the machine and says which goals were missed', () => {
  const lines = table('cms', machine, {
    figures: [
      figure({ ...signatures, ours: 12_345.6, peer: 100 }),
      figure({ ...signatures, what: 'p99', unit: 'ms', ours: 1.234, peer: 1, better: 'less', goal: 1 }),
    ],
  });
  expect(lines).toEqual([
    'cms on Some CPU, 2 cores, node v24.0.0',
    '',
    'what          ours  peer  unit   ratio  goal           peer is',
    '----------  ------  ----  ----  ------  ----  -------  -------',
    'signatures  12,346   100  /s    123.46  2.00  met      openssl',
    'p99           1.23     1  ms      0.81  1.00  NOT MET  openssl',
    '',
    'Goals missed: p99.',
  ]);
});

it.each([['no-such-bench'], ['figures'], ['run'], ['../run'], []])(
  'a benchmark that there is not (%s) is refused with the list',
  (...args) => {
    const script = fileURLToPath(new URL('./run.ts', import.meta.url));
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('NAME is one of: ');
  },
);
