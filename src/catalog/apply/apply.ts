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
    'trust.changed': nothing,
    'gateway.clock-stepped-back': nothing,
    'gateway.storage-full': nothing,
    'gateway.storage-recovered': nothing,
    'evidence.exported': nothing,
    'change.proposed': nothing,
    'access.refused': nothing,
    'first-article.decided': nothing,
    'access.listed': nothing,
    'classification.lowered': nothing,
    'authorization.set': nothing,
    'authorization.ended': nothing,
    'break-glass.opened': nothing,
    'break-glass.ended': nothing,
    'nonconformance.opened': nothing,
    'nonconformance.closed': nothing,
    'policy.authorised': nothing,
    'zone.set': nothing,
    'zone.removed': nothing,
    'conduit.set': nothing,
    'conduit.removed': nothing,
    'change.refused': nothing,
    'webhook.set': nothing,
    'webhook.removed': nothing,
    'problem.reported': nothing,
    'problem.resolved': nothing,
    'legal-hold.placed': nothing,
    'legal-hold.released': nothing,
    'sending.requested': nothing,
    'session.opened': nothing,
    'session.ended': nothing,
    'account.locked': nothing,
    'account.address-locked': nothing,
    'account.invited': nothing,
    'account.credential-set': nothing,
    'account.suspended': nothing,
    'account.restored': nothing,
    'account.proposed': nothing,
    'api-key.made': nothing,
    'api-key.revoked': nothing,
    'sending.placing': nothing,
    'sending.ended': nothing,
    'sending.cleared': nothing,
    'media.issued': nothing,
    'media.returned': nothing,
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
    addHistory(withoutDeliveries(entry), entry.index);
  };
}

/** One statement for each number of subjects, so that an event costs one. */
function historyInserts(db: Sqlite): (subjects: readonly string[], index: number) => void {
  const prepared: Statement[] = [];
  return (subjects, index) => {
    if (subjects.length === 0) return;
    const rows = subjects.map(() => '(?, ?)').join(', ');
    prepared[subjects.length] ??= db.prepare(`INSERT INTO history (subject, idx) VALUES ${rows}`);
    const values: (string | number)[] = [];
    for (const subject of subjects) values.push(subject, index);
    prepared[subjects.length]?.run(values);
  };
}

const subjectFields = [
  ...['depositId', 'packageId', 'releaseId', 'deliveryId', 'machineId', 'by', 'runId', 'operator'],
  ...['changeId', 'refused', 'opened', 'nonconformanceId', 'authorizationId', 'breakGlass'],
  ...['retrievalId', 'sendingId', 'mediaId', 'problemId', 'holdId', 'webhookId', 'sessionId', 'apiKeyId'],
];

/** Deliveries are nearly all that a ledger holds: what their own table finds by its indices has no row here (`historyOf`). */
const foundInDeliveries: Partial<Record<EventType, readonly string[]>> = {
  'delivery.started': ['deliveryId', 'releaseId', 'machineId'],
  'delivery.completed': ['deliveryId'],
  'delivery.failed': ['deliveryId'],
};

function withoutDeliveries(entry: Sequenced): string[] {
  const { type, data } = entry.event;
  const found = foundInDeliveries[type]?.map((field) => (data as Record<string, unknown>)[field]);
  const subjects = subjectsOf(entry);
  return found ? subjects.filter((subject) => !found.includes(subject)) : subjects;
}

/** The ids an event is about, each once, found by their field names: they are named the same everywhere. */
export function subjectsOf({ event }: Sequenced): string[] {
  const { actor, type } = event;
  const data = event.data as Record<string, unknown>;
  const subjects: string[] = [];
  const add = (id: unknown) => {
    if (typeof id === 'string' && !subjects.includes(id)) subjects.push(id);
  };
  for (const field of subjectFields) add(data[field]);
  // Rules that were in force are part of the evidence about anything.
  if (type.startsWith('gateway.')) add('gateway');
  add(data.person);
  if (actor.kind === 'person' || actor.kind === 'machine') add(actor.id);
  if (type === 'person.enrolled') add(event.data.person.id);
  if ('machine' in event.data) add(event.data.machine.id);
  if (event.type === 'legal-hold.placed') for (const release of event.data.releases) add(release);
  if (event.type === 'authorization.set') add(event.data.authorization.id);
  return subjects;
}
