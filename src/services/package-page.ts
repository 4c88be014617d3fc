import type { Catalog } from '../catalog/catalog.ts';
import { type DepositRow, depositRow } from '../catalog/queries/deposits.ts';
import { deliveryEnds, newestAbout } from '../catalog/queries/history.ts';
import { type PastRelease, releaseBefore, releaseEnd, releasePackage } from '../catalog/queries/releases.ts';
import { isControlled } from '../domain/classification.ts';
import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { disabledReason } from '../domain/states.ts';
import type { Sqlite } from '../platform/sqlite.ts';
import {
  type ActOfPackage,
  type ApproverParts,
  approvalActs,
  type MissingApproval,
  missingApprovals,
} from './approver.ts';
import { packageFacts } from './authority.ts';
import type { BrowseService, PackageDetail } from './browse.ts';
import { type CheckResult, checksOf } from './checks.ts';
import type { Asker } from './principals.ts';
import type { Timeline, TimelineRow } from './timeline.ts';

type PackagePageParts = ApproverParts & {
  browse: Pick<BrowseService, 'package'>;
  catalog: Pick<Catalog, 'current'>;
  timeline: Pick<Timeline, 'of'>;
};

export type PageOfPackage = {
  detail: PackageDetail;
  controlled: boolean;
  deposit: DepositRow;
  checks: CheckResult[];
  acts: ActOfPackage[];
  missing: MissingApproval[];
  previous: PastRelease | undefined;
  release: ReturnType<typeof releaseEnd>;
  timeline: TimelineRow[];
};

/** The page of one package, in one look: what it is, what was found, who may do what, and what happened to it. */
export class PackagePageService {
  readonly #parts: PackagePageParts;

  constructor(parts: PackagePageParts) {
    this.#parts = parts;
  }

  /** Throws `not-found` for a package that the asker may not see, as for one that there is not. */
  async of(asker: Asker, id: string): Promise<PageOfPackage> {
    const { browse, catalog } = this.#parts;
    const detail = await browse.package(asker, id, limits.pageDeliveries);
    const db = await catalog.current();
    const { row } = detail;
    const deposit = depositRow(db, row.depositId);
    if (!deposit) throw new DomainError('catalogue-differs', 'The deposit of this package is not in the catalogue.');
    const waiting = this.#parts.standing.openPackage(id);
    return {
      detail,
      controlled: isControlled(row.manifest.classification),
      deposit,
      checks: checksOf(deposit.findings),
      acts: this.#acts(asker, detail),
      missing: waiting ? missingApprovals(waiting, detail.route, this.#parts) : [],
      previous: this.#previous(db, asker, detail),
      release: row.releaseId && releaseEnd(db, row.releaseId),
      timeline: await this.#timeline(db, asker, detail),
    };
  }

  #acts(asker: Asker, { row }: PackageDetail): ActOfPackage[] {
    const { standing, authority } = this.#parts;
    const waiting = standing.openPackage(row.packageId);
    const facts = packageFacts(row.packageId, row.manifest);
    const state = row.state;
    const closed = (act: 'approve' | 'refuse' | 'withdraw') => {
      const why = disabledReason(act, state);
      return why === undefined ? undefined : ({ act, allowed: false, code: 'state-forbids', why } as const);
    };
    const decided = (act: 'withdraw' | 'download' | 'compare'): ActOfPackage => {
      const { verdict, reasons } = authority.decide(act, asker, facts);
      if (verdict === 'permit') return { act, allowed: true };
      return { act, allowed: false, code: 'policy-denied', why: reasons.join(' ') };
    };
    const signing = waiting
      ? approvalActs(asker, waiting, this.#parts)
      : (['approve', 'refuse'] as const).flatMap((act) => closed(act) ?? []);
    return [...signing, closed('withdraw') ?? decided('withdraw'), decided('download'), decided('compare')];
  }

  /** What it goes beyond, where the asker may see that as well. */
  #previous(db: Sqlite, asker: Asker, { row }: PackageDetail): PastRelease | undefined {
    const { standing, authority } = this.#parts;
    const inForce = row.state === 'submitted' ? standing.releaseOfJob(row.manifest)?.releaseId : undefined;
    const id = inForce ?? row.firstArticle?.against ?? (row.releaseId && releaseBefore(db, row.releaseId));
    const found = id === undefined ? undefined : releasePackage(db, id);
    const facts = found && packageFacts(found.packageId, found.manifest);
    return facts && authority.decide('view', asker, facts).verdict === 'permit' ? found : undefined;
  }

  #timeline(db: Sqlite, asker: Asker, { row }: PackageDetail): Promise<TimelineRow[]> {
    const rows = limits.timelineRows;
    const { packageId, depositId, releaseId } = row;
    const subjects = [packageId, depositId, ...(releaseId ? [releaseId] : [])];
    const ends = releaseId ? deliveryEnds(db, releaseId, rows) : [];
    return this.#parts.timeline.of(asker, [...newestAbout(db, subjects, rows), ...ends], rows);
  }
}
