import { plucked } from '../../platform/prepared.ts';
import type { Sqlite } from '../../platform/sqlite.ts';

/** What `deliveries` finds by its own indices has no row in `history`. */
const about = `SELECT idx FROM history WHERE subject = @subject
  UNION ALL SELECT idx FROM deliveries WHERE release_id = @subject
  UNION ALL SELECT idx FROM deliveries WHERE machine_id = @subject
  UNION ALL SELECT idx FROM deliveries WHERE id = @subject
  UNION ALL SELECT ended_idx FROM deliveries WHERE id = @subject AND ended_idx IS NOT NULL`;

/** Ledger indices of everything about one id, oldest first. */
export const historyOf = (db: Sqlite, subject: string, rows: number): number[] =>
  plucked(db, `${about} ORDER BY idx LIMIT @rows`).all({ subject, rows }) as number[];

/** The newest ledger indices of everything about any of these ids, `rows` of each at most, each once. */
export function newestAbout(db: Sqlite, subjects: readonly string[], rows: number): number[] {
  const statement = plucked(db, `${about} ORDER BY idx DESC LIMIT @rows`);
  return [...new Set(subjects.flatMap((subject) => statement.all({ subject, rows }) as number[]))];
}

/** Where the newest deliveries of a release ended: such an entry names its delivery only. */
export const deliveryEnds = (db: Sqlite, releaseId: string, rows: number): number[] =>
  plucked(
    db,
    'SELECT ended_idx FROM deliveries WHERE release_id = ? AND ended_idx IS NOT NULL ORDER BY idx DESC LIMIT ?',
  ).all(releaseId, rows) as number[];
