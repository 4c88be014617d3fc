import type { Digest } from '../../domain/digest.ts';
import type { MachineId, ReleaseId } from '../../domain/ids.ts';
import type { Sqlite } from '../../platform/sqlite.ts';
import { releaseOfDelivery, releasesBetween, releasesOfPart, releasesOfSerial } from './releases.ts';

/** What an investigator starts from: one thing that stands on a part, on a screen or in a log, or a span of time. */
export type TraceQuestion =
  | { by: 'serial' | 'part' | 'workOrder' | 'machine' | 'person' | 'release' | 'transfer'; value: string }
  | { by: 'digest'; value: Digest }
  | { by: 'time'; from: string; to: string };

const ofWorkOrder = 'SELECT DISTINCT release_id FROM runs WHERE work_order = ?';
const ofMachine = 'SELECT DISTINCT release_id FROM deliveries WHERE machine_id = ?';
/** Whoever wrote, approved or ran it. */
const ofPerson = `SELECT r.id FROM releases r JOIN packages p ON p.id = r.package_id WHERE p.author = @who
  UNION SELECT r.id FROM releases r JOIN approvals a ON a.package_id = r.package_id WHERE a.person = @who
  UNION SELECT release_id FROM runs WHERE operator = @who`;
/** Also of what came back from a control. */
const ofDigest = `SELECT release_id FROM release_files WHERE digest = @digest
  UNION SELECT release_id FROM retrievals WHERE digest = @digest AND release_id IS NOT NULL`;

/** The releases that it leads to, in no order. */
export function releasesBehind(db: Sqlite, question: TraceQuestion): ReleaseId[] {
  const ids = (sql: string, bound: unknown): ReleaseId[] => db.prepare(sql).pluck().all(bound) as ReleaseId[];
  switch (question.by) {
    case 'serial':
      return releasesOfSerial(db, question.value);
    case 'part':
      return releasesOfPart(db, question.value);
    case 'workOrder':
      return ids(ofWorkOrder, question.value);
    case 'machine':
      return ids(ofMachine, question.value);
    case 'person':
      return ids(ofPerson, { who: question.value });
    case 'release':
      return [question.value as ReleaseId];
    case 'transfer':
      return releaseOfDelivery(db, question.value);
    case 'digest':
      return ids(ofDigest, { digest: question.value });
    case 'time':
      return releasesBetween(db, question.from, question.to);
  }
}

/** Which machines got a release, how often, and from when to when. */
export const machinesOfRelease = (
  db: Sqlite,
  releaseId: string,
): { machineId: MachineId; deliveries: number; first: string; last: string }[] =>
  db
    .prepare(
      `SELECT machine_id AS machineId, count(*) AS deliveries, min(ended_time) AS first, max(ended_time) AS last
       FROM deliveries WHERE release_id = ? AND state = 'completed' GROUP BY machine_id ORDER BY machine_id`,
    )
    .all(releaseId) as { machineId: MachineId; deliveries: number; first: string; last: string }[];

/** Whether it was called back from the machines that have it. */
export const wasRecalled = (db: Sqlite, releaseId: string): boolean =>
  db.prepare('SELECT 1 FROM residue WHERE release_id = ? LIMIT 1').get(releaseId) !== undefined;
