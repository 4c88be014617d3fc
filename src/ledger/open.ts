import type { KeyObject } from 'node:crypto';
import { Standing } from '../catalog/standing.ts';
import { standingEvents } from '../catalog/standing-events.ts';
import { DomainError } from '../domain/errors.ts';
import { Event, type Sequenced } from '../domain/events.ts';
import { type LogKeys, openLogCheckpoint } from '../merkle/checkpoint.ts';
import { leafHash } from '../merkle/hashes.ts';
import { TileHashReader, TreeBuilder, tileWidth } from '../merkle/tiles.ts';
import type { HashReader } from '../merkle/tree.ts';
import { openSqlite, type Sqlite } from '../platform/sqlite.ts';
import { openEntry } from '../signing/proven-event.ts';
import { lastEntryMs } from './entry-time.ts';
import { sealHolds } from './ledger.ts';
import { openLeafText, openPlainEntry } from './plain-entry.ts';
import type { SignedCheckpoint } from './publisher.ts';
import { StandingEntries } from './standing-entries.ts';
import {
  type EntryText,
  type LedgerReader,
  type LedgerStore,
  ledgerMigrations,
  makeLedgerReader,
  makeLedgerStore,
  type StoredEntry,
} from './store.ts';
import { readSummary, type Summary } from './summary.ts';
import { isStored } from './verify.ts';

export type OpenedLedger = {
  /** What is in force, from entries that were just verified, and which entries say so. */
  standing: Standing;
  standingEntries: StandingEntries;
  /** Entries that a summary vouched for, which nobody has looked at again yet: 0 where every leaf was scanned. */
  summarised: number;
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
  /** The file of the summary that a stop before may have left (see summary.ts). */
  summary: string;
  trust: LogKeys;
  sealKey: KeyObject;
};

/**
 * Opens the ledger and believes nothing of it: every leaf is hashed again, the root must be the one that the newest
 * checkpoint signs, entries behind that checkpoint must carry this gateway's seal, and the stored tiles must be the
 * ones that the leaves make. Where a sealed summary fits, only what came after it is looked at here, and the caller has
 * the rest verified while it goes on. Throws `ledger-inconsistent`, naming what differs.
 */
export function openLedger(options: OpenOptions): OpenedLedger {
  const db = openSqlite(options.path, { synchronous: 'FULL', migrations: ledgerMigrations });
  try {
    return verifiedLedger(db, options);
  } catch (error) {
    db.close();
    throw error;
  }
}

function verifiedLedger(db: Sqlite, { summary, trust, sealKey }: OpenOptions): OpenedLedger {
  const reader = makeLedgerReader(db);
  const latest = newestCheckpoint(reader, trust);
  const size = reader.size();
  if (latest && latest.size > size) {
    throw inconsistent(`it holds ${size} entries, but a signed checkpoint covers ${latest.size}: the end was cut off`);
  }
  const start = fromSummary(reader, readSummary(summary, sealKey, trust), latest) ?? fromNothing();
  const summarised = start.tree.size;
  const { tree } = start;
  const lastTime = scan({ reader, sealKey, latest, size }, start);
  checkTiles(reader, tree);
  const isFull = (level: number, at: number) => at < Math.floor(tree.size / tileWidth ** (level + 1));
  const hashes = new TileHashReader((level, at) =>
    isFull(level, at) ? reader.fullTile(level, at)?.hashes : nonEmpty(tree.partial(level)),
  );
  return { ...start, reader, store: makeLedgerStore(db), hashes, latest, lastTime, summarised };
}

function newestCheckpoint(reader: LedgerReader, trust: OpenOptions['trust']): SignedCheckpoint | undefined {
  const stored = reader.latestCheckpoint();
  if (!stored) return undefined;
  return { ...openLogCheckpoint(stored.note, trust, lastEntryMs(reader)), note: stored.note };
}

/** The state at some size of the ledger, and its entries that say what is in force. */
type Start = { tree: TreeBuilder; standing: Standing; standingEntries: StandingEntries; lastTime: string };

const fromNothing = (): Start => ({
  tree: TreeBuilder.empty(),
  standing: new Standing(),
  standingEntries: new StandingEntries(),
  lastTime: '',
});

/** Undefined where the summary or the entries that it names are not the ledger's: then every leaf says what is wrong. */
function fromSummary(
  reader: LedgerReader,
  summary: Summary | undefined,
  latest: SignedCheckpoint | undefined,
): Start | undefined {
  if (!summary || !latest || summary.tree.size > latest.size) return undefined;
  const standing = new Standing();
  for (const { index, leafHash: wanted } of summary.standing) {
    const entry = reader.entry(index);
    if (!entry || !leafHash(entry.leaf).equals(wanted)) return undefined;
    standing.apply(sequencedEntry(entry));
  }
  return { tree: summary.tree, standing, standingEntries: summary.standing, lastTime: summary.lastTime };
}

type Scanned = {
  reader: LedgerReader;
  sealKey: KeyObject;
  latest: SignedCheckpoint | undefined;
  size: number;
};

/** Takes in every leaf from `start` on and checks it against checkpoint and seals. Returns the last entry's time. */
function scan({ reader, sealKey, latest, size }: Scanned, start: Start): string {
  const { tree } = start;
  const marks = new Map(reader.marksAfter(latest?.size ?? 0).map((mark) => [mark.size, mark]));
  const requireCovered = () => {
    if (tree.size === latest?.size && !tree.root().equals(latest.root)) {
      throw inconsistent(`its first ${tree.size} entries are not the ones that the signed checkpoint covers`);
    }
  };
  requireCovered();
  let { lastTime } = start;
  for (const leaf of reader.leafTexts(tree.size, size)) {
    lastTime = takeIn(reader, start, leaf);
    requireCovered();
    const mark = marks.get(tree.size);
    if (mark && !(mark.root.equals(tree.root()) && sealHolds(sealKey, mark))) {
      throw inconsistent(`the entries up to ${tree.size} were not written by this gateway`);
    }
  }
  if (size > (latest?.size ?? 0) && !marks.has(size))
    throw inconsistent(`its last entries, up to ${size}, were not written by this gateway`);
  return lastTime;
}

/** Returns the entry's time. Only what can be in force is opened; the rest is covered by its hash. */
function takeIn(reader: LedgerReader, { tree, standing, standingEntries }: Start, text: string): string {
  const opened = openLeafText(text);
  if (!opened) throw inconsistent(`entry ${tree.size} is not a leaf`);
  const { leaf, hash } = opened;
  if (standingEvents.has(leaf.type)) {
    standing.apply(sequencedEntry(reader.entry(tree.size)));
    standingEntries.add(tree.size, hash);
  }
  tree.append(hash);
  return leaf.time;
}

/** The entry's event, its body checked against its leaf. Throws `not-verified`. */
export function sequencedEntry(entry: StoredEntry | undefined): Sequenced {
  if (!entry) throw new DomainError('not-verified', 'A ledger entry is missing.');
  return openEntry(entry.leaf, entry.body, entry.salt, entry.index);
}

export function* sequencedEntries(
  reader: Pick<LedgerReader, 'texts' | 'entry'>,
  from: number,
  to: number,
): Generator<Sequenced> {
  for (const text of reader.texts(from, to)) yield sequencedText(text) ?? sequencedEntry(reader.entry(text.index));
}

/** Undefined for an entry whose bytes have to be looked at. */
export function sequencedText(text: EntryText): Sequenced | undefined {
  const leaf = openPlainEntry(text);
  if (!leaf) return undefined;
  const event = JSON.parse(text.body) as Event;
  // Schemas are strict and change nothing: what was read is the event, its keys in the order of its body.
  return Event.safeParse(event).success ? { index: text.index, time: leaf.time, event } : undefined;
}

function checkTiles(reader: LedgerReader, tree: TreeBuilder): void {
  for (const tile of tree.takeCompleted()) {
    if (!isStored(reader, tile))
      throw inconsistent(`tile ${tile.level}/${tile.index} is not the one that the entries make`);
  }
}

const nonEmpty = (bytes: Buffer): Buffer | undefined => (bytes.length > 0 ? bytes : undefined);
const inconsistent = (what: string) => new DomainError('ledger-inconsistent', `The ledger cannot be opened: ${what}.`);
