import type { Standing } from '../catalog/standing.ts';
import { standingEvents } from '../catalog/standing.ts';
import { DomainError } from '../domain/errors.ts';
import type { Sequenced } from '../domain/events.ts';
import { decodeLeaf } from '../domain/leaf.ts';
import { openCheckpoint } from '../merkle/checkpoint.ts';
import { leafHash } from '../merkle/hashes.ts';
import type { NoteVerifier } from '../merkle/note.ts';
import { TileHashReader, TreeBuilder } from '../merkle/tiles.ts';
import type { HashReader } from '../merkle/tree.ts';
import { openSqlite } from '../platform/sqlite.ts';
import { openEntry } from '../signing/proven-event.ts';
import { sealHolds } from './ledger.ts';
import type { SignedCheckpoint } from './publisher.ts';
import {
  type LedgerReader,
  type LedgerStore,
  ledgerMigrations,
  makeLedgerReader,
  makeLedgerStore,
  type StoredEntry,
} from './store.ts';
import { isStored } from './verify.ts';

export type OpenedLedger = {
  reader: LedgerReader;
  store: LedgerStore;
  tree: TreeBuilder;
  hashes: HashReader;
  latest: SignedCheckpoint | undefined;
  /** Of the last entry; empty for an empty ledger. */
  lastTime: string;
};

type OpenOptions = {
  path: string;
  trust: { origin: string; ledgerVerifiers: readonly NoteVerifier[] };
  sealKey: Buffer;
  /** Filled with what is in force, from entries that were just verified. */
  standing: Standing;
};

/**
 * Opens the ledger and believes nothing of it: every leaf is hashed again, the root must be the one that the newest
 * checkpoint signs, entries behind that checkpoint must carry this gateway's seal, and the stored tiles must be the
 * ones that the leaves make. Throws `ledger-inconsistent`, naming what differs.
 */
export function openLedger({ path, trust, sealKey, standing }: OpenOptions): OpenedLedger {
  const db = openSqlite(path, { synchronous: 'FULL', migrations: ledgerMigrations });
  const reader = makeLedgerReader(db);
  const store = makeLedgerStore(db);
  const stored = reader.latestCheckpoint();
  const latest = stored && {
    ...openCheckpoint(stored.note, { ...trust, verifiers: trust.ledgerVerifiers, required: 2 }),
    note: stored.note,
  };
  const size = reader.size();
  if (latest && latest.size > size) {
    throw inconsistent(`it holds ${size} entries, but a signed checkpoint covers ${latest.size}: the end was cut off`);
  }
  const marks = new Map(reader.marksAfter(latest?.size ?? 0).map((mark) => [mark.size, mark]));
  const tree = TreeBuilder.empty();
  let lastTime = '';
  let index = 0;
  for (const leaf of reader.leaves(0, size)) {
    tree.append(leafHash(leaf));
    lastTime = foldStanding(reader, standing, leaf, index);
    index += 1;
    if (index === latest?.size && !tree.root().equals(latest.root)) {
      throw inconsistent(`its first ${index} entries are not the ones that the signed checkpoint covers`);
    }
    const mark = marks.get(index);
    if (mark && !(mark.root.equals(tree.root()) && sealHolds(sealKey, mark))) {
      throw inconsistent(`the entries up to ${index} were not written by this gateway`);
    }
  }
  if (size > (latest?.size ?? 0) && !marks.has(size))
    throw inconsistent(`its last entries, up to ${size}, were not written by this gateway`);
  checkTiles(reader, tree);
  const hashes = new TileHashReader((level, at) => reader.fullTile(level, at)?.hashes ?? nonEmpty(tree.partial(level)));
  return { reader, store, tree, hashes, latest, lastTime };
}

/** Returns the entry's time. Only what can be in force is opened; the rest is covered by its hash. */
function foldStanding(reader: LedgerReader, standing: Standing, leafBytes: Buffer, index: number): string {
  const leaf = decodeLeaf(leafBytes);
  if (standingEvents.has(leaf.type)) standing.apply(sequencedEntry(reader.entry(index)));
  return leaf.time;
}

/** The entry's event, its body checked against its leaf. Throws `not-verified`. */
export function sequencedEntry(entry: StoredEntry | undefined): Sequenced {
  if (!entry) throw new DomainError('not-verified', 'A ledger entry is missing.');
  return openEntry(entry.leaf, entry.body, entry.salt, entry.index);
}

export function* sequencedEntries(reader: LedgerReader, from: number, to: number): Generator<Sequenced> {
  for (const entry of reader.entries(from, to)) yield sequencedEntry(entry);
}

function checkTiles(reader: LedgerReader, tree: TreeBuilder): void {
  for (const tile of tree.takeCompleted()) {
    if (!isStored(reader, tile))
      throw inconsistent(`tile ${tile.level}/${tile.index} is not the one that the entries make`);
  }
}

const nonEmpty = (bytes: Buffer): Buffer | undefined => (bytes.length > 0 ? bytes : undefined);
const inconsistent = (what: string) => new DomainError('ledger-inconsistent', `The ledger cannot be opened: ${what}.`);
