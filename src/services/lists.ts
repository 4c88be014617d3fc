import type { Catalog } from '../catalog/catalog.ts';
import { type DepositRow, depositRows } from '../catalog/queries/deposits.ts';
import {
  findingCounts,
  type Job,
  jobs,
  type PackageFilter,
  type PackageOrder,
  type PackagePosition,
  packageRows,
  packagesOfJob,
  positionOf,
  waitingPackages,
} from '../catalog/queries/package-lists.ts';
import { type PackageRow, packageRow } from '../catalog/queries/packages.ts';
import { type ReleaseListed, releaseRows } from '../catalog/queries/releases.ts';
import type { OpenPackage } from '../catalog/standing-kinds.ts';
import type { PackageId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { ChangeSize, Manifest } from '../domain/manifest.ts';
import type { PersonRole } from '../domain/people.ts';
import type { DepositState, ReleaseState } from '../domain/states.ts';
import type { Sqlite } from '../platform/sqlite.ts';
import type { Missing } from '../policy/judge-route.ts';
import type { AccessRecord } from './access-record.ts';
import { type ApproverParts, rolesToApprove } from './approver.ts';
import { packageFacts } from './authority.ts';
import type { BrowseService } from './browse.ts';
import { routeOf } from './package-route.ts';
import type { Asker } from './principals.ts';
import { type VisiblePage, visiblePage } from './visible-page.ts';
import type { KeptBack, WaiverService } from './waivers.ts';

type ListParts = ApproverParts & {
  catalog: Pick<Catalog, 'current'>;
  browse: Pick<BrowseService, 'maySeeDeposit'>;
  record: Pick<AccessRecord, 'listed'>;
  waivers: Pick<WaiverService, 'openTo'>;
};

export type PackagesAsked = PackageFilter & {
  /** Whose approval it waits for: `me`, or a role. */
  turn?: 'me' | PersonRole | undefined;
  order?: PackageOrder | undefined;
  after?: PackagePosition | undefined;
  rows: number;
};
/** What still stands between a package that waits and its release. */
export type Waiting = { routeId: string; change: ChangeSize; missing: Missing[]; yourRoles: PersonRole[] };
export type ListedPackage = {
  row: PackageRow;
  waiting: Waiting | undefined;
  findings: { hold: number; warn: number; note: number };
};
export type ListedJob = Job & { rows: PackageRow[] };

/** Lists, a page at a time: whatever policy does not let the asker see is not in them. */
export class ListService {
  readonly #parts: ListParts;

  constructor(parts: ListParts) {
    this.#parts = parts;
  }

  async packages(asker: Asker, asked: PackagesAsked): Promise<{ packages: ListedPackage[]; next?: PackagePosition }> {
    const db = await this.#parts.catalog.current();
    const { turn } = asked;
    const page = turn === undefined ? this.#all(db, asker, asked) : this.#whoseTurn(db, asker, { ...asked, turn });
    const ids = page.shown.map(({ row }) => row.packageId);
    this.#parts.record.listed(asker, 'packages', ids);
    return { packages: page.shown, ...(page.last ? { next: page.last } : {}) };
  }

  #all(db: Sqlite, asker: Asker, asked: PackagesAsked): VisiblePage<PackagePosition, ListedPackage> {
    const { order = 'newest', rows } = asked;
    const filter = order === 'due' ? { ...asked, state: asked.state ?? ('submitted' as const) } : asked;
    const next = (last: PackageRow | undefined, most: number) =>
      packageRows(db, filter, order, last ? positionOf(last) : asked.after, most);
    const see = (row: PackageRow): ListedPackage | undefined => {
      if (!this.#maySee(asker, row)) return undefined;
      const open = this.#parts.standing.openPackage(row.packageId);
      return listed(db, row, open && this.#waiting(asker, open));
    };
    const { shown, last } = visiblePage(next, see, rows);
    return { shown, last: last && positionOf(last) };
  }

  /** Most of what waits is somebody else's turn: of that no row is read. */
  #whoseTurn(
    db: Sqlite,
    asker: Asker,
    { turn, rows, order = 'due', ...asked }: PackagesAsked & { turn: 'me' | PersonRole },
  ): VisiblePage<PackagePosition, ListedPackage> {
    const next = (last: PackagePosition | undefined, most: number) =>
      waitingPackages(db, asked, order, last ?? asked.after, most);
    const see = ({ packageId }: { packageId: PackageId }): ListedPackage | undefined => {
      const open = this.#parts.standing.openPackage(packageId);
      const waiting = open && this.#maySee(asker, open) ? this.#waiting(asker, open) : undefined;
      const row = waiting && isTurn(waiting, turn) ? packageRow(db, packageId) : undefined;
      return row && listed(db, row, waiting);
    };
    return visiblePage(next, see, rows);
  }

  async deposits(
    asker: Asker,
    asked: { mine?: boolean; state?: DepositState | undefined; after?: number | undefined; rows: number },
  ): Promise<{ deposits: DepositRow[]; next?: number }> {
    const db = await this.#parts.catalog.current();
    const person = asked.mine && asker.principal.kind === 'person' ? asker.principal.id : undefined;
    const next = (last: DepositRow | undefined, most: number) =>
      depositRows(db, { state: asked.state, person }, last?.index ?? asked.after, most);
    const see = (row: DepositRow) => (this.#parts.browse.maySeeDeposit(db, asker, row) ? row : undefined);
    const page = visiblePage(next, see, asked.rows);
    const ids = page.shown.map(({ depositId }) => depositId);
    this.#parts.record.listed(asker, 'deposits', ids);
    return { deposits: page.shown, ...(page.last ? { next: page.last.index } : {}) };
  }

  /** Deposits that wait for a waiver: of each revision of a job the newest, unless a package of it came later. */
  async keptBack(asker: Asker): Promise<{ keptBack: KeptBack[]; more: boolean }> {
    const db = await this.#parts.catalog.current();
    const rejected = depositRows(db, { state: 'rejected' }, undefined, limits.keptBackLookedAt);
    const found = new Map<string, KeptBack>();
    for (const row of rejected) {
      const kept = await this.#parts.waivers.openTo(asker, row);
      const job = kept && revisionOf(kept.manifest);
      if (kept && job !== undefined && !found.has(job) && !isReplaced(db, kept)) found.set(job, kept);
    }
    const keptBack = [...found.values()];
    this.#parts.record.listed(
      asker,
      'deposits',
      keptBack.map(({ row }) => row.depositId),
    );
    return { keptBack, more: rejected.length === limits.keptBackLookedAt };
  }

  async releases(
    asker: Asker,
    asked: { state?: ReleaseState | undefined; part?: string | undefined; after?: number | undefined; rows: number },
  ): Promise<{ releases: ReleaseListed[]; next?: number }> {
    const db = await this.#parts.catalog.current();
    const next = (last: ReleaseListed | undefined, most: number) =>
      releaseRows(db, asked, last?.index ?? asked.after, most);
    const see = (row: ReleaseListed) => (this.#maySee(asker, row) ? row : undefined);
    const page = visiblePage(next, see, asked.rows);
    const ids = page.shown.map(({ releaseId }) => releaseId);
    this.#parts.record.listed(asker, 'releases', ids);
    return { releases: page.shown, ...(page.last ? { next: page.last.index } : {}) };
  }

  /** One row a job with what is released and what waits, by part. A job of which the asker may see nothing is none. */
  async programs(
    asker: Asker,
    { q, after, rows }: { q: string; after?: Job | undefined; rows: number },
  ): Promise<{ programs: ListedJob[]; next?: Job }> {
    const db = await this.#parts.catalog.current();
    const see = (job: Job): ListedJob | undefined => {
      const found = packagesOfJob(db, job, limits.packagesPerJob).filter((row) => this.#maySee(asker, row));
      return found.length > 0 ? { ...job, rows: found } : undefined;
    };
    const page = visiblePage((last: Job | undefined, most) => jobs(db, q, last ?? after, most), see, rows);
    const named = page.shown.map(({ part, operation, machineGroup }) => `${part}/${operation}/${machineGroup}`);
    this.#parts.record.listed(asker, 'programs', named);
    return { programs: page.shown, ...(page.last ? { next: page.last } : {}) };
  }

  #waiting(asker: Asker, open: OpenPackage): Waiting {
    const route = routeOf(open, this.#parts);
    const { missing } = route.judged;
    const yourRoles = missing.length === 0 ? [] : rolesToApprove(asker, open, this.#parts, route);
    return { routeId: route.route.id, change: route.change, missing, yourRoles };
  }

  #maySee(asker: Asker, { packageId, manifest }: Pick<PackageRow, 'packageId' | 'manifest'>): boolean {
    return this.#parts.authority.decide('view', asker, packageFacts(packageId, manifest)).verdict === 'permit';
  }
}

const listed = (db: Sqlite, row: PackageRow, waiting: Waiting | undefined): ListedPackage => ({
  ...{ row, waiting },
  findings: findingCounts(db, row.depositId),
});

const revisionOf = ({ part, operation, machineGroup, revision }: Manifest): string =>
  [part, operation, machineGroup, revision].join('/');

function isReplaced(db: Sqlite, { row, manifest }: KeptBack): boolean {
  const packages = packagesOfJob(db, manifest, limits.packagesPerJob);
  return packages.some((one) => one.manifest.revision === manifest.revision && one.index > row.index);
}

function isTurn({ missing, yourRoles }: Waiting, turn: 'me' | PersonRole): boolean {
  if (turn === 'me') return yourRoles.length > 0;
  const step = Math.min(...missing.map((line) => line.step));
  return missing.some((line) => line.step === step && line.role === turn);
}
