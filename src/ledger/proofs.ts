import { DomainError } from '../domain/errors.ts';
import type { HashReader } from '../merkle/tree.ts';
import { inclusionProof } from '../merkle/tree.ts';
import type { ProvenEvent } from '../signing/proven-event.ts';
import type { LedgerReader } from './store.ts';

/** Hands out entries with their proofs, for whoever does not take our word: the signer, a delivery, an auditor. */
export class Proofs {
  readonly #reader: LedgerReader;
  readonly #hashes: HashReader;

  constructor(reader: LedgerReader, hashes: HashReader) {
    this.#reader = reader;
    this.#hashes = hashes;
  }

  /** Entry `index` with its inclusion proof in the tree of `size` entries. Throws `not-verified` where there is none. */
  prove(index: number, size: number): ProvenEvent {
    const entry = index < size ? this.#reader.entry(index) : undefined;
    if (!entry) throw new DomainError('not-verified', `Ledger entry ${index} is not in a tree of ${size} entries.`);
    return {
      index,
      leaf: entry.leaf.toString('base64'),
      body: entry.body.toString('base64'),
      salt: entry.salt.toString('base64'),
      proof: inclusionProof(index, size, this.#hashes).map((hash) => hash.toString('base64')),
    };
  }
}
