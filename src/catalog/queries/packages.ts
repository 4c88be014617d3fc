import type { Digest } from '../../domain/digest.ts';
import type { FirstArticleDecision, FirstArticleDraft } from '../../domain/first-article.ts';
import type { DepositId, MachineId, PackageId, ReleaseId } from '../../domain/ids.ts';
import type { Manifest } from '../../domain/manifest.ts';
import type { DeliveryState, PackageState, ReleaseState } from '../../domain/states.ts';
import { prepared } from '../../platform/prepared.ts';
import type { Sqlite } from '../../platform/sqlite.ts';

export type PackageRow = {
  packageId: PackageId;
  depositId: DepositId;
  state: PackageState;
  manifest: Manifest;
  manifestDigest: Digest;
  reason: string | undefined;
  releaseId: ReleaseId | undefined;
  replacedBy: PackageId | undefined;
  replaces: PackageId | undefined;
  firstArticle: FirstArticleDraft | undefined;
  index: number;
  time: string;
};
export type RawPackage = Record<'id' | 'deposit_id' | 'state' | 'manifest' | 'manifest_digest' | 'time', string> & {
  reason: string | null;
  release_id: string | null;
  replaced_by: string | null;
  replaces: string | null;
  first_article: string | null;
  idx: number;
};

export const fromRaw = (raw: RawPackage): PackageRow => ({
  packageId: raw.id as PackageId,
  depositId: raw.deposit_id as DepositId,
  state: raw.state as PackageState,
  manifest: JSON.parse(raw.manifest) as Manifest,
  manifestDigest: raw.manifest_digest as Digest,
  reason: raw.reason ?? undefined,
  releaseId: (raw.release_id ?? undefined) as ReleaseId | undefined,
  replacedBy: (raw.replaced_by ?? undefined) as PackageId | undefined,
  replaces: (raw.replaces ?? undefined) as PackageId | undefined,
  firstArticle: raw.first_article === null ? undefined : (JSON.parse(raw.first_article) as FirstArticleDraft),
  index: raw.idx,
  time: raw.time,
});

export function packageRow(db: Sqlite, id: string): PackageRow | undefined {
  const raw = prepared(db, 'SELECT * FROM packages WHERE id = ?').get(id) as RawPackage | undefined;
  return raw && fromRaw(raw);
}

/** The package or, where there is none of this id, any other one: by one query that takes as long for either. */
export function packageOrAnother(db: Sqlite, id: string): PackageRow | undefined {
  const found = '(SELECT id FROM packages WHERE id = ?)';
  const raw = prepared(
    db,
    `SELECT * FROM packages WHERE id = coalesce(${found}, (SELECT id FROM packages LIMIT 1))`,
  ).get(id) as RawPackage | undefined;
  return raw && fromRaw(raw);
}

export type ApprovalRow = {
  index: number;
  person: string;
  role: string;
  verdict: 'approve' | 'refuse';
  detail: string;
  firstArticle?: FirstArticleDecision;
  time: string;
};
type RawApproval = Omit<ApprovalRow, 'firstArticle'> & { first_article: string | null };

export function approvalRows(db: Sqlite, packageId: string): ApprovalRow[] {
  const columns = 'idx AS "index", person, role, verdict, detail, first_article, time';
  const rows = prepared(db, `SELECT ${columns} FROM approvals WHERE package_id = ? ORDER BY idx`).all(packageId);
  return (rows as RawApproval[]).map(({ first_article: decided, ...row }) =>
    decided === null ? row : { ...row, firstArticle: JSON.parse(decided) as FirstArticleDecision },
  );
}

export type ReleaseRow = {
  releaseId: ReleaseId;
  state: ReleaseState;
  manifestDigest: Digest;
  index: number;
  files: { name: string; digest: Digest; size: number }[];
};

/** What the catalogue says of a release; a delivery compares it with what the ledger says. */
export function releaseRow(db: Sqlite, id: string): ReleaseRow | undefined {
  const row = prepared(
    db,
    'SELECT id AS releaseId, state, manifest_digest AS manifestDigest, idx AS "index" FROM releases WHERE id = ?',
  ).get(id);
  if (!row) return undefined;
  const files = prepared(db, 'SELECT name, digest, size FROM release_files WHERE release_id = ? ORDER BY position').all(
    id,
  );
  return { ...(row as Omit<ReleaseRow, 'files'>), files: files as ReleaseRow['files'] };
}

export type DeliveryRow = {
  deliveryId: string;
  releaseId: ReleaseId;
  machineId: MachineId;
  file: string;
  digest: Digest;
  size: number;
  state: DeliveryState;
  bytes: number;
  reason: string | null;
  index: number;
  time: string;
};
const deliveryColumns =
  'id AS deliveryId, release_id AS releaseId, machine_id AS machineId, file, digest, size, state, bytes, reason, idx AS "index", time';

export const deliveriesOfRelease = (db: Sqlite, releaseId: string, rows: number): DeliveryRow[] =>
  prepared(db, `SELECT ${deliveryColumns} FROM deliveries WHERE release_id = ? ORDER BY idx DESC LIMIT ?`).all(
    releaseId,
    rows,
  ) as DeliveryRow[];

/** The newest delivery of one file of a release to a machine, however it ended. */
export const newestDelivery = (
  db: Sqlite,
  { releaseId, machineId, file }: { releaseId: string; machineId: string; file: string },
): { state: DeliveryState; bytes: number; time: string } | undefined =>
  prepared(
    db,
    `SELECT state, bytes, coalesce(ended_time, time) AS time FROM deliveries
       WHERE release_id = ? AND machine_id = ? AND file = ? ORDER BY idx DESC LIMIT 1`,
  ).get(releaseId, machineId, file) as { state: DeliveryState; bytes: number; time: string } | undefined;

/** Started and never ended: after a start these are failures that nobody could record. */
export const openDeliveries = (db: Sqlite): DeliveryRow[] =>
  prepared(db, `SELECT ${deliveryColumns} FROM deliveries WHERE state = 'started' ORDER BY idx`).all() as DeliveryRow[];

/** Whether the machine ever got a file of the release whole. */
export const wasDelivered = (db: Sqlite, releaseId: string, machineId: string): boolean =>
  prepared(db, `SELECT 1 FROM deliveries WHERE release_id = ? AND machine_id = ? AND state = 'completed' LIMIT 1`).get(
    releaseId,
    machineId,
  ) !== undefined;
