import type { Sqlite } from '../../platform/sqlite.ts';
import type { ApplyTable } from './table.ts';

export function applyRuns(db: Sqlite): ApplyTable<'run.recorded'> {
  const record = db.prepare(
    `INSERT INTO runs (id, release_id, machine_id, work_order, operator, started, ended, note, superseded, idx, time)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const addSerial = db.prepare('INSERT INTO run_serials (serial, idx, run_id) VALUES (?, ?, ?)');
  return {
    'run.recorded': ({ index, time, event: { data } }) => {
      const { runId, releaseId, machineId, workOrder, operator, startedAt, endedAt, note, superseded } = data;
      const when = [startedAt, endedAt ?? null, note ?? null, superseded ? 1 : 0, index, time];
      record.run(runId, releaseId, machineId, workOrder, operator, ...when);
      for (const serial of data.serials) addSerial.run(serial, index, runId);
    },
  };
}
