import { type Event, eventTypeNames, type Sequenced } from '../domain/events.ts';
import type { MachineId } from '../domain/ids.ts';
import type { Machine, Safeguard } from '../domain/machines.ts';
import type { SshRevocation } from '../domain/ssh-keys.ts';

export type MachineStanding = {
  machine: Machine;
  index: number;
  suspended: boolean;
  /** Never taken back. */
  revoked: SshRevocation[];
  /** The newest safeguard record, whether or not it has expired. */
  safeguard: Safeguard | undefined;
};

type MachineEvent = Extract<Event, { type: `machine.${string}` }>;
export type MachineEntry = Sequenced<MachineEvent>;
export const machineEvents = eventTypeNames.filter((type) => type.startsWith('machine.'));
export const isMachineEntry = (entry: Sequenced): entry is MachineEntry => entry.event.type.startsWith('machine.');

/** The machines that are registered now, and what holds of each. Believes what it is given, as the register of people does. */
export class MachineRegister {
  readonly #machines = new Map<MachineId, MachineStanding>();
  /** Of every machine that there ever was, the entries about it. */
  readonly #entries = new Map<MachineId, number[]>();

  machine(id: string): MachineStanding | undefined {
    return this.#machines.get(id as MachineId);
  }
  all(): Iterable<MachineStanding> {
    return this.#machines.values();
  }
  /** Indices of all that the ledger says about it, in order; none for one that never was. */
  entries(id: string): readonly number[] {
    return this.#entries.get(id as MachineId) ?? [];
  }

  apply(entry: MachineEntry): void {
    const { event, index } = entry;
    const id = machineOf(entry);
    this.#entries.set(id, [...this.entries(id), index]);
    switch (event.type) {
      case 'machine.registered': {
        const { machine } = event.data;
        this.#machines.set(machine.id, { machine, index, suspended: false, revoked: [], safeguard: undefined });
        return;
      }
      case 'machine.changed':
        this.#change(id, { machine: event.data.machine, index });
        return;
      case 'machine.key-revoked':
        this.#change(id, { revoked: [...(this.#machines.get(id)?.revoked ?? []), event.data.revoked] });
        return;
      case 'machine.suspended':
        this.#change(id, { suspended: true });
        return;
      case 'machine.resumed':
        this.#change(id, { suspended: false });
        return;
      case 'machine.safeguarded':
        this.#change(id, { safeguard: event.data.safeguard });
        return;
      case 'machine.retired':
        this.#machines.delete(id);
    }
  }

  /** A new object, so that whoever remembers the old one as verified looks again. */
  #change(id: MachineId, facts: Partial<MachineStanding>): void {
    const known = this.#machines.get(id);
    if (known) this.#machines.set(id, { ...known, ...facts });
  }
}

/** Which machine an entry is about. */
export const machineOf = ({ event: { data } }: MachineEntry): MachineId =>
  'machine' in data ? data.machine.id : data.machineId;
