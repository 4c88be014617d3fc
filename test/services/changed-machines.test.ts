import { expect, test } from 'vitest';
import type { MachineStanding } from '../../src/catalog/machine-register.ts';
import type { Machine } from '../../src/domain/machines.ts';
import { ChangedMachines } from '../../src/services/changed-machines.ts';

const standingOf = (id: string) => ({ machine: { id } as Machine, suspended: false }) as MachineStanding;

test('a machine that was changed or retired is told once, and one that stayed or is new is not', () => {
  const [one, two, three] = ['MILL-1', 'MILL-2', 'MILL-3'].map(standingOf) as [MachineStanding, ...MachineStanding[]];
  let now = [one, two, three];
  const changed = new ChangedMachines({ machines: () => now as MachineStanding[] });
  expect(changed.look()).toEqual([]);
  now = [{ ...one, suspended: true }, two, standingOf('MILL-4')];
  expect(changed.look()).toEqual(['MILL-1', 'MILL-3']);
  expect(changed.look()).toEqual([]);
});
