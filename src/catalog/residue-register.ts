import type { EventOf, Sequenced } from '../domain/events.ts';
import type { MachineId, ReleaseId } from '../domain/ids.ts';

/** A recalled release that a machine may still hold. */
export type Residue = { releaseId: ReleaseId; machineId: MachineId; files: readonly string[]; since: string };
type ResidueEntry = Sequenced<EventOf<'release.recalled' | 'residue.cleared'>>;

export const residueEvents = ['release.recalled', 'residue.cleared'] as const;
export const isResidueEntry = (entry: Sequenced): entry is ResidueEntry =>
  residueEvents.some((type) => type === entry.event.type);

/** What machines may still hold of what was recalled, until each is cleared. */
export class ResidueRegister {
  readonly #open = new Map<string, Residue>();

  all(): Iterable<Residue> {
    return this.#open.values();
  }
  of(releaseId: string, machineId: string): Residue | undefined {
    return this.#open.get(keyOf(releaseId, machineId));
  }

  apply({ event: { type, data }, time }: ResidueEntry): void {
    const { releaseId } = data;
    if (type === 'release.recalled') {
      for (const { machineId, files } of data.holders)
        this.#open.set(keyOf(releaseId, machineId), { releaseId, machineId, files, since: time });
      return;
    }
    const key = keyOf(releaseId, data.machineId);
    const before = this.#open.get(key);
    const files = before?.files.filter((file) => !data.files.includes(file)) ?? [];
    if (before && files.length > 0) this.#open.set(key, { ...before, files });
    else this.#open.delete(key);
  }
}

/** Neither may hold a space. */
const keyOf = (releaseId: string, machineId: string): string => `${releaseId} ${machineId}`;
