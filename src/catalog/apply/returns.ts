import type { Sqlite } from '../../platform/sqlite.ts';
import type { ApplyTable } from './table.ts';

type ReturnEvents =
  | 'retrieval.started'
  | 'retrieval.received'
  | 'retrieval.failed'
  | 'readback.verdict'
  | 'readback.compared'
  | 'release.held'
  | 'deposit.proposed'
  | 'readback.resolved';

export function applyReturns(db: Sqlite): ApplyTable<ReturnEvents> {
  const start = db.prepare(
    `INSERT INTO retrievals (id, machine_id, channel, name, state, bytes, held, sentences, idx, time)
     VALUES (?, ?, ?, ?, 'started', 0, 0, '[]', ?, ?)`,
  );
  const receive = db.prepare(
    `UPDATE retrievals SET state = 'received', digest = ?, bytes = ?, ended_idx = ?, ended_time = ? WHERE id = ?`,
  );
  const fail = db.prepare(
    `UPDATE retrievals SET state = 'failed', bytes = ?, reason = ?, ended_idx = ?, ended_time = ? WHERE id = ?`,
  );
  const judge = db.prepare(
    `UPDATE retrievals SET verdict = ?, canonical = ?, delivery_id = ?, release_id = ?, file = ?, matched_by = ?,
     delivered_digest = ?, delivered_canonical = ?, same_as = ? WHERE id = ?`,
  );
  const compare = db.prepare(
    'UPDATE retrievals SET difference = ?, difference_size = ?, sentences = ?, counts = ? WHERE id = ?',
  );
  const hold = db.prepare('UPDATE retrievals SET held = 1 WHERE id = ?');
  const propose = db.prepare('UPDATE retrievals SET deposit_id = ? WHERE id = ?');
  const deposit = db.prepare(
    `INSERT INTO deposits (id, door, name, state, files, facts, findings, more_findings, reasons, idx, time)
     VALUES (?, 'machine', ?, 'proposed', ?, '[]', '[]', 0, '[]', ?, ?)`,
  );
  const resolve = db.prepare('UPDATE retrievals SET disposition = ?, resolution = ?, held = 0 WHERE id = ?');
  const refuse = db.prepare(
    `UPDATE deposits SET state = 'rejected' WHERE id = (SELECT deposit_id FROM retrievals WHERE id = ?)`,
  );
  return {
    'retrieval.started': ({ index, time, event: { data } }) => {
      start.run(data.retrievalId, data.machineId, data.channel, data.name, index, time);
    },
    'retrieval.received': ({ index, time, event: { data } }) => {
      receive.run(data.digest, data.size, index, time, data.retrievalId);
    },
    'retrieval.failed': ({ index, time, event: { data } }) => {
      fail.run(data.bytes, data.reason, index, time, data.retrievalId);
    },
    'readback.verdict': ({ event: { data } }) => {
      const { retrievalId, verdict, received, matched, sameAs = null } = data;
      const of = matched && [matched.deliveryId, matched.releaseId, matched.file, matched.by];
      const forms = [matched?.delivered.digest ?? null, matched?.delivered.canonical ?? null];
      judge.run(
        verdict,
        received.canonical ?? null,
        ...(of ?? [null, null, null, null]),
        ...forms,
        sameAs,
        retrievalId,
      );
    },
    'readback.compared': ({ event: { data } }) => {
      const { difference, sentences, counts } = data;
      const said = [JSON.stringify(sentences), counts ? JSON.stringify(counts) : null];
      compare.run(difference?.digest ?? null, difference?.size ?? null, ...said, data.retrievalId);
    },
    'release.held': ({ event: { data } }) => {
      hold.run(data.retrievalId);
    },
    'deposit.proposed': ({ index, time, event: { data } }) => {
      propose.run(data.depositId, data.retrievalId);
      deposit.run(data.depositId, data.name, JSON.stringify([data.file]), index, time);
    },
    'readback.resolved': ({ event: { data } }) => {
      resolve.run(data.disposition, data.reason, data.retrievalId);
      if (data.disposition !== 'accept-as-proposal') refuse.run(data.retrievalId);
    },
  };
}
