import type { Digest } from '../../domain/digest.ts';
import type { MachineId, PackageId, ReleaseId } from '../../domain/ids.ts';
import type { Holder } from '../../domain/residue.ts';
import type { Sqlite } from '../../platform/sqlite.ts';

/** One program of a recalled release on one machine. */
export type ResidueRow = {
  releaseId: ReleaseId;
  packageId: PackageId;
  manifestDigest: Digest;
  machineId: MachineId;
  file: string;
  time: string;
  clearedBy: string | null;
  clearedTime: string | null;
};

/** Those that are open come first, each the oldest first. */
export const residueRows = (db: Sqlite, rows: number): ResidueRow[] =>
  db
    .prepare(
      `SELECT x.release_id AS releaseId, r.package_id AS packageId, r.manifest_digest AS manifestDigest,
         x.machine_id AS machineId, x.file, x.time, x.cleared_by AS clearedBy, x.cleared_time AS clearedTime
       FROM residue x JOIN releases r ON r.id = x.release_id
       ORDER BY x.cleared_idx IS NOT NULL, x.idx, x.machine_id, x.file LIMIT ?`,
    )
    .all(rows) as ResidueRow[];

/**
 * The machines that may hold programs of a release: some of each was sent there, whether or not all of it arrived, and
 * since then no other release's program came back from there under its name.
 */
export function holdersOf(db: Sqlite, releaseId: string): Holder[] {
  const sent = db
    .prepare(
      `SELECT d.machine AS machineId, d.file FROM (
         SELECT machine_id AS machine, file, max(idx) AS last FROM deliveries
         WHERE release_id = @releaseId AND (bytes > 0 OR state = 'started') AND file NOT LIKE '%.p7s'
         GROUP BY machine_id, file) d
       WHERE NOT EXISTS (SELECT 1 FROM retrievals r
         WHERE r.machine_id = d.machine AND r.idx > d.last AND r.verdict IN ('identical', 'equivalent')
           AND r.release_id <> @releaseId AND lower(r.file) = lower(d.file))
       ORDER BY d.machine, d.file`,
    )
    .all({ releaseId }) as { machineId: MachineId; file: string }[];
  const byMachine = Map.groupBy(sent, ({ machineId }) => machineId);
  return [...byMachine].map(([machineId, files]) => ({ machineId, files: files.map(({ file }) => file) }));
}
