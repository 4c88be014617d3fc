import type { MachineId, ReleaseId, RetrievalId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import type { ReadbackVerdict } from '../../domain/returns.ts';
import { plucked, prepared } from '../../platform/prepared.ts';
import type { Sqlite } from '../../platform/sqlite.ts';

const most = limits.tracedReleases + 1;
const ids = (db: Sqlite, sql: string, value: string): ReleaseId[] =>
  plucked(db, `${sql} LIMIT ${most}`).all({ value }) as ReleaseId[];

/** Releases that something leads to, the newest first; one more than are shown, so that it can be said that there are more. */
export const releasesBy = {
  serial: (db: Sqlite, serial: string) =>
    ids(
      db,
      'SELECT DISTINCT r.release_id FROM run_serials s JOIN runs r ON r.id = s.run_id WHERE s.serial = @value ORDER BY r.idx DESC',
      serial,
    ),
  workOrder: (db: Sqlite, workOrder: string) =>
    ids(db, 'SELECT DISTINCT release_id FROM runs WHERE work_order = @value ORDER BY idx DESC', workOrder),
  part: (db: Sqlite, part: string) => ids(db, 'SELECT id FROM releases WHERE part = @value ORDER BY idx DESC', part),
  release: (db: Sqlite, release: string) => ids(db, 'SELECT id FROM releases WHERE id = @value', release),
  machine: (db: Sqlite, machine: string) =>
    ids(
      db,
      'SELECT release_id FROM deliveries WHERE machine_id = @value GROUP BY release_id ORDER BY max(idx) DESC',
      machine,
    ),
  person: (db: Sqlite, person: string) =>
    ids(
      db,
      `SELECT id FROM releases WHERE package_id IN
         (SELECT id FROM packages WHERE author = @value UNION SELECT package_id FROM approvals WHERE person = @value) ORDER BY idx DESC`,
      person,
    ),
  /** Of a file, or of what came back from a machine. */
  digest: (db: Sqlite, digest: string) =>
    ids(
      db,
      `SELECT id FROM releases WHERE package_id IN (SELECT package_id FROM package_files WHERE digest = @value)
         OR id IN (SELECT release_id FROM retrievals WHERE digest = @value) ORDER BY idx DESC`,
      digest,
    ),
} as const;

/** Machines that were ever sent anything, by leaps over the index of deliveries; then what went to each in that part of it. */
const between = `WITH RECURSIVE sent(machine) AS (
    SELECT min(machine_id) FROM deliveries
    UNION ALL SELECT (SELECT min(machine_id) FROM deliveries WHERE machine_id > sent.machine) FROM sent WHERE sent.machine IS NOT NULL
  ), touched(id, idx) AS (
    SELECT id, idx FROM releases WHERE idx BETWEEN @from AND @to
    UNION ALL SELECT release_id, idx FROM runs WHERE idx BETWEEN @from AND @to
    UNION ALL SELECT d.release_id, d.idx FROM sent JOIN deliveries d ON d.machine_id = sent.machine AND d.idx BETWEEN @from AND @to
  ) SELECT id FROM touched GROUP BY id ORDER BY max(idx) DESC LIMIT ${most}`;

/** Releases that were issued, delivered or run by one of these entries, both included. */
export const releasesIn = (db: Sqlite, { from, to }: { from: number; to: number }): ReleaseId[] =>
  plucked(db, between).all({ from, to }) as ReleaseId[];

export type MachineExposure = {
  machineId: MachineId;
  /** Whole deliveries of a file of the release, the first and the last. */
  deliveries: number;
  first: string;
  last: string;
};

/** The machines that got a file of the release whole. */
export const exposedMachines = (db: Sqlite, releaseId: string): MachineExposure[] =>
  prepared(
    db,
    `SELECT machine_id AS machineId, count(*) AS deliveries, min(ended_time) AS first, max(ended_time) AS last
       FROM deliveries WHERE release_id = ? AND state = 'completed' GROUP BY machine_id ORDER BY machine_id`,
  ).all(releaseId) as MachineExposure[];

export type SerialExposure = {
  serial: string;
  machineId: MachineId;
  workOrder: string;
  operator: string;
  startedAt: string;
  index: number;
};

/** Every serial that was cut with the release, in order of the runs. */
export const exposedSerials = (db: Sqlite, releaseId: string): SerialExposure[] =>
  prepared(
    db,
    `SELECT s.serial, r.machine_id AS machineId, r.work_order AS workOrder, r.operator, r.started AS startedAt, r.idx AS "index"
       FROM runs r JOIN run_serials s ON s.run_id = r.id WHERE r.release_id = ? ORDER BY r.idx, s.serial LIMIT ?`,
  ).all(releaseId, limits.exposureRows) as SerialExposure[];

export type ReadbackExposure = {
  retrievalId: RetrievalId;
  machineId: MachineId;
  verdict: ReadbackVerdict | null;
  time: string;
  index: number;
};

/** What came back of the release from machines, the oldest first. */
export const exposedReadbacks = (db: Sqlite, releaseId: string): ReadbackExposure[] =>
  prepared(
    db,
    `SELECT id AS retrievalId, machine_id AS machineId, verdict, time, idx AS "index" FROM retrievals
       WHERE release_id = ? ORDER BY idx LIMIT ?`,
  ).all(releaseId, limits.exposureRows) as ReadbackExposure[];
