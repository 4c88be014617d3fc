import type { EventOf, EventType, Sequenced } from './events.ts';
import type { PersonId } from './ids.ts';
import { humanOf, type KeyId, type Person, type PersonKey } from './people.ts';

export const peopleEvents = [
  'person.enrolled',
  'person.changed',
  'person.key-added',
  'person.key-revoked',
  'person.off-boarded',
] as const satisfies readonly EventType[];
export type PeopleEvent = (typeof peopleEvents)[number];
export type PeopleEntry = Sequenced<EventOf<PeopleEvent>>;

const names: ReadonlySet<string> = new Set(peopleEvents);
export const isPeopleEntry = (entry: Sequenced): entry is PeopleEntry => names.has(entry.event.type);

/** What a person is after an entry about them; undefined once they left. */
export function nextPerson({ event }: PeopleEntry, before: Person | undefined): Person | undefined {
  switch (event.type) {
    case 'person.enrolled':
      return event.data.person;
    case 'person.changed':
      return before && { id: before.id, ...event.data.facts, keys: before.keys };
    case 'person.key-added':
      return before && { ...before, keys: [...before.keys, event.data.key] };
    case 'person.key-revoked':
      return before && { ...before, keys: before.keys.filter(({ keyId }) => keyId !== event.data.keyId) };
    case 'person.off-boarded':
      return undefined;
  }
}

/** Whom an entry is about. */
export const personOf = ({ event }: PeopleEntry): PersonId =>
  event.type === 'person.enrolled' ? event.data.person.id : event.data.person;

/** Why a key counts no more, from ledger entry `index` on. */
export type KeyEnd = { index: number; reason: string; compromisedSince: string | undefined };
/** One person from entry `index` until the next version. `person` is undefined once they left. */
type Version = { index: number; person: Person | undefined };
type Holder = { person: PersonId; key: PersonKey; end: KeyEnd | undefined };

/**
 * Everyone, folded from the entries about people in their order: what is in force, what was, whose every key is and
 * what ended it. The same fold serves the gateway, the signer and an auditor. It believes what it is given: whoever
 * does not, checks each entry's authorisation before.
 */
export class PeopleRegister {
  readonly #versions = new Map<PersonId, Version[]>();
  readonly #holders = new Map<KeyId, Holder>();
  /** Where each entry about a person stands, and the keys that it was signed with. */
  readonly #entries = new Map<PersonId, { index: number; signedBy: readonly KeyId[] }[]>();

  apply(entry: PeopleEntry): void {
    const { event, index } = entry;
    const id = personOf(entry);
    const before = this.person(id);
    const after = nextPerson(entry, before);
    if (event.type === 'person.enrolled') for (const key of event.data.person.keys) this.#hold(id, key);
    if (event.type === 'person.key-added') this.#hold(id, event.data.key);
    if (event.type === 'person.key-revoked') {
      this.#end(event.data.keyId, index, event.data.reason, event.data.compromisedSince);
    }
    if (event.type === 'person.off-boarded') {
      for (const { keyId } of before?.keys ?? []) this.#end(keyId, index, event.data.reason, undefined);
    }
    listOf(this.#versions, id).push({ index, person: after });
    const signedBy = event.data.authorisation.signatures.map(({ keyid }) => keyid);
    listOf(this.#entries, id).push({ index, signedBy });
  }

  #hold(person: PersonId, key: PersonKey): void {
    this.#holders.set(key.keyId, { person, key, end: undefined });
  }

  /** A lost key may turn out to be in other hands: a later word on when replaces an earlier one. */
  #end(keyId: KeyId, index: number, reason: string, compromisedSince: string | undefined): void {
    const holder = this.#holders.get(keyId);
    if (!holder) return;
    const since = earlier(holder.end?.compromisedSince, compromisedSince);
    holder.end = { index: holder.end?.index ?? index, reason, compromisedSince: since };
  }

  /** What is in force now; undefined for a stranger and for someone who left. */
  person(id: string): Person | undefined {
    return this.#versions.get(id as PersonId)?.at(-1)?.person;
  }

  /** What was in force when entry `index` was written. */
  personAt(id: string, index: number): Person | undefined {
    return this.#versions.get(id as PersonId)?.findLast((version) => version.index < index)?.person;
  }

  /** The entry of the newest version; undefined for someone who was never enrolled. */
  index(id: string): number | undefined {
    return this.#versions.get(id as PersonId)?.at(-1)?.index;
  }

  people(): Person[] {
    return [...this.#versions.values()].flatMap((versions) => versions.at(-1)?.person ?? []);
  }

  /** Whose key this is or was. A key belongs to one person for good. */
  holder(keyId: string): Readonly<Holder> | undefined {
    return this.#holders.get(keyId as KeyId);
  }

  /** The human being behind an id, also of someone who left. */
  human(id: PersonId): PersonId {
    const known = this.#versions.get(id)?.findLast(({ person }) => person !== undefined)?.person;
    return known ? humanOf(known) : id;
  }

  /** Everyone in force who is the same human being as `id`, that one included. */
  accountsOf(id: PersonId): Person[] {
    const human = this.human(id);
    return this.people().filter((person) => humanOf(person) === human);
  }

  /**
   * Indices of the entries that say who these people are, and who those are that signed for them, down to keys that
   * nobody here holds: in the ledger's order, all that a verifier needs beside the trust root.
   */
  entriesBehind(ids: Iterable<PersonId>): number[] {
    const found = new Set<number>();
    const seen = new Set<PersonId>();
    const waiting = [...ids];
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      if (seen.has(id)) continue;
      seen.add(id);
      for (const { index, signedBy } of this.#entries.get(id) ?? []) {
        found.add(index);
        waiting.push(...signedBy.flatMap((keyId) => this.#holders.get(keyId)?.person ?? []));
      }
    }
    return [...found].sort((a, b) => a - b);
  }
}

const earlier = (a: string | undefined, b: string | undefined): string | undefined =>
  a === undefined || (b !== undefined && b < a) ? b : a;

function listOf<K, V>(lists: Map<K, V[]>, key: K): V[] {
  const there = lists.get(key);
  if (there) return there;
  const made: V[] = [];
  lists.set(key, made);
  return made;
}
