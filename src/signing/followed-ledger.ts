import { DomainError } from '../domain/errors.ts';
import type { PersonId } from '../domain/ids.ts';
import { decodeLeafText } from '../domain/leaf.ts';
import { type PeopleEntry, peopleEvents, personOf } from '../domain/people-register.ts';
import { leafHash } from '../merkle/hashes.ts';
import { Frontier } from '../merkle/tree.ts';
import { type Followed, FollowedFile } from './followed-file.ts';
import { expectPeopleEntry, openEntry } from './proven-event.ts';
import type { FollowedPart, TreeHead } from './signer-protocol.ts';

const aboutPeople: ReadonlySet<string> = new Set(peopleEvents);

/** On the way from what is certain to a head that was signed. */
type Pending = { to: TreeHead; edge: Frontier; found: { person: PersonId; index: number }[] };

/**
 * What the signer knows of every entry, so that a core which leaves out a revocation gets no release signed over it. It is
 * shown each leaf, whose kind stands in it, and of those about people the body; they count once they make a root that the
 * signer signed itself. What is kept is small: the edge of the tree, and the indices of the entries about each person.
 * A body that is not shown stops this, and with it releases, while checkpoints go on.
 */
export class FollowedLedger {
  readonly #file: FollowedFile;
  #certain: Followed;
  #pending: Pending | undefined;
  #kept: number;

  /** `path`: of two files that may be lost at no other cost than being shown every leaf again. */
  constructor(path: string) {
    this.#file = new FollowedFile(path);
    this.#certain = this.#file.read();
    this.#kept = this.#certain.edge.size;
  }

  /** Begins to follow up to a signed head; says from which entry on leaves are to be shown. */
  begin(head: TreeHead): { from: number; to: number } {
    const { edge } = this.#certain;
    // A memory that is ahead of the signed heads is of another ledger.
    if (edge.size > head.size) this.#certain = nothing();
    this.#pending = { to: head, edge: this.#certain.edge.clone(), found: [] };
    return { from: this.#pending.edge.size, to: head.size };
  }

  /** Takes the next leaves. Throws `not-verified` for what is no leaf or lacks its body, and for a root that was not signed. */
  take({ from, leaves, bodies }: FollowedPart): void {
    const pending = this.#pending;
    if (pending?.edge.size !== from) throw new DomainError('conflict', 'The signer was shown other entries before.');
    try {
      for (const leaf of leaves) this.#takeLeaf(pending, leaf, bodies);
      if (pending.edge.size === pending.to.size) this.#settle(pending);
    } catch (error) {
      this.#pending = undefined;
      throw error;
    }
  }

  #takeLeaf({ edge, found, to }: Pending, text: string, bodies: FollowedPart['bodies']): void {
    const index = edge.size;
    const leaf = decodeLeafText(text);
    if (!leaf || index >= to.size) throw new DomainError('not-verified', `What was shown as entry ${index} is none.`);
    const bytes = Buffer.from(text, 'latin1');
    if (aboutPeople.has(leaf.type)) {
      const shown = bodies.find((body) => body.index === index);
      if (!shown) throw new DomainError('not-verified', `Ledger entry ${index} is about a person and was not shown.`);
      const body = Buffer.from(shown.body, 'base64');
      const entry = openEntry(bytes, body, Buffer.from(shown.salt, 'base64'), index);
      found.push({ person: personOf(expectPeopleEntry(entry)), index });
    }
    edge.append(leafHash(bytes));
  }

  #settle({ edge, found, to }: Pending): void {
    if (edge.root().toString('base64') !== to.root) {
      // What was remembered may be of another ledger, so that all is looked at again.
      this.#certain = nothing();
      throw new DomainError('not-verified', 'The entries that were shown do not make the tree that was signed.');
    }
    const { people } = this.#certain;
    for (const { person, index } of found) people.set(person, [...(people.get(person) ?? []), index]);
    this.#certain = { edge, people };
    this.#pending = undefined;
    if (found.length === 0 && edge.size - this.#kept < keepEvery) return;
    this.#file.write(this.#certain);
    this.#kept = edge.size;
  }

  /**
   * Throws `checkpoint-behind` until everything under the last signed head is known, as an older one could be from before
   * a revocation; and `not-verified` unless these are all the entries about each of the people that they are about.
   */
  requireComplete(entries: readonly PeopleEntry[], head: TreeHead): void {
    const { edge, people } = this.#certain;
    if (edge.size !== head.size)
      throw new DomainError('checkpoint-behind', `The signer knows ${edge.size} of ${head.size} entries only.`);
    for (const [person, about] of Map.groupBy(entries, personOf)) {
      const indices = about.map(({ index }) => index).sort((a, b) => a - b);
      if (indices.join() !== (people.get(person) ?? []).join())
        throw new DomainError('not-verified', `The evidence leaves out what the ledger says about ${person}.`);
    }
  }
}

const nothing = (): Followed => ({ edge: Frontier.empty(), people: new Map() });
/** So many entries are shown again in a fraction of a second. */
const keepEvery = 20_000;
