import type { MachineId, PersonId, ReleaseId, RunId } from '../../domain/ids.ts';
import { plucked, prepared } from '../../platform/prepared.ts';
import type { Sqlite } from '../../platform/sqlite.ts';

export type RunRow = {
  runId: RunId;
  releaseId: ReleaseId;
  machineId: MachineId;
  workOrder: string;
  operator: PersonId;
  startedAt: string;
  endedAt: string | undefined;
  note: string | undefined;
  superseded: boolean;
  serials: string[];
  index: number;
  time: string;
};
type Raw = Omit<RunRow, 'superseded' | 'endedAt' | 'note' | 'serials'> & {
  superseded: number;
  endedAt: string | null;
  note: string | null;
};

/** By what an investigator has: runs of a serial, a work order, a part, a release or a machine. */
export type RunsBy =
  | { serial: string }
  | { workOrder: string }
  | { part: string }
  | { releaseId: string }
  | { machineId: string };

const columns =
  'r.id AS runId, r.release_id AS releaseId, r.machine_id AS machineId, r.work_order AS workOrder, r.operator, r.started AS startedAt, r.ended AS endedAt, r.note, r.superseded, r.idx AS "index", r.time';

const queries = {
  serial: `SELECT ${columns} FROM run_serials s JOIN runs r ON r.id = s.run_id WHERE s.serial = ? ORDER BY s.idx DESC LIMIT ?`,
  workOrder: `SELECT ${columns} FROM runs r WHERE r.work_order = ? ORDER BY r.idx DESC LIMIT ?`,
  part: `SELECT ${columns} FROM releases rel JOIN runs r ON r.release_id = rel.id WHERE rel.part = ? ORDER BY r.idx DESC LIMIT ?`,
  releaseId: `SELECT ${columns} FROM runs r WHERE r.release_id = ? ORDER BY r.idx DESC LIMIT ?`,
  machineId: `SELECT ${columns} FROM history h JOIN runs r ON r.idx = h.idx WHERE h.subject = ? ORDER BY h.idx DESC LIMIT ?`,
} as const;

/** Newest first. */
export function runRows(db: Sqlite, by: RunsBy, rows: number): RunRow[] {
  const [[field, value] = ['serial', '']] = Object.entries(by);
  const found = prepared(db, queries[field as keyof typeof queries]).all(value, rows) as Raw[];
  const serials = plucked(db, 'SELECT serial FROM run_serials WHERE run_id = ? ORDER BY serial');
  return found.map((raw) => ({
    ...raw,
    superseded: raw.superseded === 1,
    endedAt: raw.endedAt ?? undefined,
    note: raw.note ?? undefined,
    serials: serials.all(raw.runId) as string[],
  }));
}
