import type { EventOf, Sequenced } from '../domain/events.ts';
import type { MachineId, ReleaseId, RetrievalId } from '../domain/ids.ts';

/** A release that does not go to a machine, because of what that sent back. */
export type ReadbackHold = { machineId: MachineId; retrievalId: RetrievalId; releaseId: ReleaseId; since: string };
type HoldEntry = Sequenced<EventOf<'release.held' | 'readback.resolved'>>;

export const holdEvents = ['release.held', 'readback.resolved'] as const;
export const isHoldEntry = (entry: Sequenced): entry is HoldEntry =>
  holdEvents.some((type) => type === entry.event.type);

/** What is on hold for which machine now. */
export class ReadbackHolds {
  readonly #byMachine = new Map<MachineId, Map<RetrievalId, ReadbackHold>>();
  readonly #resolved = new Set<RetrievalId>();

  of(machineId: MachineId): ReadbackHold[] {
    return [...(this.#byMachine.get(machineId)?.values() ?? [])];
  }
  *all(): Generator<ReadbackHold> {
    for (const holds of this.#byMachine.values()) yield* holds.values();
  }
  isResolved(retrievalId: RetrievalId): boolean {
    return this.#resolved.has(retrievalId);
  }

  apply({ event: { type, data }, time }: HoldEntry): void {
    const { machineId, retrievalId, releaseId } = data;
    const held = this.#byMachine.get(machineId) ?? new Map<RetrievalId, ReadbackHold>();
    this.#byMachine.set(machineId, held);
    if (type === 'release.held') held.set(retrievalId, { machineId, retrievalId, releaseId, since: time });
    else {
      held.delete(retrievalId);
      this.#resolved.add(retrievalId);
    }
  }
}
