import type { Statement } from 'better-sqlite3';
import type { EventType, Sequenced } from '../../domain/events.ts';
import type { Sqlite } from '../../platform/sqlite.ts';
import { applyDeliveries } from './deliveries.ts';
import { applyDeposits } from './deposits.ts';
import { applyPackages } from './packages.ts';
import { applyRegistry } from './registry.ts';
import { applyReleases } from './releases.ts';
import { applyResidue } from './residue.ts';
import { applyReturns } from './returns.ts';
import { applyRuns } from './runs.ts';
import type { Apply, ApplyTable } from './table.ts';

/** Prepares the fold for one database. Every event type has its place; the compiler holds the list complete. */
export function makeApply(db: Sqlite): Apply {
  const nothing = () => {};
  const table: ApplyTable<EventType> = {
    'gateway.initialised': nothing,
    'gateway.forked': nothing,
    'gateway.configured': nothing,
    'gateway.clock-stepped-back': nothing,
    'gateway.storage-full': nothing,
    'gateway.storage-recovered': nothing,
    'evidence.exported': nothing,
    'change.proposed': nothing,
    'access.refused': nothing,
    'access.listed': nothing,
    'classification.lowered': nothing,
    'policy.authorised': nothing,
    'zone.set': nothing,
    'zone.removed': nothing,
    'conduit.set': nothing,
    'conduit.removed': nothing,
    'change.refused': nothing,
    'sending.requested': nothing,
    ...applyRegistry(db),
    ...applyDeposits(db),
    ...applyPackages(db),
    ...applyReleases(db),
    ...applyDeliveries(db),
    ...applyRuns(db),
    ...applyReturns(db),
    ...applyResidue(db),
  };
  const addHistory = historyInserts(db);
  return (entry) => {
    (table[entry.event.type] as Apply)(entry);
    addHistory([...subjectsOf(entry)], entry.index);
  };
}

/** One statement for each number of subjects, so that an event costs one. */
function historyInserts(db: Sqlite): (subjects: readonly string[], index: number) => void {
  const prepared: Statement[] = [];
  return (subjects, index) => {
    if (subjects.length === 0) return;
    const rows = subjects.map(() => '(?, ?)').join(', ');
    prepared[subjects.length] ??= db.prepare(`INSERT INTO history (subject, idx) VALUES ${rows}`);
    prepared[subjects.length]?.run(...subjects.flatMap((subject) => [subject, index]));
  };
}

const subjectFields = [
  ...['depositId', 'packageId', 'releaseId', 'deliveryId', 'machineId', 'by', 'runId', 'operator'],
  ...['changeId', 'refused', 'retrievalId', 'sendingId'],
];

/** The ids an event is about, found by their field names: they are named the same everywhere. */
function subjectsOf({ event }: Sequenced): Set<string> {
  const data = event.data as Record<string, unknown>;
  const ids = subjectFields.map((field) => data[field]);
  const actor = event.actor.kind === 'person' || event.actor.kind === 'machine' ? event.actor.id : undefined;
  const registered =
    event.type === 'person.enrolled'
      ? event.data.person.id
      : 'machine' in event.data
        ? event.data.machine.id
        : undefined;
  // Rules that were in force are part of the evidence about anything.
  const rules = event.type.startsWith('gateway.') ? 'gateway' : undefined;
  return new Set([...ids, rules, data.person, actor, registered].filter((id): id is string => typeof id === 'string'));
}
