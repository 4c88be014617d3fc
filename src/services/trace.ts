import type { Catalog } from '../catalog/catalog.ts';
import { deliveryEnds, newestAbout } from '../catalog/queries/history.ts';
import { packageRow } from '../catalog/queries/packages.ts';
import { type PastRelease, releasePackage } from '../catalog/queries/releases.ts';
import { type Held, heldBy } from '../catalog/queries/returns.ts';
import { type RunRow, runRows } from '../catalog/queries/runs.ts';
import { machinesOfRelease, releasesBehind, type TraceQuestion, wasRecalled } from '../catalog/queries/traces.ts';
import { DomainError } from '../domain/errors.ts';
import type { Event, Sequenced } from '../domain/events.ts';
import type { MachineId, PersonId, ReleaseId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { ReadbackVerdict } from '../domain/returns.ts';
import type { Sqlite } from '../platform/sqlite.ts';
import { type Authority, packageFacts } from './authority.ts';
import type { Asker } from './principals.ts';
import { type Timeline, type TimelineRow, timelineRow } from './timeline.ts';

type TraceParts = {
  catalog: Pick<Catalog, 'current'>;
  authority: Pick<Authority, 'decide'>;
  timeline: Pick<Timeline, 'entries'>;
};

export type TracedRelease = { release: PastRelease; recalled: boolean };
/** `bad`: what somebody looks for who has a bad part in hand. */
export type TraceRow = TimelineRow & { releaseId?: ReleaseId; machineId?: MachineId; bad: boolean };
export type TraceOf = { releases: TracedRelease[]; runs: RunRow[]; timeline: TraceRow[]; more: boolean };

export type ExposedSerial = {
  serial: string;
  workOrder: string;
  machineId: MachineId;
  operator: PersonId;
  time: string;
  index: number;
};
export type ExposedMachine = {
  machineId: MachineId;
  deliveries: number;
  first: string;
  last: string;
  readback?: { verdict: ReadbackVerdict; time: string };
};

/** From a bad part back to the bytes that cut it, and on to everything else that they cut. */
export class TraceService {
  readonly #parts: TraceParts;

  constructor(parts: TraceParts) {
    this.#parts = parts;
  }

  /** Throws `not-found` where it leads to nothing that the asker may see. */
  async of(asker: Asker, question: TraceQuestion): Promise<TraceOf> {
    const db = await this.#parts.catalog.current();
    const seen = this.#visible(db, asker, releasesBehind(db, question));
    if (seen.length === 0) throw new DomainError('not-found', 'The ledger holds nothing about this that you may see.');
    const releases = seen.slice(0, limits.traceReleases);
    const runs = releases
      .flatMap(({ releaseId }) => runRows(db, { releaseId }, limits.runRows))
      .filter((run) => isAsked(run, question))
      .sort((a, b) => b.index - a.index);
    const rows = limits.timelineRows;
    const about = await this.#parts.timeline.entries(asker, indicesOf(db, releases, rows + 1), rows + 1);
    const entries = question.by === 'time' ? about.filter(({ time }) => isWithin(time, question)) : about;
    return {
      releases: releases.map((release) => ({ release, recalled: wasRecalled(db, release.releaseId) })),
      runs: runs.slice(0, limits.runRows),
      timeline: entries.slice(-rows).map(traceRow),
      more: seen.length > releases.length || runs.length > limits.runRows || entries.length > rows,
    };
  }

  /** Throws `not-found` for a release that the asker may not see, as for one that there is not. */
  async exposure(asker: Asker, id: ReleaseId): Promise<{ serials: ExposedSerial[]; machines: ExposedMachine[] }> {
    const db = await this.#parts.catalog.current();
    if (this.#visible(db, asker, [id]).length === 0) throw new DomainError('not-found', 'There is no such release.');
    const serials = runRows(db, { releaseId: id }, limits.runRows).flatMap((run) =>
      run.serials.map((serial) => {
        const { workOrder, machineId, operator, startedAt, index } = run;
        return { serial, workOrder, machineId, operator, time: startedAt, index };
      }),
    );
    const machines = machinesOfRelease(db, id).map((machine) => ({
      ...machine,
      ...readbackOf(heldBy(db, machine.machineId).filter(({ releaseId }) => releaseId === id)),
    }));
    return { serials, machines };
  }

  /** The newest first. */
  #visible(db: Sqlite, asker: Asker, ids: readonly ReleaseId[]): PastRelease[] {
    return ids
      .flatMap((id) => releasePackage(db, id) ?? [])
      .filter(({ packageId, manifest }) => {
        const { verdict } = this.#parts.authority.decide('view', asker, packageFacts(packageId, manifest));
        return verdict === 'permit';
      })
      .sort((a, b) => b.index - a.index);
  }
}

const isWithin = (time: string, { from, to }: { from: string; to: string }): boolean => time >= from && time <= to;

/** Of a part or a release every run is meant, of a serial only those that cut it. */
function isAsked(run: RunRow, question: TraceQuestion): boolean {
  switch (question.by) {
    case 'serial':
      return run.serials.includes(question.value);
    case 'workOrder':
      return run.workOrder === question.value;
    case 'machine':
      return run.machineId === question.value;
    case 'time':
      return isWithin(run.startedAt, question);
    default:
      return true;
  }
}

function indicesOf(db: Sqlite, releases: readonly PastRelease[], rows: number): number[] {
  const subjects = releases.flatMap(({ releaseId, packageId }) => {
    const deposit = packageRow(db, packageId)?.depositId;
    return [releaseId, packageId, ...(deposit === undefined ? [] : [deposit])];
  });
  const ends = releases.flatMap(({ releaseId }) => deliveryEnds(db, releaseId, rows));
  return [...newestAbout(db, subjects, rows), ...ends];
}

function traceRow(entry: Sequenced): TraceRow {
  const { releaseId, machineId } = entry.event.data as { releaseId?: ReleaseId; machineId?: MachineId };
  return {
    ...timelineRow(entry),
    ...(releaseId === undefined ? {} : { releaseId }),
    ...(machineId === undefined ? {} : { machineId }),
    bad: isBad(entry.event),
  };
}

const badTypes: ReadonlySet<Event['type']> = new Set([
  'delivery.failed',
  'delivery.refused',
  'release.held',
  'release.withdrawn',
  'release.recalled',
  'retrieval.failed',
  'approval.refused',
  'nonconformance.opened',
  'break-glass.opened',
]);
const isBad = (event: Event): boolean =>
  event.type === 'readback.verdict'
    ? event.data.verdict === 'different' || event.data.verdict === 'unmatched'
    : badTypes.has(event.type);

/** The worst that is known of it there. */
function readbackOf(held: readonly Held[]): Pick<ExposedMachine, 'readback'> {
  const order = ['different', 'unmatched', 'equivalent', 'identical'] as const;
  for (const verdict of order) {
    const found = held.find(({ state }) => state === verdict);
    if (found) return { readback: { verdict, time: found.since } };
  }
  return {};
}
