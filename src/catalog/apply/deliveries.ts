import type { Sqlite } from '../../platform/sqlite.ts';
import type { ApplyTable } from './table.ts';

type DeliveryEvents = 'delivery.started' | 'delivery.completed' | 'delivery.failed' | 'delivery.refused';

export function applyDeliveries(db: Sqlite): ApplyTable<DeliveryEvents> {
  // By position: deliveries are nearly all that a ledger holds, and names cost a lookup for each value.
  const start = db.prepare(
    `INSERT INTO deliveries (id, release_id, machine_id, file, digest, size, channel, state, bytes, idx, time)
     VALUES (?, ?, ?, ?, ?, ?, ?, 'started', 0, ?, ?)`,
  );
  const end = db.prepare(
    'UPDATE deliveries SET state = ?, bytes = ?, reason = ?, ended_idx = ?, ended_time = ? WHERE id = ?',
  );
  const refuse = db.prepare(
    'INSERT INTO refusals (idx, subject, about, code, message, time) VALUES (@idx, @subject, @about, @code, @message, @time)',
  );
  return {
    'delivery.started': ({ index, time, event: { data } }) => {
      const { deliveryId: id, releaseId, machineId, file, digest, size, channel } = data;
      start.run(id, releaseId, machineId, file, digest, size, channel, index, time);
    },
    'delivery.completed': ({ index, time, event: { data } }) => {
      end.run('completed', data.bytes, null, index, time, data.deliveryId);
    },
    'delivery.failed': ({ index, time, event: { data } }) => {
      end.run('failed', data.bytes, data.reason, index, time, data.deliveryId);
    },
    'delivery.refused': ({ index, time, event: { data } }) => {
      refuse.run({
        idx: index,
        subject: data.machineId,
        about: data.releaseId,
        code: data.code,
        message: data.message,
        time,
      });
    },
  };
}
