import type { Standing } from '../catalog/standing.ts';
import { DomainError } from '../domain/errors.ts';
import { makeEvent } from '../domain/events.ts';
import type { Machine } from '../domain/machines.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Authority } from './authority.ts';
import type { Asker } from './principals.ts';

type RegistryParts = { ledger: Ledger; standing: Standing; authority: Authority };

/** Machines. One key belongs to one of them, for good. */
export class RegistryService {
  readonly #parts: RegistryParts;

  constructor(parts: RegistryParts) {
    this.#parts = parts;
  }

  async register(asker: Asker, machine: Machine): Promise<{ index: number }> {
    const { ledger, standing, authority } = this.#parts;
    const { receipt } = await ledger.commit(() => {
      authority.require('administer', asker, { kind: 'registry' });
      if (standing.machine(machine.id)) throw new DomainError('conflict', `${machine.id} is already registered.`);
      const taken = [...standing.machines()].find((other) =>
        other.machine.sshKeys.some((key) => machine.sshKeys.includes(key)),
      );
      if (taken)
        throw new DomainError(
          'conflict',
          `This key already belongs to ${taken.machine.id}; each machine has a key of its own.`,
        );
      return { events: [makeEvent('machine.registered', asker.principal, { machine })], result: undefined };
    });
    return { index: receipt.index };
  }
}
