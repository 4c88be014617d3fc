import { isMachineEntry, machineOf } from '../catalog/machine-register.ts';
import { historyOf } from '../catalog/queries/history.ts';
import {
  type PastRelease,
  releaseOfDelivery,
  releasePackage,
  releasesBetween,
  releasesOfPart,
  releasesOfSerial,
} from '../catalog/queries/releases.ts';
import { DomainError } from '../domain/errors.ts';
import type { Event, Sequenced } from '../domain/events.ts';
import type { EvidenceQuestion } from '../domain/evidence.ts';
import type { ReleaseId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { isPeopleEntry, personOf } from '../domain/people-register.ts';
import type { Sqlite } from '../platform/sqlite.ts';

/** The releases that a question leads to, oldest first. */
export function releasesOf(db: Sqlite, question: EvidenceQuestion): PastRelease[] {
  return releaseIds(db, question)
    .flatMap((id) => releasePackage(db, id) ?? [])
    .sort((a, b) => a.index - b.index);
}

function releaseIds(db: Sqlite, question: EvidenceQuestion): ReleaseId[] {
  switch (question.by) {
    case 'serial':
      return releasesOfSerial(db, question.serial);
    case 'part':
      return releasesOfPart(db, question.part);
    case 'release':
      return [question.releaseId];
    case 'transfer':
      return releaseOfDelivery(db, question.deliveryId);
    case 'time':
      return releasesBetween(db, question.from, question.to);
  }
}

/** What the ledger holds about one id, in order. Throws `too-large` beyond what one pack may hold. */
function entriesAbout(db: Sqlite, subject: string): number[] {
  const found = historyOf(db, subject, limits.evidenceEntries + 1);
  if (found.length > limits.evidenceEntries) throw tooMany();
  return found;
}

export const tooMany = () =>
  new DomainError(
    'too-large',
    `This leads to more than ${limits.evidenceEntries} ledger entries: ask by release, by serial or for a shorter time.`,
  );

/** Ledger indices of all that happened to one release: its deposit, package, approvals, deliveries, runs and end. */
export function entriesOfRelease(
  db: Sqlite,
  { releaseId, packageId }: PastRelease,
  read: (index: number) => Sequenced,
): Set<number> {
  const indices = new Set([...entriesAbout(db, releaseId), ...entriesAbout(db, packageId)]);
  // A deposit is named by the entry that made it a package, a delivery by the entry that began it, and what came back
  // by its verdict.
  for (const index of [...indices]) {
    const { event } = read(index);
    const further =
      event.type === 'package.submitted'
        ? event.data.depositId
        : event.type === 'delivery.started'
          ? event.data.deliveryId
          : event.type === 'readback.verdict'
            ? event.data.retrievalId
            : undefined;
    for (const more of further === undefined ? [] : entriesAbout(db, further)) indices.add(more);
    if (indices.size > limits.evidenceEntries) throw tooMany();
  }
  return indices;
}

/** People, machines and authorisations that these entries name: what they were is part of what the entries mean. */
export function namedIn(events: Iterable<Event>): Set<string> {
  const names = new Set<string>();
  for (const event of events) {
    if (event.actor.kind === 'person' || event.actor.kind === 'machine') names.add(event.actor.id);
    if (event.type === 'package.submitted') {
      const { author, classification } = event.data.manifest;
      for (const name of [author, ...(classification.authorizations ?? [])]) names.add(name);
    }
    if (event.type === 'approval.given' || event.type === 'approval.refused') names.add(event.data.person);
    if (event.type === 'delivery.started') names.add(event.data.machineId);
    if (event.type === 'readback.verdict') names.add(event.data.machineId);
    if (event.type === 'run.recorded') names.add(event.data.machineId).add(event.data.operator);
  }
  return names;
}

/** What made them who they are, up to the pack's tree. */
export function registrationsOf(db: Sqlite, names: Iterable<string>, read: (index: number) => Sequenced): number[] {
  return [...names].flatMap((name) =>
    historyOf(db, name, limits.evidenceEntries).filter((index) => {
      const entry = read(index);
      const { event } = entry;
      if (isMachineEntry(entry)) return machineOf(entry) === name;
      if (event.type === 'authorization.set') return event.data.authorization.id === name;
      if (event.type === 'authorization.ended') return event.data.authorizationId === name;
      return isPeopleEntry(entry) && personOf(entry) === name;
    }),
  );
}
