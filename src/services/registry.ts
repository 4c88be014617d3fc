import { createPublicKey } from 'node:crypto';
import type { Standing } from '../catalog/standing.ts';
import { DomainError } from '../domain/errors.ts';
import { makeEvent } from '../domain/events.ts';
import type { Machine } from '../domain/machines.ts';
import type { Person } from '../domain/people.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { isP256, keyIdOf } from '../signing/keys.ts';
import type { Authority } from './authority.ts';
import type { Asker } from './principals.ts';

type RegistryParts = { ledger: Ledger; standing: Standing; authority: Authority };

/** People and machines. One key belongs to one of them, for good. */
export class RegistryService {
  readonly #parts: RegistryParts;

  constructor(parts: RegistryParts) {
    this.#parts = parts;
  }

  async enrol(asker: Asker, person: Person): Promise<{ index: number }> {
    const { ledger, standing, authority } = this.#parts;
    for (const key of person.keys) requireApprovalKey(key);
    const { receipt } = await ledger.commit(() => {
      authority.require('administer', asker, { kind: 'registry' });
      if (standing.person(person.id)) throw new DomainError('conflict', `${person.id} is already enrolled.`);
      for (const { keyId } of person.keys) {
        const holder = standing.personByKey(keyId)?.person.id;
        if (holder)
          throw new DomainError(
            'conflict',
            `This key already belongs to ${holder}; each person has keys of their own.`,
          );
      }
      return { events: [makeEvent('person.enrolled', asker.principal, { person })], result: undefined };
    });
    return { index: receipt.index };
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

function requireApprovalKey({ keyId, publicKey }: Person['keys'][number]): void {
  let key: ReturnType<typeof createPublicKey>;
  try {
    key = createPublicKey(publicKey);
  } catch (cause) {
    throw new DomainError('request-invalid', 'The public key cannot be read.', { field: 'keys', cause });
  }
  if (!isP256(key)) throw new DomainError('request-invalid', 'People sign with ECDSA P-256 keys.', { field: 'keys' });
  if (keyIdOf(key) !== keyId)
    throw new DomainError('request-invalid', 'The key id is not the digest of the public key.', { field: 'keys' });
}
