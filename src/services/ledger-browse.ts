import { DomainError } from '../domain/errors.ts';
import type { Event } from '../domain/events.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Proofs } from '../ledger/proofs.ts';
import type { Publisher, SignedCheckpoint } from '../ledger/publisher.ts';
import type { StampedState, Timestamps } from '../ledger/timestamps.ts';
import type { WitnessedState, Witnesses } from '../ledger/witnesses.ts';
import { parseTilePath, type TileAddress, tileWidth } from '../merkle/tiles.ts';
import { openProvenEvent, type ProvenEvent } from '../signing/proven-event.ts';
import type { Authority } from './authority.ts';
import type { EntrySight } from './entry-sight.ts';
import type { Asker } from './principals.ts';

type LedgerBrowseParts = {
  authority: Pick<Authority, 'require'>;
  sight: Pick<EntrySight, 'maySee'>;
  ledger: Pick<Ledger, 'head' | 'writable'>;
  publisher: Pick<Publisher, 'latest'>;
  /** Absent where none are configured. */
  witnesses?: Pick<Witnesses, 'status' | 'cosigned'>;
  timestamps?: Pick<Timestamps, 'status'>;
  proofs: Pick<Proofs, 'prove' | 'tile' | 'growth'>;
  origin: string;
  /** Folds the catalogue anew from the ledger; names the tables that had differed. */
  rebuildCatalogue(): Rebuilt | Promise<Rebuilt>;
};

type Rebuilt = { entries: number; differing: string[] };

export type LedgerState = {
  origin: string;
  size: number;
  /** Base64. */
  root: string;
  /** Whether it takes entries: without them nothing is released or delivered. */
  writable: boolean;
  /** The note has the cosignatures that it has so far. */
  checkpoint?: { size: number; note: string };
  /** That the checkpoint extends the tree that was asked about; absent where that one is larger. */
  growth?: string[];
  witnessed?: WitnessedState;
  stamped?: StampedState;
};

type ShownProof = Omit<ProvenEvent, 'body' | 'salt'> & Partial<Pick<ProvenEvent, 'body' | 'salt'>>;

/** One entry, with what it takes to check it without us: its proof leads to the checkpoint, which is a signed note. */
export type LedgerEntry = {
  index: number;
  time: string;
  type: string;
  /** Absent, with body and salt, where the asker may not see it. */
  event?: Event;
  proven: ShownProof;
  checkpoint: string;
};

/** The ledger for people who may read it. What says something of an entry throws `policy-denied` for others. */
export class LedgerBrowse {
  readonly #parts: LedgerBrowseParts;

  constructor(parts: LedgerBrowseParts) {
    this.#parts = parts;
  }

  status(asker: Asker): LedgerState {
    this.#requireReader(asker);
    return this.state();
  }

  /**
   * As `status`, for anybody who is known: that it stands and how far says nothing of what is in it. `since`: the entries of
   * a checkpoint that they saw before, with the proof that the newest one extends it.
   */
  state(since?: number): LedgerState {
    const { ledger, publisher, witnesses, timestamps, proofs, origin } = this.#parts;
    const { size, root } = ledger.head();
    const { latest } = publisher;
    const witnessed = witnesses?.status();
    const note = latest && (witnesses?.cosigned(latest) ?? latest.note);
    return {
      origin,
      size,
      root: root.toString('base64'),
      writable: ledger.writable,
      ...(latest && note ? { checkpoint: { size: latest.size, note } } : {}),
      ...(latest && since !== undefined && since <= latest.size ? { growth: proofs.growth(since, latest.size) } : {}),
      ...(witnessed ? { witnessed } : {}),
      ...(timestamps ? { stamped: timestamps.status() } : {}),
    };
  }

  /** Throws `not-found` beyond the ledger's end and `checkpoint-behind` for an entry that no checkpoint covers yet. */
  async entry(asker: Asker, index: number): Promise<LedgerEntry> {
    if (index >= this.#parts.ledger.head().size) {
      this.#requireReader(asker);
      throw new DomainError('not-found', 'There is no such ledger entry.');
    }
    const tree = this.#covering(index);
    const proven = this.#parts.proofs.prove(index, tree.size);
    const { time, event } = openProvenEvent(proven, tree);
    const shown = { index, time, type: event.type, checkpoint: tree.note };
    // Whoever may see a package may see the entries about it, with their proof.
    if (await this.#parts.sight.maySee(asker, event)) return { ...shown, event, proven };
    this.#requireReader(asker);
    const { body: _body, salt: _salt, ...hidden } = proven;
    return { ...shown, proven: hidden };
  }

  /** The newest signed checkpoint, a C2SP signed note with the cosignatures that it has so far. Throws `checkpoint-behind` before the first. */
  checkpoint(asker: Asker): string {
    this.#requireReader(asker);
    const newest = this.#covering(-1);
    return this.#parts.witnesses?.cosigned(newest) ?? newest.note;
  }

  /**
   * What stands under a C2SP tlog-tiles path such as `tile/0/x001/234` or `tile/entries/000.p/7`: hashes, or leaves
   * without their bodies. `isFull`: it never changes and stays good for every later checkpoint. Throws
   * `request-invalid` for another path and `not-found` beyond the newest signed checkpoint.
   */
  tile(asker: Asker, path: string): { bytes: Buffer; isFull: boolean } {
    this.#requireReader(asker);
    const address = addressOf(path);
    const size = this.#parts.publisher.latest?.size ?? 0;
    return { bytes: this.#parts.proofs.tile(address, size), isFull: address.width === tileWidth };
  }

  /** Throws `policy-denied` for whoever may not administer. */
  async rebuild(asker: Asker): Promise<Rebuilt> {
    this.#parts.authority.require('administer', asker, { kind: 'registry' });
    return this.#parts.rebuildCatalogue();
  }

  #requireReader(asker: Asker): void {
    this.#parts.authority.require('read-ledger', asker, { kind: 'ledger' });
  }

  #covering(index: number): SignedCheckpoint {
    const { latest } = this.#parts.publisher;
    if (latest && latest.size > index) return latest;
    throw new DomainError('checkpoint-behind', 'No signed checkpoint covers this yet. Try again in a moment.');
  }
}

function addressOf(path: string): TileAddress {
  try {
    return parseTilePath(path);
  } catch (cause) {
    throw new DomainError('request-invalid', 'This is not the path of a tile.', { field: 'path', cause });
  }
}
