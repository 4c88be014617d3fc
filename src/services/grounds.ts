import { isMachineEntry, MachineRegister, type MachineStanding } from '../catalog/machine-register.ts';
import type { Standing } from '../catalog/standing.ts';
import { isZoneEntry, ZoneRegister } from '../catalog/zone-register.ts';
import { DomainError } from '../domain/errors.ts';
import type { MachineId } from '../domain/ids.ts';
import { type AuthorisedEntry, type ChangeTrust, isAuthorised, verifiedRegister } from '../signing/change.ts';
import { sameJson } from '../signing/statements.ts';
import type { ProvenEntries } from './proven-entries.ts';

type GroundsParts = {
  standing: Standing;
  entries: Pick<ProvenEntries, 'checkpointOver' | 'open' | 'peopleBehind'>;
  trust: ChangeTrust;
};

/**
 * What a delivery rests on beside its release: the machine as it is recorded, and the zones and conduits on the way to it.
 * Each of their entries is opened from the ledger, and the signatures under it are followed up to the trust root. A
 * machine that two administrators did not sign for is sent nothing, whatever wrote its entry. Answers are kept until an
 * event touches what they are about.
 */
export class Grounds {
  readonly #parts: GroundsParts;
  readonly #machines = new Map<MachineId, MachineStanding>();
  #zones = -1;

  constructor(parts: GroundsParts) {
    this.#parts = parts;
  }

  /** Throws `not-verified`, `checkpoint-behind`, or `not-found` for a machine that is not registered. */
  require(id: MachineId): void {
    const machine = this.#parts.standing.machine(id);
    if (!machine) throw new DomainError('not-found', `${id} is not registered.`);
    if (this.#machines.get(id) !== machine) {
      this.#verifyMachine(id, machine);
      this.#machines.set(id, machine);
    }
    const { version } = this.#parts.standing.zones;
    if (this.#zones !== version) {
      this.#verifyZones();
      this.#zones = version;
    }
  }

  #verifyMachine(id: MachineId, inForce: MachineStanding): void {
    const signed = new MachineRegister();
    this.#fold(this.#parts.standing.machineEntries(id), `the registration of ${id}`, (entry) => {
      if (isMachineEntry(entry)) signed.apply(entry);
    });
    if (!sameJson(signed.machine(id) ?? null, inForce))
      throw new DomainError('not-verified', `${id} is not the machine that administrators signed for.`);
  }

  #verifyZones(): void {
    const { zones } = this.#parts.standing;
    const signed = new ZoneRegister();
    this.#fold(zones.entries, 'the zones', (entry) => {
      if (isZoneEntry(entry)) signed.apply(entry);
    });
    if (!sameJson(planOf(signed), planOf(zones)))
      throw new DomainError('not-verified', 'The zones and conduits are not those that administrators signed.');
  }

  /** Each entry once its signatures hold, by whoever was in office when it was written. */
  #fold(indices: readonly number[], what: string, apply: (entry: AuthorisedEntry) => void): void {
    if (indices.length === 0) return;
    const { entries, standing, trust } = this.#parts;
    const tree = entries.checkpointOver(Math.max(...indices), what);
    const changes = indices.map((index) => requireAuthorised(entries.open(index, tree)));
    const signers = changes.flatMap(({ event }) =>
      event.data.authorisation.signatures.flatMap(({ keyid }) => standing.register.holder(keyid)?.person ?? []),
    );
    verifiedRegister([...changes, ...entries.peopleBehind(signers, tree)], trust, { onOther: apply });
  }
}

const planOf = ({ zones, conduits }: Pick<ZoneRegister, 'zones' | 'conduits'>) => ({
  zones: Object.fromEntries(zones),
  conduits: Object.fromEntries(conduits),
});

function requireAuthorised(entry: Parameters<typeof isAuthorised>[0]): AuthorisedEntry {
  if (isAuthorised(entry)) return entry;
  throw new DomainError('not-verified', `Ledger entry ${entry.index} is not one that anybody signed.`);
}
