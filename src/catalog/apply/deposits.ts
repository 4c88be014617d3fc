import type { Sqlite } from '../../platform/sqlite.ts';
import type { ApplyTable } from './table.ts';

export function applyDeposits(
  db: Sqlite,
): ApplyTable<'deposit.received' | 'deposit.inspected' | 'deposit.admitted' | 'deposit.rejected'> {
  const receive = db.prepare(
    `INSERT INTO deposits (id, door, name, state, files, facts, findings, more_findings, reasons, idx, time)
     VALUES (@id, @door, @name, 'received', @files, '[]', '[]', 0, '[]', @idx, @time)`,
  );
  const inspect = db.prepare(
    `UPDATE deposits SET state = 'inspected', facts = @facts, findings = @findings, more_findings = @more WHERE id = @id`,
  );
  const admit = db.prepare(`UPDATE deposits SET state = 'admitted', package_id = @packageId WHERE id = @id`);
  const reject = db.prepare(
    `INSERT INTO deposits (id, door, name, state, files, facts, findings, more_findings, reasons, idx, time)
     VALUES (@id, @door, @name, 'rejected', '[]', '[]', '[]', 0, @reasons, @idx, @time)
     ON CONFLICT (id) DO UPDATE SET state = 'rejected', reasons = @reasons`,
  );
  return {
    'deposit.received': ({ index, time, event: { data } }) => {
      receive.run({
        id: data.depositId,
        door: data.door,
        name: data.name,
        files: JSON.stringify(data.files),
        idx: index,
        time,
      });
    },
    'deposit.inspected': ({ event: { data } }) => {
      const { depositId: id, more } = data;
      inspect.run({ id, more, facts: JSON.stringify(data.facts), findings: JSON.stringify(data.findings) });
    },
    'deposit.admitted': ({ event: { data } }) => {
      admit.run({ id: data.depositId, packageId: data.packageId });
    },
    'deposit.rejected': ({ index, time, event: { data } }) => {
      reject.run({
        id: data.depositId,
        door: data.door,
        name: data.name,
        reasons: JSON.stringify(data.reasons),
        idx: index,
        time,
      });
    },
  };
}
