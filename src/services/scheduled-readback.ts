import type { Logger } from 'pino';
import type { Catalog } from '../catalog/catalog.ts';
import { heldBy, sentUnder } from '../catalog/queries/returns.ts';
import type { Standing } from '../catalog/standing.ts';
import { toDomainError } from '../domain/errors.ts';
import type { MachineId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { PushLink } from '../domain/machine-links.ts';
import { doorsOf, type Machine } from '../domain/machines.ts';
import type { Pusher } from '../domain/pushing.ts';
import type { Clock } from '../platform/clock.ts';
import type { ResidueService } from './residue.ts';

type ReadbackParts = {
  standing: Standing;
  catalog: Pick<Catalog, 'current'>;
  pusher: Pick<Pusher, 'survey' | 'remove'>;
  residue: Pick<ResidueService, 'clearByListing'>;
  clock: Clock;
  log: Pick<Logger, 'info' | 'warn'>;
};
type Linked = Machine & { push: PushLink };

const hourMs = 60 * 60 * 1000;

/**
 * Looks into the folders that programs were put in: as often as a machine's registration says, and as long as it may hold something
 * that was recalled. What it finds goes the way back like everything that a machine sends; what was recalled is taken away where it
 * is still byte for byte ours, and a listing without its name is the proof.
 */
export class ScheduledReadback {
  readonly #parts: ReadbackParts;
  readonly #looked = new Map<MachineId, { atMs: number; failed: boolean }>();
  #looking: Promise<void> | undefined;

  constructor(parts: ReadbackParts) {
    this.#parts = parts;
  }

  /** Begins with the first that is due; one folder at a time. */
  look(): void {
    this.#looking ??= this.#next().finally(() => {
      this.#looking = undefined;
    });
  }

  async idle(): Promise<void> {
    await this.#looking;
  }

  async #next(): Promise<void> {
    const { standing, clock, log } = this.#parts;
    const now = clock();
    const due = [...standing.machines()].find((one) => !one.suspended && this.#isDue(one.machine, now))?.machine;
    if (!due || !isLinked(due)) return;
    this.#looked.set(due.id, { atMs: now, failed: false });
    try {
      await this.#readBack(due);
    } catch (error) {
      this.#looked.set(due.id, { atMs: now, failed: true });
      log.warn({ machine: due.id, detail: toDomainError(error).message }, 'a folder could not be read back');
    }
  }

  #isDue(machine: Machine, now: number): boolean {
    if (!isLinked(machine)) return false;
    const { readBackHours } = machine.push;
    const recalledMs = this.#recalledMs(machine.id);
    if (readBackHours === undefined && recalledMs === undefined) return false;
    const last = this.#looked.get(machine.id);
    const isRecalled = recalledMs !== undefined;
    if (isRecalled && last && recalledMs > last.atMs && !last.failed) return true;
    const soon = isRecalled || last?.failed || readBackHours === undefined;
    return !last || now - last.atMs >= (soon ? limits.readBackAgainMs : readBackHours * hourMs);
  }

  /** When something that it may hold was recalled last. */
  #recalledMs(machineId: MachineId): number | undefined {
    const open = [...this.#parts.standing.residue.all()].filter((one) => one.machineId === machineId);
    return open.length === 0 ? undefined : Math.max(...open.map(({ since }) => Date.parse(since)));
  }

  async #readBack({ id: machine, channel, push: link }: Linked): Promise<void> {
    const { pusher, catalog, residue, log } = this.#parts;
    const names = heldBy(await catalog.current(), machine).map(({ as }) => as);
    const { listed, verdicts } = await pusher.survey({ machine, link, names });
    log.info({ machine, read: verdicts.length }, 'a folder was read back');
    if (this.#recalledMs(machine) === undefined) return;
    const removed = await this.#takeAway(machine, link, listed);
    const [door] = doorsOf({ channel, push: link });
    const left = removed ? (await pusher.survey({ machine, link, names: [] })).listed : listed;
    if (door) await residue.clearByListing(door, machine, left);
  }

  /** Only what is byte for byte a recalled program. What another release has put in its place was read back before, and is open no more. */
  async #takeAway(machine: MachineId, link: Linked['push'], listed: readonly string[]): Promise<boolean> {
    const { standing, catalog, pusher, log } = this.#parts;
    const there = new Set(listed.map((name) => name.toLowerCase()));
    let removed = false;
    for (const { releaseId, machineId, files } of standing.residue.all()) {
      if (machineId !== machine) continue;
      for (const name of files.filter((file) => there.has(file.toLowerCase()))) {
        const sent = sentUnder(await catalog.current(), machine, name);
        const only = sent.filter((one) => one.releaseId === releaseId).map(({ digest, size }) => ({ digest, size }));
        if (!(await pusher.remove({ machine, link, name, only }))) continue;
        removed = true;
        log.info({ machine, releaseId }, 'a recalled program was taken away');
      }
    }
    return removed;
  }
}

const isLinked = (machine: Machine): machine is Linked => machine.push !== undefined;
