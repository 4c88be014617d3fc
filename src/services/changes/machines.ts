import type { MachineStanding } from '../../catalog/machine-register.ts';
import type { Standing } from '../../catalog/standing.ts';
import { covers } from '../../domain/combine-labels.ts';
import { DomainError } from '../../domain/errors.ts';
import type { MachineId } from '../../domain/ids.ts';
import type { Machine } from '../../domain/machines.ts';
import { isCurrent } from '../../domain/people.ts';
import { sameJson } from '../../signing/statements.ts';
import type { ChangeRules } from './rules.ts';

type MachineKind =
  | 'machine.register'
  | 'machine.change'
  | 'machine.key-revoke'
  | 'machine.suspend'
  | 'machine.resume'
  | 'machine.retire'
  | 'machine.safeguard'
  | 'classification.lower';

/** What stands against changes of machines and of labels. */
export const machineRules: ChangeRules<MachineKind> = {
  'machine.register': ({ machine }, { standing }) => {
    if (standing.machine(machine.id)) throw new DomainError('conflict', `${machine.id} is already registered.`);
    if (standing.machineEntries(machine.id).length > 0)
      throw new DomainError('conflict', `${machine.id} was retired; an id is never given again.`);
    requireOwnKeys(machine, standing);
  },
  'machine.change': ({ machine }, { standing }) => {
    requireMachine(machine.id, standing);
    requireOwnKeys(machine, standing);
  },
  'machine.key-revoke': ({ machineId, revoked }, { standing }) => {
    if (requireMachine(machineId, standing).revoked.some((known) => sameJson(known, revoked)))
      throw new DomainError('conflict', 'This was revoked already.');
  },
  'machine.suspend': ({ machineId }, { standing }) => {
    if (requireMachine(machineId, standing).suspended)
      throw new DomainError('conflict', `${machineId} is suspended already.`);
  },
  'machine.resume': ({ machineId }, { standing }) => {
    if (!requireMachine(machineId, standing).suspended)
      throw new DomainError('conflict', `${machineId} is not suspended.`);
  },
  'machine.retire': ({ machineId }, { standing }) => void requireMachine(machineId, standing),
  'machine.safeguard': ({ machineId, safeguard }, { standing, timeMs }) => {
    requireMachine(machineId, standing);
    if (!standing.person(safeguard.approver))
      throw new DomainError('not-found', `${safeguard.approver}, who approves the safeguard, is not enrolled.`);
    if (!isCurrent(safeguard.expires, timeMs))
      throw new DomainError('request-invalid', 'The safeguard record has expired already.', { field: 'expires' });
  },
  'classification.lower': ({ part, classification }, { standing }) => {
    const known = standing.labelOfPart(part);
    if (!known) throw new DomainError('not-found', `${part} has no label yet.`);
    if (covers(classification, known))
      throw new DomainError('request-invalid', 'This label is not lower: deposit the part with it.', {
        field: 'classification',
      });
  },
};

function requireOwnKeys({ id, sshKeys }: Machine, standing: Standing): void {
  const taken = [...standing.machines()].find(
    ({ machine }) => machine.id !== id && machine.sshKeys.some((key) => sshKeys.includes(key)),
  );
  if (taken)
    throw new DomainError(
      'conflict',
      `This key already belongs to ${taken.machine.id}; each machine has a key of its own.`,
    );
}

function requireMachine(id: MachineId, standing: Standing): MachineStanding {
  const known = standing.machine(id);
  if (!known) throw new DomainError('not-found', `${id} is not registered.`);
  return known;
}
