import type { Catalog } from '../catalog/catalog.ts';
import { releasePackage } from '../catalog/queries/releases.ts';
import {
  type Held,
  heldBy,
  openDifferences,
  type RetrievalRow,
  retrievalRow,
  retrievalRows,
  retrievalsOfMachine,
} from '../catalog/queries/returns.ts';
import type { Standing } from '../catalog/standing.ts';
import type { Action } from '../domain/decisions.ts';
import type { Digest } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import { makeEvent } from '../domain/events.ts';
import type { MachineId, RetrievalId } from '../domain/ids.ts';
import type { Disposition } from '../domain/readback.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Sqlite } from '../platform/sqlite.ts';
import type { AlarmSource } from './alarms.ts';
import { type Authority, packageFacts, type Resource } from './authority.ts';
import type { Asker } from './principals.ts';

type DeskParts = { ledger: Ledger; catalog: Pick<Catalog, 'current'>; standing: Standing; authority: Authority };

/** What people see of what came back from machines, and what they say becomes of it. */
export class ReadbackDesk {
  readonly #parts: DeskParts;

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  /** Newest first, of those that the asker may see; `open`: those that wait for somebody to resolve them, oldest first. */
  async list(
    asker: Asker,
    { machineId, open, rows }: { machineId?: MachineId | undefined; open: boolean; rows: number },
  ): Promise<RetrievalRow[]> {
    const db = await this.#parts.catalog.current();
    const all = open
      ? openDifferences(db)
      : machineId
        ? retrievalsOfMachine(db, machineId, rows)
        : retrievalRows(db, rows);
    return all.filter(
      (row) => (machineId === undefined || row.machineId === machineId) && this.#maySee(db, asker, row),
    );
  }

  /** Throws `not-found` for one that the asker may not see, as for one that there is not. */
  async show(asker: Asker, id: RetrievalId): Promise<RetrievalRow> {
    const db = await this.#parts.catalog.current();
    const row = retrievalRow(db, id);
    if (!row || !this.#maySee(db, asker, row)) throw notFound();
    return row;
  }

  /** The bytes that came back, by digest, for whoever may take away the files of what they came from. */
  async file(asker: Asker, id: RetrievalId): Promise<{ name: string; digest: Digest; size: number }> {
    const row = await this.show(asker, id);
    if (row.digest === null) throw new DomainError('state-forbids', 'It did not come whole, so that nothing was kept.');
    const resource = this.#resourceOf(await this.#parts.catalog.current(), row);
    if (resource) this.#parts.authority.require('download', asker, resource);
    else if (asker.principal.kind !== 'local') throw notFound();
    return { name: row.name, digest: row.digest, size: row.bytes };
  }

  /** Says what becomes of a program that came back changed, and lifts its hold. It was resolved once and for all then. */
  async resolve(
    asker: Asker,
    id: RetrievalId,
    said: { disposition: Disposition; reason: string },
  ): Promise<{ index: number }> {
    const row = await this.show(asker, id);
    const { ledger, catalog, authority } = this.#parts;
    const resource = this.#resourceOf(await catalog.current(), row);
    const { retrievalId, machineId, releaseId, verdict, disposition, sameAs } = row;
    if (verdict !== 'different' || !releaseId || !resource)
      throw new DomainError('state-forbids', 'Only a program that came back different is resolved.');
    if (sameAs) throw new DomainError('state-forbids', `The same bytes came back before: resolve ${sameAs}.`);
    if (disposition) throw new DomainError('state-forbids', `It was resolved already: ${disposition}.`);
    const { receipt } = await ledger.commit(() => {
      if (this.#parts.standing.isResolved(retrievalId))
        throw new DomainError('state-forbids', 'Somebody else has just resolved it.');
      const decision = authority.require('resolve-readback', asker, resource);
      const data = { retrievalId, machineId, releaseId, ...said, decision };
      return { events: [makeEvent('readback.resolved', asker.principal, data)], result: undefined };
    });
    return { index: receipt.index };
  }

  /** What a machine holds, as far as anyone can know: since its last delivery, or since it was last read back. */
  async holds(asker: Asker, machineId: MachineId): Promise<Held[]> {
    const { catalog, standing } = this.#parts;
    const db = await catalog.current();
    const held = heldBy(db, machineId).filter(({ releaseId }) =>
      this.#may('view', asker, this.#ofRelease(db, releaseId)),
    );
    if (held.length === 0 && !standing.machine(machineId))
      throw new DomainError('not-found', `${machineId} is not registered.`);
    return held;
  }

  #maySee(db: Sqlite, asker: Asker, row: RetrievalRow): boolean {
    const resource = this.#resourceOf(db, row);
    // What is of no release is known to the ledger's readers by its name and digest, and by nothing else.
    return resource ? this.#may('view', asker, resource) : this.#may('read-ledger', asker, { kind: 'ledger' });
  }

  #may(action: Action, asker: Asker, resource: Resource | undefined): boolean {
    return resource !== undefined && this.#parts.authority.decide(action, asker, resource).verdict === 'permit';
  }

  #resourceOf(db: Sqlite, { releaseId }: RetrievalRow): Resource | undefined {
    return releaseId === null ? undefined : this.#ofRelease(db, releaseId);
  }

  #ofRelease(db: Sqlite, releaseId: string): Resource | undefined {
    const made = releasePackage(db, releaseId);
    return made && packageFacts(made.packageId, made.manifest);
  }
}

/** Releases that go to a machine no more, until somebody says what becomes of what it sent back. */
export const readbackDiffers =
  (standing: Pick<Standing, 'readbackHolds'>): AlarmSource =>
  () =>
    [...standing.readbackHolds()].map(({ machineId, retrievalId, releaseId, since }) => ({
      code: 'nonconformance-open' as const,
      subject: `readback ${retrievalId}`,
      sentence: `${machineId} sent back another program than was delivered to it: release ${releaseId} is on hold there.`,
      goOn: `Look at it with "keyway readback show ${retrievalId}", then resolve it.`,
      since,
    }));

const notFound = () => new DomainError('not-found', 'Nothing such came back.');
