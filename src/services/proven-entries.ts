import type { Standing } from '../catalog/standing.ts';
import { DomainError } from '../domain/errors.ts';
import type { EventType, Sequenced } from '../domain/events.ts';
import type { PersonId } from '../domain/ids.ts';
import type { PeopleEntry } from '../domain/people-register.ts';
import type { Proofs } from '../ledger/proofs.ts';
import type { Publisher, SignedCheckpoint } from '../ledger/publisher.ts';
import { expectPeopleEntry, expectType, openProvenEvent } from '../signing/proven-event.ts';

type ProvenEntriesParts = {
  standing: Pick<Standing, 'register'>;
  proofs: Pick<Proofs, 'prove'>;
  publisher: Pick<Publisher, 'latest'>;
};

/** Entries of the ledger, each opened by its proof under a signed checkpoint: what is believed rests on nothing else. */
export class ProvenEntries {
  readonly #parts: ProvenEntriesParts;

  constructor(parts: ProvenEntriesParts) {
    this.#parts = parts;
  }

  /** The newest checkpoint, where it covers this entry. Throws `checkpoint-behind`; `what` is for the message. */
  checkpointOver(index: number, what = 'this release'): SignedCheckpoint {
    const { latest } = this.#parts.publisher;
    if (latest && latest.size > index) return latest;
    throw new DomainError(
      'checkpoint-behind',
      `No signed checkpoint covers ${what} yet. Try again in a moment; if it stays, call the administrator.`,
    );
  }

  open(index: number, tree: SignedCheckpoint): Sequenced {
    return openProvenEvent(this.#parts.proofs.prove(index, tree.size), tree);
  }

  openAs<T extends EventType>(index: number, type: T, tree: SignedCheckpoint) {
    return expectType(this.open(index, tree), type);
  }

  /** All about these people and whoever signed for them, as far as the checkpoint reaches: what is newer is judged by the standing. */
  peopleBehind(ids: Iterable<PersonId>, tree: SignedCheckpoint): PeopleEntry[] {
    const indices = this.#parts.standing.register.entriesBehind(ids).filter((index) => index < tree.size);
    return indices.map((index) => expectPeopleEntry(this.open(index, tree)));
  }
}
