import type { Catalog } from '../catalog/catalog.ts';
import { type RetrievalRow, recentReturns } from '../catalog/queries/returns.ts';
import type { DoorChannel } from '../domain/doors.ts';
import { DomainError } from '../domain/errors.ts';
import type { MachineId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { readbackVerdicts, returnFolder } from '../domain/returns.ts';
import type { Shelf, ShelfEntry, Shelves } from '../domain/shelf.ts';
import { type Clock, rfc3339 } from '../platform/clock.ts';

type ReturnShelfParts = { shelves: Shelves; catalog: Pick<Catalog, 'current'>; clock: Clock };

/**
 * The shelf with the folder that a machine sends programs back into. It shows what came in the last days by name, and the
 * same again in a folder for each verdict: an operator sees `from-machine/different/O4471.NC` at the control itself.
 */
export class ReturnShelf implements Shelves {
  readonly #parts: ReturnShelfParts;

  constructor(parts: ReturnShelfParts) {
    this.#parts = parts;
  }

  through(channel: DoorChannel): Shelf {
    const shelf = this.#parts.shelves.through(channel);
    return {
      identify: (name, credential) => shelf.identify(name, credential),
      list: async (machine, path) => {
        if (path[0] === returnFolder) return this.#list(machine, path.slice(1));
        const listed = await shelf.list(machine, path);
        return path.length === 0 && listed ? [...listed, folder(returnFolder)] : listed;
      },
      stat: async (machine, path) => {
        if (path[0] !== returnFolder) return shelf.stat(machine, path);
        const name = path.at(-1);
        if (path.length === 1) return folder(returnFolder);
        return (await this.#list(machine, path.slice(1, -1)))?.find((entry) => entry.name === name);
      },
      open: async (machine, path, sendingId) => {
        if (path[0] !== returnFolder) return shelf.open(machine, path, sendingId);
        throw new DomainError('forbidden', 'What a machine sent is kept as evidence and goes to no machine from here.');
      },
      stopped: (deliveryId) => shelf.stopped(deliveryId),
      finish: (end) => shelf.finish(end),
    };
  }

  async #list(machine: MachineId, path: readonly string[]): Promise<ShelfEntry[] | undefined> {
    const [verdict, ...more] = path;
    const rows = await this.#recent(machine);
    if (verdict === undefined) return [...verdictFolders(rows), ...rows.map(file)];
    const judged = rows.filter((row) => row.verdict === verdict);
    return judged.length > 0 && more.length === 0 ? judged.map(file) : undefined;
  }

  async #recent(machine: MachineId): Promise<RetrievalRow[]> {
    const { catalog, clock } = this.#parts;
    const since = rfc3339(clock() - limits.arrivalsShownMs);
    return recentReturns(await catalog.current(), machine, since, limits.arrivalsShown);
  }
}

const folder = (name: string): ShelfEntry => ({ kind: 'folder', name, time: rfc3339(0) });
const file = ({ name, bytes, time }: RetrievalRow): ShelfEntry => ({ kind: 'file', name, size: bytes, time });
const verdictFolders = (rows: readonly RetrievalRow[]): ShelfEntry[] =>
  readbackVerdicts.filter((verdict) => rows.some((row) => row.verdict === verdict)).map(folder);
