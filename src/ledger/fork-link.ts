import type { EventOf, Sequenced } from '../domain/events.ts';
import { isPeopleEntry, PeopleRegister } from '../domain/people-register.ts';
import { openCheckpoint } from '../merkle/checkpoint.ts';
import { leafHash } from '../merkle/hashes.ts';
import { rootOf } from '../merkle/tree.ts';
import { sameJson } from '../signing/statements.ts';
import type { Trust } from '../signing/trust.ts';
import { LedgerTiles } from './ledger-tiles.ts';
import { sequencedEntries, sequencedEntry } from './open.ts';
import type { LedgerReader } from './store.ts';
import type { LedgerProblem } from './verify.ts';

type Enrolled = Sequenced<EventOf<'person.enrolled'> | EventOf<'machine.registered'>>;
type Older = { reader: LedgerReader; trust: Trust };

/**
 * That a ledger, verified by itself, goes on after this older one, verified by itself: its first event names the older
 * ledger's origin, trust file and a checkpoint over entries that are there, and whatever it carried over stands there as
 * it says. Empty where it holds.
 */
export function forkProblems(reader: LedgerReader, old: Older): LedgerProblem[] {
  const wrong = (index: number, message: string): LedgerProblem => ({ kind: 'bad-inclusion', index, message });
  const entries = sequencedEntries(reader, 0, reader.size());
  const first = entries.next().value as Sequenced | undefined;
  if (first?.event.type !== 'gateway.forked') {
    entries.return(undefined);
    return [wrong(0, 'This ledger does not begin as one that goes on after another.')];
  }
  const problems: LedgerProblem[] = [];
  const size = oldSize(first.event.data.from, old);
  if (typeof size === 'string') problems.push(wrong(0, size));
  const people = peopleOf(old.reader, typeof size === 'number' ? size : 0);
  for (const entry of entries) {
    const { event, index } = entry;
    if (event.type !== 'person.enrolled' && event.type !== 'machine.registered') continue;
    const why = typeof size === 'number' ? unlike({ ...entry, event }, old, size, people) : undefined;
    if (why !== undefined) problems.push(wrong(index, why));
  }
  return problems;
}

/** How many entries the final checkpoint covers, or what is wrong with it. */
function oldSize(
  { origin, trust: digest, final }: EventOf<'gateway.forked'>['data']['from'],
  { reader, trust }: { reader: LedgerReader; trust: Trust },
): number | string {
  if (origin !== trust.origin || digest !== trust.digest)
    return `It goes on after ${origin}, by another trust file than this one of ${trust.origin}.`;
  try {
    const { ledgerVerifiers: verifiers } = trust;
    const { size, root } = openCheckpoint(final, { origin, verifiers, required: verifiers.length });
    if (rootOf(size, new LedgerTiles(reader, size).hashes).equals(root)) return size;
    return 'The older ledger is not the one that the final checkpoint is over.';
  } catch (error) {
    return `The final checkpoint of the older ledger does not hold: ${(error as Error).message}.`;
  }
}

/** As they stood under the final checkpoint: enrolled, and changed since. */
function peopleOf(reader: LedgerReader, size: number): PeopleRegister {
  const people = new PeopleRegister();
  for (const entry of sequencedEntries(reader, 0, size)) if (isPeopleEntry(entry)) people.apply(entry);
  return people;
}

function unlike({ event }: Enrolled, { reader, trust }: Older, size: number, people: PeopleRegister) {
  const { carried } = event.data;
  if (!carried) return undefined;
  const entry = carried.index < size ? reader.entry(carried.index) : undefined;
  if (carried.origin !== trust.origin || !entry || leafHash(entry.leaf).toString('hex') !== carried.leafHash)
    return `What it carried over is not entry ${carried.index} of ${trust.origin}.`;
  const before = sequencedEntry(entry).event;
  if (
    event.type === 'person.enrolled' &&
    people.index(event.data.person.id) === carried.index &&
    sameJson(people.person(event.data.person.id), event.data.person)
  )
    return undefined;
  if (
    before.type === 'machine.registered' &&
    event.type === before.type &&
    sameJson(before.data.machine, event.data.machine)
  )
    return undefined;
  return `Entry ${carried.index} of ${trust.origin} says something else than what was carried over.`;
}
