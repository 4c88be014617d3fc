import type { SignedWaiver } from '../../domain/waivers.ts';
import { canonicalJson, digestOf } from '../../platform/hash.ts';
import type { Sqlite } from '../../platform/sqlite.ts';
import type { ApplyTable } from './table.ts';

export function applyDeposits(
  db: Sqlite,
): ApplyTable<'deposit.received' | 'deposit.inspected' | 'finding.waived' | 'deposit.admitted' | 'deposit.rejected'> {
  const receive = db.prepare(
    `INSERT INTO deposits (id, door, name, state, files, facts, findings, more_findings, reasons, person, idx, time)
     VALUES (@id, @door, @name, 'received', @files, '[]', '[]', 0, '[]', @depositor, @idx, @time)`,
  );
  const inspect = db.prepare(
    `UPDATE deposits SET state = 'inspected', facts = @facts, findings = @findings, more_findings = @more, waived = @waived
     WHERE id = @id`,
  );
  // Somebody's word opens it again: it is inspected anew, and what then still stands keeps it out.
  const waive = db.prepare(
    `UPDATE deposits SET state = 'received', reasons = '[]', waivers = json_insert(waivers, '$[#]', json(@waiver))
     WHERE id = @id AND state = 'rejected'`,
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
        depositor: data.depositor ?? null,
        idx: index,
        time,
      });
    },
    'deposit.inspected': ({ event: { data } }) => {
      const { depositId: id, more } = data;
      inspect.run({
        ...{ id, more },
        facts: JSON.stringify(data.facts),
        findings: JSON.stringify(data.findings),
        waived: JSON.stringify(data.waived ?? []),
      });
    },
    'finding.waived': ({ index, event: { data } }) => {
      const { depositId: id, file, digest, rule, line, person: by, role, reason } = data;
      const waiver: SignedWaiver = {
        ...{ entry: index, file, digest, rule, by, role, reason },
        ...(line === undefined ? {} : { line }),
        envelope: digestOf(canonicalJson(data.envelope)),
      };
      waive.run({ id, waiver: JSON.stringify(waiver) });
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
