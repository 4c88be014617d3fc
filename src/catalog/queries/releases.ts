import type { Digest } from '../../domain/digest.ts';
import type { MachineId, PackageId, ReleaseId } from '../../domain/ids.ts';
import type { Manifest } from '../../domain/manifest.ts';
import type { ReleaseState } from '../../domain/states.ts';
import { plucked, prepared } from '../../platform/prepared.ts';
import type { Sqlite } from '../../platform/sqlite.ts';

/** A release of any time, with the package that it made good. */
export type PastRelease = {
  releaseId: ReleaseId;
  packageId: PackageId;
  state: ReleaseState;
  manifest: Manifest;
  /** The detached signature of each file, in the manifest's order. */
  signatures: { name: string; digest: Digest; size: number }[];
  index: number;
  time: string;
};

type Raw = Omit<PastRelease, 'manifest' | 'signatures'> & { manifest: string; signatures: string };

export function releasePackage(db: Sqlite, releaseId: string): PastRelease | undefined {
  const raw = prepared(
    db,
    `SELECT r.id AS releaseId, r.package_id AS packageId, r.state, p.manifest, r.signatures, r.idx AS "index", r.time
       FROM releases r JOIN packages p ON p.id = r.package_id WHERE r.id = ?`,
  ).get(releaseId) as Raw | undefined;
  if (!raw) return undefined;
  return {
    ...raw,
    manifest: JSON.parse(raw.manifest) as Manifest,
    signatures: JSON.parse(raw.signatures) as PastRelease['signatures'],
  };
}

const pluck = (db: Sqlite, sql: string, ...values: string[]): ReleaseId[] =>
  plucked(db, sql).all(...values) as ReleaseId[];

/** Releases that a serial was cut with, oldest first. */
export const releasesOfSerial = (db: Sqlite, serial: string): ReleaseId[] =>
  pluck(
    db,
    'SELECT DISTINCT r.release_id FROM run_serials s JOIN runs r ON r.id = s.run_id WHERE s.serial = ? ORDER BY r.idx',
    serial,
  );

export const releasesOfPart = (db: Sqlite, part: string): ReleaseId[] =>
  pluck(db, 'SELECT id FROM releases WHERE part = ? ORDER BY idx', part);

export const releaseOfDelivery = (db: Sqlite, deliveryId: string): ReleaseId[] =>
  pluck(db, 'SELECT release_id FROM deliveries WHERE id = ?', deliveryId);

/** Releases that were issued, delivered or run between two times, both included. */
export const releasesBetween = (db: Sqlite, from: string, to: string): ReleaseId[] =>
  pluck(
    db,
    `SELECT id FROM releases WHERE time BETWEEN ? AND ?
     UNION SELECT release_id FROM deliveries WHERE time BETWEEN ? AND ?
     UNION SELECT release_id FROM runs WHERE time BETWEEN ? AND ?`,
    ...[from, to, from, to, from, to],
  );

/** What machines got of a release: whole deliveries, oldest first. */
export const completedDeliveries = (
  db: Sqlite,
  releaseId: string,
): { machineId: MachineId; file: string; time: string }[] =>
  prepared(
    db,
    `SELECT machine_id AS machineId, file, ended_time AS time FROM deliveries WHERE release_id = ? AND state = 'completed' ORDER BY idx`,
  ).all(releaseId) as { machineId: MachineId; file: string; time: string }[];

/** How a release stands, and why it ended where somebody said so. */
export function releaseEnd(
  db: Sqlite,
  releaseId: string,
): { releaseId: ReleaseId; state: ReleaseState; reason: string | undefined; index: number; time: string } | undefined {
  const row = prepared(
    db,
    'SELECT id AS releaseId, state, reason, idx AS "index", time FROM releases WHERE id = ?',
  ).get(releaseId) as
    | { releaseId: ReleaseId; state: ReleaseState; reason: string | null; index: number; time: string }
    | undefined;
  return row && { ...row, reason: row.reason ?? undefined };
}

/** The release of which this one took the place. */
export const releaseBefore = (db: Sqlite, releaseId: string): ReleaseId | undefined =>
  pluck(db, 'SELECT id FROM releases WHERE superseded_by = ? ORDER BY idx DESC LIMIT 1', releaseId)[0];

export type ReleaseListed = Pick<PastRelease, 'releaseId' | 'packageId' | 'state' | 'manifest' | 'index' | 'time'> & {
  reason: string | null;
};

/** Newest first, from behind entry `after`. */
export function releaseRows(
  db: Sqlite,
  { state, part }: { state?: ReleaseState | undefined; part?: string | undefined },
  after: number | undefined,
  rows: number,
): ReleaseListed[] {
  const conditions = [
    { sql: 'r.state = ?', value: state },
    { sql: 'r.part = ?', value: part },
    { sql: 'r.idx < ?', value: after },
  ].filter(({ value }) => value !== undefined);
  const where = conditions.map(({ sql }) => sql).join(' AND ') || '1';
  const found = prepared(
    db,
    `SELECT r.id AS releaseId, r.package_id AS packageId, r.state, r.reason, p.manifest, r.idx AS "index", r.time
       FROM releases r JOIN packages p ON p.id = r.package_id WHERE ${where} ORDER BY r.idx DESC LIMIT ?`,
  ).all(...conditions.map(({ value }) => value), rows) as (Omit<ReleaseListed, 'manifest'> & { manifest: string })[];
  return found.map((raw) => ({ ...raw, manifest: JSON.parse(raw.manifest) as Manifest }));
}
