import type { Sqlite } from '../../platform/sqlite.ts';

/** The newest ledger indices of everything about any of these ids, newest first, each once. */
export function newestAbout(db: Sqlite, subjects: readonly string[], rows: number): number[] {
  const marks = subjects.map(() => '?').join(', ');
  return db
    .prepare(`SELECT DISTINCT idx FROM history WHERE subject IN (${marks}) ORDER BY idx DESC LIMIT ?`)
    .pluck()
    .all(...subjects, rows) as number[];
}

/** Where the newest deliveries of a release ended: such an entry names its delivery only. */
export const deliveryEnds = (db: Sqlite, releaseId: string, rows: number): number[] =>
  db
    .prepare(
      'SELECT ended_idx FROM deliveries WHERE release_id = ? AND ended_idx IS NOT NULL ORDER BY idx DESC LIMIT ?',
    )
    .pluck()
    .all(releaseId, rows) as number[];
