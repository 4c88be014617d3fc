import type { DeliveryState } from '../../domain/states.ts';
import type { Sqlite } from '../../platform/sqlite.ts';

/** The newest delivery of one file of a release to a machine, however it ended. */
export const newestDelivery = (
  db: Sqlite,
  { releaseId, machineId, file }: { releaseId: string; machineId: string; file: string },
): { state: DeliveryState; bytes: number; time: string } | undefined =>
  db
    .prepare(
      `SELECT state, bytes, coalesce(ended_time, time) AS time FROM deliveries
       WHERE release_id = ? AND machine_id = ? AND file = ? ORDER BY idx DESC LIMIT 1`,
    )
    .get(releaseId, machineId, file) as { state: DeliveryState; bytes: number; time: string } | undefined;
