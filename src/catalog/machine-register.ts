import { type Event, eventTypeNames } from '../domain/events.ts';
import type { MachineId } from '../domain/ids.ts';
import type { Machine, Safeguard } from '../domain/machines.ts';

export type MachineStanding = {
  machine: Machine;
  index: number;
  suspended: boolean;
  /** The newest safeguard record, whether or not it has expired. */
  safeguard: Safeguard | undefined;
};

type MachineEvent = Extract<Event, { type: `machine.${string}` }>;
export const machineEvents = eventTypeNames.filter((type) => type.startsWith('machine.'));
export const isMachineEvent = (event: Event): event is MachineEvent => event.type.startsWith('machine.');

/** The machines that are registered now, and what holds of each. */
export class MachineRegister {
  readonly #machines = new Map<MachineId, MachineStanding>();

  machine(id: string): MachineStanding | undefined {
    return this.#machines.get(id as MachineId);
  }
  all(): Iterable<MachineStanding> {
    return this.#machines.values();
  }

  apply(event: MachineEvent, index: number): void {
    switch (event.type) {
      case 'machine.registered': {
        const { machine } = event.data;
        this.#machines.set(machine.id, { machine, index, suspended: false, safeguard: undefined });
        return;
      }
      case 'machine.changed':
        this.#change(event.data.machine.id, { machine: event.data.machine, index });
        return;
      case 'machine.suspended':
        this.#change(event.data.machineId, { suspended: true });
        return;
      case 'machine.resumed':
        this.#change(event.data.machineId, { suspended: false });
        return;
      case 'machine.safeguarded':
        this.#change(event.data.machineId, { safeguard: event.data.safeguard });
        return;
      case 'machine.retired':
        this.#machines.delete(event.data.machineId);
    }
  }

  #change(id: MachineId, facts: Partial<MachineStanding>): void {
    const known = this.#machines.get(id);
    if (known) this.#machines.set(id, { ...known, ...facts });
  }
}
