import type { MachineStanding } from '../catalog/machine-register.ts';
import type { Standing } from '../catalog/standing.ts';
import type { MachineId } from '../domain/ids.ts';

/** Which machines are not what they were at the last look. What holds of one is a new object after every change of it. */
export class ChangedMachines {
  readonly #standing: Pick<Standing, 'machines'>;
  #seen: ReadonlyMap<MachineId, MachineStanding>;

  constructor(standing: Pick<Standing, 'machines'>) {
    this.#standing = standing;
    this.#seen = this.#now();
  }

  /** Also those that are gone. Those that are new had nobody come in yet. */
  look(): MachineId[] {
    const [before, now] = [this.#seen, this.#now()];
    this.#seen = now;
    return [...before].filter(([id, standing]) => now.get(id) !== standing).map(([id]) => id);
  }

  #now(): ReadonlyMap<MachineId, MachineStanding> {
    return new Map([...this.#standing.machines()].map((standing) => [standing.machine.id, standing]));
  }
}
