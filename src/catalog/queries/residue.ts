import type { Digest } from '../../domain/digest.ts';
import type { MachineId, PackageId, ReleaseId } from '../../domain/ids.ts';
import { calledOnControl, type Manifest } from '../../domain/manifest.ts';
import type { Holder } from '../../domain/residue.ts';
import { prepared } from '../../platform/prepared.ts';
import type { Sqlite } from '../../platform/sqlite.ts';
import { releasePackage } from './releases.ts';

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
  prepared(
    db,
    `SELECT x.release_id AS releaseId, r.package_id AS packageId, r.manifest_digest AS manifestDigest,
         x.machine_id AS machineId, x.file, x.time, x.cleared_by AS clearedBy, x.cleared_time AS clearedTime
       FROM residue x JOIN releases r ON r.id = x.release_id
       ORDER BY x.cleared_idx IS NOT NULL, x.idx, x.machine_id, x.file LIMIT ?`,
  ).all(rows) as ResidueRow[];

/**
 * The machines that may hold programs of a release, by their names there: some of each was sent, whether or not all of it
 * arrived, and since then no other release's program came back from there under its name.
 */
export function holdersOf(db: Sqlite, releaseId: string): Holder[] {
  const files = releasePackage(db, releaseId)?.manifest.files ?? [];
  const sent = prepared(
    db,
    `SELECT machine_id AS machineId, file, max(idx) AS last FROM deliveries
       WHERE release_id = ? AND (bytes > 0 OR state = 'started') AND file NOT LIKE '%.p7s'
       GROUP BY machine_id, file ORDER BY machine_id, file`,
  ).all(releaseId) as { machineId: MachineId; file: string; last: number }[];
  const held = sent.flatMap(({ machineId, file, last }) => {
    const as = calledOnControl(files, file);
    return namesTakenOver(db, { machineId, releaseId, last }).has(as.toLowerCase()) ? [] : { machineId, as };
  });
  const byMachine = Map.groupBy(held, ({ machineId }) => machineId);
  return [...byMachine].map(([machineId, all]) => ({ machineId, files: all.map(({ as }) => as) }));
}

/** Names on the control, in small letters, under which programs of other releases came back after entry `last`. */
function namesTakenOver(
  db: Sqlite,
  { machineId, releaseId, last }: { machineId: string; releaseId: string; last: number },
): Set<string> {
  const rows = prepared(
    db,
    `SELECT t.file, p.manifest FROM retrievals t
       JOIN releases r ON r.id = t.release_id JOIN packages p ON p.id = r.package_id
       WHERE t.machine_id = ? AND t.idx > ? AND t.verdict IN ('identical', 'equivalent') AND t.release_id <> ?`,
  ).all(machineId, last, releaseId) as { file: string; manifest: string }[];
  return new Set(
    rows.map(({ file, manifest }) => calledOnControl((JSON.parse(manifest) as Manifest).files, file).toLowerCase()),
  );
}
