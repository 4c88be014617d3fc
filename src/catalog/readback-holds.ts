import type { MachineId, ReleaseId, RetrievalId } from '../domain/ids.ts';

type Held = { machineId: MachineId; retrievalId: RetrievalId; releaseId: ReleaseId };

/** Which releases do not go to which machine, because of what it sent back. */
export class ReadbackHolds {
  readonly #byMachine = new Map<MachineId, Map<RetrievalId, ReleaseId>>();

  of(machineId: MachineId): ReleaseId[] {
    return [...(this.#byMachine.get(machineId)?.values() ?? [])];
  }

  hold({ machineId, retrievalId, releaseId }: Held): void {
    const held = this.#byMachine.get(machineId) ?? new Map<RetrievalId, ReleaseId>();
    this.#byMachine.set(machineId, held.set(retrievalId, releaseId));
  }

  lift({ machineId, retrievalId }: Pick<Held, 'machineId' | 'retrievalId'>): void {
    this.#byMachine.get(machineId)?.delete(retrievalId);
  }
}
