import type { Sqlite } from '../../platform/sqlite.ts';
import type { ApplyTable } from './table.ts';

type DeliveryEvents = 'delivery.started' | 'delivery.completed' | 'delivery.failed' | 'delivery.refused';

export function applyDeliveries(db: Sqlite): ApplyTable<DeliveryEvents> {
  const start = db.prepare(
    `INSERT INTO deliveries (id, release_id, machine_id, file, digest, size, channel, state, bytes, idx, time)
     VALUES (@id, @releaseId, @machineId, @file, @digest, @size, @channel, 'started', 0, @idx, @time)`,
  );
  const end = db.prepare(
    'UPDATE deliveries SET state = @state, bytes = @bytes, reason = @reason, ended_idx = @idx, ended_time = @time WHERE id = @id',
  );
  const refuse = db.prepare(
    'INSERT INTO refusals (idx, subject, about, code, message, time) VALUES (@idx, @subject, @about, @code, @message, @time)',
  );
  return {
    'delivery.started': ({ index, time, event: { data } }) => {
      const { deliveryId: id, releaseId, machineId, file, digest, size, channel } = data;
      start.run({ id, releaseId, machineId, file, digest, size, channel, idx: index, time });
    },
    'delivery.completed': ({ index, time, event: { data } }) => {
      end.run({ id: data.deliveryId, state: 'completed', bytes: data.bytes, reason: null, idx: index, time });
    },
    'delivery.failed': ({ index, time, event: { data } }) => {
      end.run({ id: data.deliveryId, state: 'failed', bytes: data.bytes, reason: data.reason, idx: index, time });
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
