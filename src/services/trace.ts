import type { Catalog } from '../catalog/catalog.ts';
import { deliveryEnds, newestAbout } from '../catalog/queries/history.ts';
import { type PastRelease, releasePackage } from '../catalog/queries/releases.ts';
import { holdersOf } from '../catalog/queries/residue.ts';
import { differencesOf, type RetrievalRow } from '../catalog/queries/returns.ts';
import type { RunRow } from '../catalog/queries/runs.ts';
import { runRows } from '../catalog/queries/runs.ts';
import {
  exposedMachines,
  exposedReadbacks,
  exposedSerials,
  type MachineExposure,
  type ReadbackExposure,
  releasesBy,
  releasesIn,
  type SerialExposure,
} from '../catalog/queries/traces.ts';
import type { Standing } from '../catalog/standing.ts';
import type { LegalHold, ReportedProblem } from '../catalog/stop-register.ts';
import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import type { Holder } from '../domain/residue.ts';
import { entriesOfDay } from '../ledger/entry-range.ts';
import type { LedgerReader } from '../ledger/store.ts';
import type { Sqlite } from '../platform/sqlite.ts';
import { type Authority, packageFacts } from './authority.ts';
import type { Asker } from './principals.ts';
import type { Timeline, TimelineRow } from './timeline.ts';

type TraceParts = {
  catalog: Pick<Catalog, 'current'>;
  standing: Pick<Standing, 'stops'>;
  authority: Authority;
  timeline: Pick<Timeline, 'of'>;
  reader: Pick<LedgerReader, 'size' | 'leaves'>;
};

export type TraceBy = keyof typeof releasesBy | 'date';
export type Trace = {
  releases: PastRelease[];
  /** There are more than are shown. */
  more: boolean;
  runs: RunRow[];
  /** What came back of them changed. */
  differences: RetrievalRow[];
  timeline: TimelineRow[];
};
export type Exposure = {
  release: PastRelease;
  serials: SerialExposure[];
  machines: MachineExposure[];
  readbacks: ReadbackExposure[];
  /** Machines that may hold it still, by their names for its files. */
  holders: Holder[];
  problems: ReportedProblem[];
  legalHolds: LegalHold[];
};

/** From a bad part back to the bytes that cut it, and on to everything else that they touched. */
export class TraceService {
  readonly #parts: TraceParts;

  constructor(parts: TraceParts) {
    this.#parts = parts;
  }

  /** What the ledger knows about a serial, a work order, a part and so on. Empty where that leads to nothing that the asker may see. */
  async trace(asker: Asker, by: TraceBy, value: string): Promise<Trace> {
    const db = await this.#parts.catalog.current();
    const found = by === 'date' ? releasesIn(db, entriesOfDay(this.#parts.reader, value)) : releasesBy[by](db, value);
    const releases = found.slice(0, limits.tracedReleases).flatMap((id) => this.#visible(db, asker, id) ?? []);
    const runs = this.#runs(db, asker, by, value, releases);
    const named = by === 'machine' || by === 'person' ? [value] : [];
    const subjects = releases.flatMap(({ releaseId, packageId }) => [releaseId, packageId]);
    const rows = limits.timelineRows;
    const ends = releases.flatMap(({ releaseId }) => deliveryEnds(db, releaseId, rows));
    const indices = [...newestAbout(db, [...named, ...subjects], rows), ...ends];
    return {
      ...{ releases, runs, more: found.length > limits.tracedReleases },
      differences: this.#differences(db, asker, releases, by === 'machine' ? value : undefined),
      timeline: await this.#parts.timeline.of(asker, indices, rows),
    };
  }

  /** Everything that a release touched. Throws `not-found` for one that the asker may not see. */
  async exposure(asker: Asker, releaseId: string): Promise<Exposure> {
    const db = await this.#parts.catalog.current();
    const release = this.#visible(db, asker, releaseId);
    if (!release) throw new DomainError('not-found', 'There is no such release.');
    const { stops } = this.#parts.standing;
    return {
      release,
      serials: exposedSerials(db, releaseId),
      machines: exposedMachines(db, releaseId),
      readbacks: exposedReadbacks(db, releaseId),
      holders: holdersOf(db, releaseId),
      problems: [...stops.problems.values()].filter((problem) => problem.releaseId === releaseId),
      legalHolds: stops.holdsOn(releaseId),
    };
  }

  #runs(db: Sqlite, asker: Asker, by: TraceBy, value: string, releases: readonly PastRelease[]): RunRow[] {
    const rows = limits.runRows;
    if (by === 'serial') return this.#seen(asker, db, runRows(db, { serial: value }, rows));
    if (by === 'workOrder') return this.#seen(asker, db, runRows(db, { workOrder: value }, rows));
    return releases.flatMap(({ releaseId }) => runRows(db, { releaseId }, rows)).slice(0, rows);
  }

  /** Of those releases whose files the asker may compare: what the differences say is in them. */
  #differences(
    db: Sqlite,
    asker: Asker,
    releases: readonly PastRelease[],
    machineId: string | undefined,
  ): RetrievalRow[] {
    const may = ({ packageId, manifest }: PastRelease) =>
      this.#parts.authority.decide('compare', asker, packageFacts(packageId, manifest)).verdict === 'permit';
    return releases
      .filter(may)
      .flatMap(({ releaseId }) => differencesOf(db, releaseId, limits.tracedReleases))
      .filter((row) => machineId === undefined || row.machineId === machineId)
      .sort((a, b) => b.index - a.index)
      .slice(0, limits.tracedReleases);
  }

  #seen(asker: Asker, db: Sqlite, runs: readonly RunRow[]): RunRow[] {
    return runs.filter(({ releaseId }) => this.#visible(db, asker, releaseId) !== undefined);
  }

  #visible(db: Sqlite, asker: Asker, releaseId: string): PastRelease | undefined {
    const found = releasePackage(db, releaseId);
    const facts = found && packageFacts(found.packageId, found.manifest);
    return facts && this.#parts.authority.decide('view', asker, facts).verdict === 'permit' ? found : undefined;
  }
}
