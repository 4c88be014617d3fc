import { expect, it } from 'vitest';
import type { MachineId, PersonId } from '../../src/domain/ids.ts';
import { limits } from '../../src/domain/limits.ts';
import { ChangeStatements } from '../../src/services/change-statements.ts';

it('a change is valid as long as it may be, and no millisecond longer, however long its making takes', () => {
  let now = Date.parse('2026-11-26T11:00:00.000Z');
  const statements = new ChangeStatements({
    changes: { proposed: () => undefined },
    standing: { person: () => undefined },
    authority: {
      decide: () => expect.fail('nothing is decided for a new change'),
      require: () => expect.fail('nothing is asked of a new change'),
    },
    origin: 'shop.example/ledger',
    clock: () => now++,
    random: (size) => new Uint8Array(size),
  });
  const asker = { principal: { kind: 'person', id: 'ADM-9' as PersonId }, context: {} } as const;
  const change = { kind: 'machine.suspended', machineId: 'HAAS-VF-07' as MachineId } as const;
  const { said } = statements.change(asker as never, { change, reason: 'Spindle noise' } as never);
  expect(Date.parse(said.validUntil) - Date.parse(said.time)).toBe(limits.changeValidityMs);
});
