import { z } from 'zod';
import { ExportAuthorization } from '../../../domain/authorizations.ts';
import { BreakGlass } from '../../../domain/break-glass.ts';
import { holdingKinds } from '../../../domain/holdings.ts';
import { ChangeId, MachineId, NonconformanceId, PersonId, ReleaseId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import { Machine, PasswordHash, Safeguard } from '../../../domain/machines.ts';
import { nonconformanceSources } from '../../../domain/nonconformances.ts';
import { Person } from '../../../domain/people.ts';
import { SshRevocation } from '../../../domain/ssh-keys.ts';
import { Conduit, Zone } from '../../../domain/zones.ts';

/** `index` is the ledger entry by which they were enrolled or registered. */
export const PersonView = z.strictObject({ index: z.int(), person: Person });
export type PersonView = z.infer<typeof PersonView>;
export const PersonList = z.strictObject({ people: z.array(PersonView) });

/** What a control that speaks FTP will log in with. Kept as its hash (argon2id, PHC form), which administrators sign. */
export const MachinePassword = z.strictObject({
  password: z.string().min(limits.passwordLeastChars).max(limits.passwordMostChars),
});
export const PasswordHashed = z.strictObject({ hash: PasswordHash });
export type PasswordHashed = z.infer<typeof PasswordHashed>;

/** What somebody still holds: an administrator sees ids and never what is in a package. */
export const HoldingList = z.strictObject({
  holdings: z.array(
    z.strictObject({
      kind: z.enum(holdingKinds),
      id: z.string(),
      detail: z.string(),
    }),
  ),
});

export const MachineView = z.strictObject({
  index: z.int(),
  machine: Machine,
  suspended: z.boolean(),
  revoked: z.array(SshRevocation),
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
  authorizations: z.array(ExportAuthorization),
});

export const AuthorizationList = z.strictObject({
  authorizations: z.array(z.strictObject({ index: z.int(), authorization: ExportAuthorization })),
});

/** `changeId` names it, also when it is ended. */
export const BreakGlassView = z.strictObject({
  ...BreakGlass.shape,
  ...{ changeId: ChangeId, reason: z.string(), index: z.int(), time: z.string(), until: z.string() },
});
export const BreakGlassList = z.strictObject({ breakGlass: z.array(BreakGlassView) });

export const NonconformanceList = z.strictObject({
  nonconformances: z.array(
    z.strictObject({
      ...{ nonconformanceId: NonconformanceId, source: z.enum(nonconformanceSources), changeId: ChangeId.optional() },
      ...{ releaseId: ReleaseId, machineId: MachineId, openedBy: z.array(PersonId), reason: z.string() },
      ...{ index: z.int(), time: z.string() },
    }),
  ),
});
export type PersonList = z.infer<typeof PersonList>;
export type HoldingList = z.infer<typeof HoldingList>;
export type MachineList = z.infer<typeof MachineList>;
export type InventoryView = z.infer<typeof InventoryView>;
