import type { Catalog } from '../catalog/catalog.ts';
import type { MachineStanding } from '../catalog/machine-register.ts';
import { type DepositRow, depositOrAnother, depositRow } from '../catalog/queries/deposits.ts';
import {
  type ApprovalRow,
  approvalRows,
  type DeliveryRow,
  deliveriesOfRelease,
  type PackageRow,
  packageOrAnother,
  packageRow,
} from '../catalog/queries/packages.ts';
import type { Standing } from '../catalog/standing.ts';
import { DomainError, type ErrorCode } from '../domain/errors.ts';
import type { ManifestFile } from '../domain/manifest.ts';
import type { Person } from '../domain/people.ts';
import type { SignedWaiver } from '../domain/waivers.ts';
import type { Sqlite } from '../platform/sqlite.ts';
import type { Routes } from '../policy/routes.ts';
import type { AccessRecord } from './access-record.ts';
import { type Authority, packageFacts } from './authority.ts';
import { type PackageRoute, routeOf } from './package-route.ts';
import type { Asker } from './principals.ts';

type BrowseParts = {
  catalog: Pick<Catalog, 'current'>;
  standing: Standing;
  authority: Authority;
  routes: Routes;
  record: Pick<AccessRecord, 'refused' | 'listed'>;
};

export type PackageDetail = {
  row: PackageRow;
  route: PackageRoute;
  approvals: (ApprovalRow & { notCounted?: { code: ErrorCode; message: string } })[];
  deliveries: DeliveryRow[];
  /** Findings that it was admitted with, by whose word. */
  waivers: readonly SignedWaiver[];
};

/** What people may look at. Whatever policy does not let the asker see is answered as if it did not exist. */
export class BrowseService {
  readonly #parts: BrowseParts;

  constructor(parts: BrowseParts) {
    this.#parts = parts;
  }

  async package(asker: Asker, id: string, rows: number): Promise<PackageDetail> {
    const { catalog, standing } = this.#parts;
    const db = await catalog.current();
    const row = this.#visible(db, asker, id);
    if (!row) throw new DomainError('not-found', 'There is no such package.');
    const { approvals: given = [], holds = [] } = standing.openPackage(id) ?? {};
    const route = routeOf({ ...row, holds, approvals: given }, this.#parts);
    const used = new Set(row.manifest.waivers?.map(({ entry }) => entry));
    const notCounted = new Map(
      route.judged.notCounted.map(({ index, code, message }) => [given[index]?.index, { code, message }]),
    );
    return {
      row,
      route,
      approvals: approvalRows(db, id).map((approval) => {
        const why = notCounted.get(approval.index) ?? voidBecause(row);
        return why === undefined ? approval : { ...approval, notCounted: why };
      }),
      deliveries: row.releaseId ? deliveriesOfRelease(db, row.releaseId, rows) : [],
      waivers: (depositRow(db, row.depositId)?.waivers ?? []).filter(({ entry }) => used.has(entry)),
    };
  }

  /**
   * Throws `policy-denied` unless the asker may do this with a package that they may see; what it gives asks again, for
   * bytes that take a while to leave.
   */
  allowed(action: 'download' | 'compare' | 'view', asker: Asker, { packageId, manifest }: PackageRow): () => void {
    const facts = packageFacts(packageId, manifest);
    const ask = () => void this.#parts.authority.require(action, asker, facts);
    ask();
    return ask;
  }

  /** Puts on record that the bytes of a file were shown on a screen; those that are taken away are asked for with `download`. */
  shown(asker: Asker, { packageId }: PackageRow, { name, digest }: Pick<ManifestFile, 'name' | 'digest'>): void {
    this.#parts.record.listed(asker, 'file', [packageId, name, digest]);
  }

  async deposit(asker: Asker, id: string): Promise<DepositRow> {
    const db = await this.#parts.catalog.current();
    const row = depositOrAnother(db, id);
    const visible = row !== undefined && this.maySeeDeposit(db, asker, row);
    if (row?.depositId === id && visible) return row;
    this.#parts.record.refused(asker, 'view', [id], undefined);
    throw new DomainError('not-found', 'There is no such deposit.');
  }

  people(asker: Asker): { person: Person; index: number }[] {
    this.#parts.authority.require('administer', asker, { kind: 'registry' });
    return [...this.#parts.standing.people()];
  }

  machines(asker: Asker): MachineStanding[] {
    this.#parts.authority.require('administer', asker, { kind: 'registry' });
    return [...this.#parts.standing.machines()];
  }

  /**
   * The row, where the asker may see it. Where there is none the same is done with another one, so that the time of the
   * answer does not tell what is hidden from what does not exist.
   */
  #visible(db: Sqlite, asker: Asker, id: string): PackageRow | undefined {
    const { authority, record } = this.#parts;
    const row = packageOrAnother(db, id);
    const decision = row && authority.decide('view', asker, packageFacts(row.packageId, row.manifest));
    if (row?.packageId === id && decision?.verdict === 'permit') return row;
    record.refused(asker, 'view', [id], row?.packageId === id ? decision : undefined);
    return undefined;
  }

  #maySee(asker: Asker, row: PackageRow): boolean {
    return this.#parts.authority.decide('view', asker, packageFacts(row.packageId, row.manifest)).verdict === 'permit';
  }

  /**
   * A deposit that became a package is as visible as that. In quarantine its classification is not settled, so that only
   * whoever sent it is told about it, who has it anyway, and the account of its door.
   */
  maySeeDeposit(db: Sqlite, asker: Asker, row: DepositRow): boolean {
    const made = row.packageId && packageRow(db, row.packageId);
    if (made) return this.#maySee(asker, made);
    const { principal } = asker;
    return principal.kind === 'local' || (principal.kind === 'person' && principal.id === row.person);
  }
}

/** An approval is of exact bytes: what was given to a package that another one replaced is void. */
const voidBecause = ({ state, replacedBy, reason }: PackageRow) =>
  state === 'replaced'
    ? { code: 'state-forbids' as const, message: `Replaced by ${replacedBy}: ${reason ?? 'its files changed'}` }
    : undefined;
