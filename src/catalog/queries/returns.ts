import type { Digest } from '../../domain/digest.ts';
import type { DoorChannel } from '../../domain/doors.ts';
import type { DeliveryId, DepositId, MachineId, ReleaseId, RetrievalId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import { calledOnControl, type Manifest } from '../../domain/manifest.ts';
import type { ChangeCounts } from '../../domain/nc-difference.ts';
import type { Disposition, MatchedDelivery } from '../../domain/readback.ts';
import type { ReadbackVerdict } from '../../domain/returns.ts';
import type { RetrievalState } from '../../domain/states.ts';
import { plucked, prepared } from '../../platform/prepared.ts';
import type { Sqlite } from '../../platform/sqlite.ts';

/** One file that a machine sent back, and what became of it. */
export type RetrievalRow = {
  retrievalId: RetrievalId;
  machineId: MachineId;
  channel: DoorChannel;
  name: string;
  state: RetrievalState;
  digest: Digest | null;
  canonical: Digest | null;
  bytes: number;
  reason: string | null;
  verdict: ReadbackVerdict | null;
  deliveryId: DeliveryId | null;
  releaseId: ReleaseId | null;
  /** The name under which it was delivered. */
  file: string | null;
  matchedBy: MatchedDelivery['by'] | null;
  deliveredDigest: Digest | null;
  deliveredCanonical: Digest | null;
  /** Its release does not go to the machine because of it. */
  held: boolean;
  depositId: DepositId | null;
  difference: Digest | null;
  differenceSize: number | null;
  sentences: string[];
  counts: ChangeCounts | null;
  /** The same bytes came back before: that one is resolved. */
  sameAs: RetrievalId | null;
  disposition: Disposition | null;
  resolution: string | null;
  index: number;
  time: string;
  endedTime: string | null;
};
type Raw = Omit<RetrievalRow, 'held' | 'sentences' | 'counts'> & {
  held: number;
  sentences: string;
  counts: string | null;
};

const columns = `id AS retrievalId, machine_id AS machineId, channel, name, state, digest, canonical, bytes, reason, verdict,
  delivery_id AS deliveryId, release_id AS releaseId, file, matched_by AS matchedBy, delivered_digest AS deliveredDigest,
  delivered_canonical AS deliveredCanonical, held, deposit_id AS depositId, difference, difference_size AS differenceSize,
  sentences, counts, same_as AS sameAs, disposition, resolution, idx AS "index", time, ended_time AS endedTime`;

const fromRaw = ({ held, sentences, counts, ...raw }: Raw): RetrievalRow => ({
  ...raw,
  held: held === 1,
  sentences: JSON.parse(sentences) as string[],
  counts: counts === null ? null : (JSON.parse(counts) as ChangeCounts),
});

const select = (db: Sqlite, where: string, ...values: (string | number)[]): RetrievalRow[] =>
  (prepared(db, `SELECT ${columns} FROM retrievals ${where}`).all(...values) as Raw[]).map(fromRaw);

export const retrievalRow = (db: Sqlite, id: string): RetrievalRow | undefined => select(db, 'WHERE id = ?', id)[0];

/** Newest first. */
export const retrievalRows = (db: Sqlite, rows: number): RetrievalRow[] =>
  select(db, 'ORDER BY idx DESC LIMIT ?', rows);
export const retrievalsOfMachine = (db: Sqlite, machineId: string, rows: number): RetrievalRow[] =>
  select(db, 'WHERE machine_id = ? ORDER BY idx DESC LIMIT ?', machineId, rows);

/** Programs that came back changed and that nobody resolved, the oldest first. */
export const openDifferences = (db: Sqlite): RetrievalRow[] =>
  select(db, `WHERE verdict = 'different' AND disposition IS NULL AND same_as IS NULL ORDER BY idx`);

/** What came back of a release and was another program, each once, the newest first. */
export const differencesOf = (db: Sqlite, releaseId: string, rows: number): RetrievalRow[] =>
  select(
    db,
    `WHERE release_id = ? AND verdict = 'different' AND same_as IS NULL ORDER BY idx DESC LIMIT ?`,
    releaseId,
    rows,
  );

/** The same bytes from the same machine for the same release, where that is open or was accepted. */
export const sameDifference = (
  db: Sqlite,
  { machineId, digest }: { machineId: string; digest: string },
  releaseId: string,
): RetrievalRow | undefined =>
  select(
    db,
    `WHERE machine_id = ? AND digest = ? AND release_id = ? AND verdict = 'different' AND same_as IS NULL
       AND (disposition IS NULL OR disposition = 'accept-as-proposal') ORDER BY idx DESC LIMIT 1`,
    ...[machineId, digest, releaseId],
  )[0];

/** Of these, the ones whose difference nobody looked into yet: the gateway stopped in between. */
export const notCompared = (db: Sqlite): RetrievalRow[] =>
  select(db, `WHERE verdict = 'different' AND sentences = '[]' AND same_as IS NULL ORDER BY idx`);

/** Begun and never ended: after a start these are failures that nobody could record. */
export const openRetrievals = (db: Sqlite): RetrievalRow[] => select(db, `WHERE state = 'started' ORDER BY idx`);

/** What a machine sent since a time, the newest of each name, newest first. */
export const recentReturns = (db: Sqlite, machineId: string, since: string, rows: number): RetrievalRow[] =>
  select(
    db,
    `WHERE idx IN (SELECT max(idx) FROM retrievals
       WHERE machine_id = ? AND state = 'received' AND verdict IS NOT NULL AND time >= ? GROUP BY name)
     ORDER BY idx DESC LIMIT ?`,
    machineId,
    since,
    rows,
  );

/** The newest whole delivery of one file to a machine. */
export type DeliveredFile = {
  deliveryId: DeliveryId;
  releaseId: ReleaseId;
  /** Its name in the manifest. */
  file: string;
  /** Its name on the control. */
  as: string;
  programNumber: string | undefined;
  digest: Digest;
  size: number;
  time: string;
};
type RawDelivered = Omit<DeliveredFile, 'as' | 'programNumber'> & { manifest: string };

/**
 * The newest whole delivery of each file to a machine, newest first: what it may hold. Two releases may each have a file of
 * one name that their control calls otherwise. Signatures are no programs.
 */
export const newestDeliveries = (db: Sqlite, machineId: string): DeliveredFile[] =>
  (
    prepared(
      db,
      `SELECT d.id AS deliveryId, d.release_id AS releaseId, d.file, d.digest, d.size, d.ended_time AS time, p.manifest
         FROM deliveries d JOIN releases r ON r.id = d.release_id JOIN packages p ON p.id = r.package_id
         WHERE d.idx IN (SELECT max(idx) FROM deliveries
             WHERE machine_id = ? AND state = 'completed' AND file NOT LIKE '%.p7s' GROUP BY release_id, file)
         ORDER BY d.idx DESC LIMIT ?`,
    ).all(machineId, limits.deliveriesMatched) as RawDelivered[]
  ).map(({ manifest, ...row }) => ({ ...row, ...onItsControl(row.file, JSON.parse(manifest) as Manifest) }));

function onItsControl(name: string, { files }: Manifest): Pick<DeliveredFile, 'as' | 'programNumber'> {
  const from = files.find((file) => file.name === name)?.made?.from ?? name;
  return {
    as: calledOnControl(files, name),
    programNumber: files.find((file) => file.name === from)?.programNumber,
  };
}

/** The bytes that were ever sent to a machine under a name on its control, whether or not they arrived, newest first. */
export function sentUnder(
  db: Sqlite,
  machineId: string,
  as: string,
): Pick<DeliveredFile, 'releaseId' | 'digest' | 'size'>[] {
  const rows = prepared(
    db,
    `SELECT d.release_id AS releaseId, d.file, d.digest, d.size, p.manifest FROM deliveries d
       JOIN releases r ON r.id = d.release_id JOIN packages p ON p.id = r.package_id
       WHERE d.idx IN (SELECT max(idx) FROM deliveries
           WHERE machine_id = ? AND file NOT LIKE '%.p7s' GROUP BY release_id, file)
       ORDER BY d.idx DESC LIMIT ?`,
  ).all(machineId, limits.deliveriesMatched) as Pick<
    RawDelivered,
    'releaseId' | 'file' | 'digest' | 'size' | 'manifest'
  >[];
  return rows
    .filter(({ file, manifest }) => {
      const name = calledOnControl((JSON.parse(manifest) as Manifest).files, file);
      return name.toLowerCase() === as.toLowerCase();
    })
    .map(({ releaseId, digest, size }) => ({ releaseId, digest, size }));
}

/** One program that a machine was sent, and what is known of it there. */
export type Held = Pick<DeliveredFile, 'deliveryId' | 'releaseId' | 'as'> & {
  /** `unknown`: nobody has read it back since it was sent, or since another delivery of it broke off. */
  state: 'unknown' | ReadbackVerdict;
  /** Since when, RFC 3339 UTC: its delivery, or when it was read back. */
  since: string;
  delivered: string;
  retrievalId: RetrievalId | null;
};

/** By name on the control, the newest first. */
export function heldBy(db: Sqlite, machineId: string): Held[] {
  const names = new Set<string>();
  return newestDeliveries(db, machineId).flatMap((delivery) => {
    const name = delivery.as.toLowerCase();
    if (names.has(name)) return [];
    names.add(name);
    return [heldOf(db, machineId, delivery)];
  });
}

function heldOf(db: Sqlite, machineId: string, { deliveryId, releaseId, as, file, time }: DeliveredFile): Held {
  const about = { deliveryId, releaseId, as, delivered: time };
  const read = select(db, 'WHERE delivery_id = ? AND verdict IS NOT NULL ORDER BY idx DESC LIMIT 1', deliveryId)[0];
  const known = read?.verdict
    ? { state: read.verdict, since: read.endedTime ?? read.time, retrievalId: read.retrievalId }
    : { state: 'unknown' as const, since: time, retrievalId: null };
  const broken = plucked(
    db,
    `SELECT ended_time FROM deliveries WHERE machine_id = ? AND file = ? AND state = 'failed' AND bytes > 0
         AND ended_time > ? ORDER BY idx DESC LIMIT 1`,
  ).get(machineId, file, known.since) as string | undefined;
  return broken === undefined
    ? { ...about, ...known }
    : { ...about, state: 'unknown', since: broken, retrievalId: known.retrievalId };
}
