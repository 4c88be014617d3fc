import { ExceptionRegister, isExceptionEntry } from '../catalog/exception-register.ts';
import { isMachineEntry, MachineRegister } from '../catalog/machine-register.ts';
import type { Standing } from '../catalog/standing.ts';
import { isZoneEntry, ZoneRegister } from '../catalog/zone-register.ts';
import { DomainError } from '../domain/errors.ts';
import type { MachineId } from '../domain/ids.ts';
import { type AuthorisedEntry, type ChangeTrust, isAuthorised, verifiedRegister } from '../signing/change.ts';
import { sameJson } from '../signing/statements.ts';
import type { Exceptions } from './authority.ts';
import type { ProvenEntries } from './proven-entries.ts';

type GroundsParts = {
  standing: Standing;
  entries: Pick<ProvenEntries, 'checkpointOver' | 'covering' | 'open' | 'peopleBehind'>;
  trust: ChangeTrust;
};

/**
 * What a delivery rests on beside its release: the machine as it is recorded, the zones and conduits on the way to it, and
 * the exceptions that let it be. Each of their entries is opened from the ledger, and the signatures under it are
 * followed up to the trust root. A machine that two administrators did not sign for is sent nothing, whatever wrote its
 * entry. Answers are kept until an event touches what they are about.
 */
export class Grounds {
  readonly #parts: GroundsParts;
  /** What the standing holds and was found to be signed. Whatever an event changes is another object. */
  readonly #held = new WeakSet<object>();
  #zones = -1;

  constructor(parts: GroundsParts) {
    this.#parts = parts;
  }

  /** Rejects with `not-verified`, `checkpoint-behind`, or `not-found` for a machine that is not registered. */
  async require(id: MachineId, exceptions: Exceptions): Promise<void> {
    const unseen = this.#unseen(id, exceptions);
    if (unseen.length === 0) return;
    await this.#parts.entries.covering(Math.max(...unseen));
    this.#verify(id, exceptions);
  }

  /** Entries behind whatever was not found to be signed yet. */
  #unseen(id: MachineId, { authorizations, breakGlass }: Exceptions): number[] {
    const { standing } = this.#parts;
    const machine = standing.machine(id);
    const exceptions = breakGlass ? [...authorizations, breakGlass] : authorizations;
    return [
      ...(machine && this.#held.has(machine) ? [] : [0, ...standing.machineEntries(id)]),
      ...(this.#zones === standing.zones.version ? [] : [0, ...standing.zones.entries]),
      ...exceptions.flatMap((inForce) => (this.#held.has(inForce) ? [] : inForce.index)),
    ];
  }

  #verify(id: MachineId, { authorizations, breakGlass }: Exceptions): void {
    this.#requireMachine(id);
    this.#requireZones();
    for (const inForce of authorizations) {
      const { authorization } = inForce;
      this.#requireException(inForce, ({ authorizations: signed }) => signed.get(authorization.id));
    }
    if (breakGlass) {
      const opened = Date.parse(breakGlass.time);
      this.#requireException(breakGlass, (signed) => signed.breakGlass(opened)[0]);
    }
  }

  #requireMachine(id: MachineId): void {
    const inForce = this.#parts.standing.machine(id);
    if (!inForce) throw new DomainError('not-found', `${id} is not registered.`);
    if (this.#held.has(inForce)) return;
    const signed = new MachineRegister();
    this.#fold(this.#parts.standing.machineEntries(id), `the registration of ${id}`, (entry) => {
      if (isMachineEntry(entry)) signed.apply(entry);
    });
    if (!sameJson(signed.machine(id) ?? null, inForce))
      throw new DomainError('not-verified', `${id} is not the machine that administrators signed for.`);
    this.#held.add(inForce);
  }

  #requireZones(): void {
    const { zones } = this.#parts.standing;
    if (this.#zones === zones.version) return;
    const signed = new ZoneRegister();
    this.#fold(zones.entries, 'the zones', (entry) => {
      if (isZoneEntry(entry)) signed.apply(entry);
    });
    if (!sameJson(planOf(signed), planOf(zones)))
      throw new DomainError('not-verified', 'The zones and conduits are not those that administrators signed.');
    this.#zones = zones.version;
  }

  #requireException<T extends { index: number }>(inForce: T, find: (signed: ExceptionRegister) => T | undefined): void {
    if (this.#held.has(inForce)) return;
    const signed = new ExceptionRegister();
    this.#fold([inForce.index], 'what was set aside', (entry) => {
      if (isExceptionEntry(entry)) signed.apply(entry);
    });
    if (!sameJson(find(signed) ?? null, inForce))
      throw new DomainError('not-verified', 'An exception that this rests on is not the one that was signed.');
    this.#held.add(inForce);
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
