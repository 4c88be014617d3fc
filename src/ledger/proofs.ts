import { DomainError } from '../domain/errors.ts';
import type { Event, Sequenced } from '../domain/events.ts';
import { encodeEntryBundle, type TileAddress, tileWidth } from '../merkle/tiles.ts';
import type { HashReader } from '../merkle/tree.ts';
import { consistencyProof, inclusionProof } from '../merkle/tree.ts';
import { openCommitted, type ProvenEvent } from '../signing/proven-event.ts';
import { ProvenTree } from '../signing/proven-tree.ts';
import { tileWidthIn } from './ledger-tiles.ts';
import type { LedgerReader, StoredEntry } from './store.ts';

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
    if (!entry) throw absent(index, size);
    return {
      index,
      leaf: entry.leaf.toString('base64'),
      body: entry.body.toString('base64'),
      salt: entry.salt.toString('base64'),
      proof: inclusionProof(index, size, this.#hashes).map((hash) => hash.toString('base64')),
    };
  }

  /** That the tree of `size` entries extends its first `from`, base64 (RFC 6962 2.1.2). */
  growth(from: number, size: number): string[] {
    return consistencyProof(from, size, this.#hashes).map((hash) => hash.toString('base64'));
  }

  /**
   * Opens entries of a signed tree that the standing was folded from: as `prove` and `openProvenEvent` do for others, but
   * without a proof in between, nor the schema again that this process asked of the same bytes when it folded them.
   * Throws `not-verified`.
   */
  opener(tree: { size: number; root: Buffer }): (index: number) => Sequenced {
    const proven = new ProvenTree(tree, this.#hashes);
    return (index) => {
      const entry = index < tree.size ? this.#reader.entry(index) : undefined;
      if (!entry) throw absent(index, tree.size);
      proven.require(index, entry.leaf);
      return openStanding(entry);
    };
  }

  /** The bytes of a tile or entry bundle of the first `size` entries (C2SP tlog-tiles). Throws `not-found` beyond them. */
  tile({ level, index, width }: TileAddress, size: number): Buffer {
    if (width > tileWidthIn(size, level === 'entries' ? 0 : level, index)) {
      throw new DomainError('not-found', `There is no such tile in a tree of ${size} entries.`);
    }
    const first = index * tileWidth;
    if (level === 'entries') {
      const leaves = [...this.#reader.leaves(first, first + width)];
      if (leaves.length < width)
        throw new DomainError('not-verified', `Ledger entry ${first + leaves.length} is missing.`);
      return encodeEntryBundle(leaves);
    }
    const full = this.#reader.fullTile(level, index)?.hashes;
    if (full) return full.subarray(0, width * 32);
    return Buffer.concat(Array.from({ length: width }, (_, at) => this.#hashes.hashAt(level * 8, first + at)));
  }
}

const absent = (index: number, size: number) =>
  new DomainError('not-verified', `Ledger entry ${index} is not in a tree of ${size} entries.`);

function openStanding({ index, leaf, body, salt }: StoredEntry): Sequenced {
  try {
    const { time, written } = openCommitted(leaf, body, salt);
    return { index, time, event: written as Event };
  } catch (cause) {
    throw new DomainError('not-verified', `Ledger entry ${index} is damaged.`, { cause });
  }
}
