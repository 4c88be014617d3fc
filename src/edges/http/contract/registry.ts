import { z } from 'zod';
import { Machine, Safeguard } from '../../../domain/machines.ts';
import { Person } from '../../../domain/people.ts';
import { Conduit, Zone } from '../../../domain/zones.ts';

/** `index` is the ledger entry by which they were enrolled or registered. */
export const PersonView = z.strictObject({ index: z.int(), person: Person });
export type PersonView = z.infer<typeof PersonView>;
export const PersonList = z.strictObject({ people: z.array(PersonView) });

/** What somebody still holds: an administrator sees ids and never what is in a package. */
export const HoldingList = z.strictObject({
  holdings: z.array(
    z.strictObject({
      kind: z.enum(['open-package', 'approval', 'service-key', 'other-id', 'waiting-change']),
      id: z.string(),
      detail: z.string(),
    }),
  ),
});

export const MachineView = z.strictObject({
  index: z.int(),
  machine: Machine,
  suspended: z.boolean(),
  safeguard: Safeguard.optional(),
});
export type MachineView = z.infer<typeof MachineView>;
export const MachineList = z.strictObject({ machines: z.array(MachineView) });

const { sshKeys: _keys, password: _password, ...facts } = Machine.shape;

/** Machines without what they log in with, zones and conduits. */
export const InventoryView = z.strictObject({
  machines: z.array(
    z.strictObject({
      ...facts,
      keyFingerprints: z.array(z.string()),
      suspended: z.boolean(),
      safeguard: Safeguard.optional(),
    }),
  ),
  zones: z.array(Zone),
  conduits: z.array(Conduit),
});
