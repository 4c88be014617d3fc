import { createHash } from 'node:crypto';
import type { Standing } from '../catalog/standing.ts';
import type { ExportAuthorization } from '../domain/authorizations.ts';
import type { Machine, Safeguard } from '../domain/machines.ts';
import type { Conduit, Zone } from '../domain/zones.ts';
import type { Authority } from './authority.ts';
import type { Asker } from './principals.ts';

/** A machine as an assessor counts it: whatever is a secret or only good for logging in is left out. */
export type InventoryMachine = Omit<Machine, 'sshKeys' | 'password'> & {
  /** `SHA256:` of each key, as OpenSSH writes it. */
  keyFingerprints: string[];
  suspended: boolean;
  safeguard?: Safeguard | undefined;
};
export type Inventory = {
  machines: InventoryMachine[];
  zones: Zone[];
  conduits: Conduit[];
  /** Under which data may stand where it otherwise may not. */
  authorizations: ExportAuthorization[];
};

/** Machines, zones and conduits as they stand, for a system security plan (32 CFR 170.19). */
export class InventoryService {
  readonly #standing: Standing;
  readonly #authority: Pick<Authority, 'require'>;

  constructor(standing: Standing, authority: Pick<Authority, 'require'>) {
    this.#standing = standing;
    this.#authority = authority;
  }

  /** Throws `policy-denied` for whoever may not administer. */
  of(asker: Asker): Inventory {
    this.#authority.require('administer', asker, { kind: 'registry' });
    const { zones, conduits } = this.#standing.zones;
    const machines = [...this.#standing.machines()].map(({ machine, suspended, safeguard }) => {
      const { sshKeys, password: _, ...facts } = machine;
      return {
        ...facts,
        keyFingerprints: sshKeys.map(fingerprint),
        suspended,
        ...(safeguard ? { safeguard } : {}),
      };
    });
    const byId = <T extends { id: string }>(list: T[]) => list.sort((a, b) => (a.id < b.id ? -1 : 1));
    const authorizations = [...this.#standing.exceptions.authorizations.values()].map((known) => known.authorization);
    return {
      ...{ machines: byId(machines), zones: byId([...zones.values()]), conduits: [...conduits.values()] },
      authorizations: byId(authorizations),
    };
  }
}

function fingerprint(key: string): string {
  const blob = Buffer.from(key.split(' ')[1] ?? '', 'base64');
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}
