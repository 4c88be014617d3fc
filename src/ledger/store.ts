import { limits } from '../domain/limits.ts';
import type { Sqlite } from '../platform/sqlite.ts';

export type StoredEntry = { index: number; leaf: Buffer; body: Buffer; salt: Buffer };
/**
 * An entry as SQLite reads it fastest: leaf and body as text, the salt in hex. What is no UTF-8 reads as something else here,
 * so that nothing but ASCII may be believed.
 */
export type EntryText = { index: number; leaf: string; body: string; salt: string };
export type StoredTile = { level: number; index: number; hashes: Buffer; root: Buffer };
export type StoredCheckpoint = { size: number; note: string };
/** `seal` binds a batch that no checkpoint covers yet to this gateway (see sequencer.ts). */
export type StoredCosignature = {
  size: number;
  name: string;
  /** A signature line of the note, without its newline. */
  line: string;
  /** When we got it: RFC 3339 UTC. */
  time: string;
};
/** An answer of a timestamping authority over the note of the checkpoint of this size, as it came (RFC 3161 2.4.2). */
export type StoredTimestamp = {
  size: number;
  response: Buffer;
  /** When we got it: RFC 3339 UTC. */
  time: string;
};
export type BatchMark = { size: number; root: Buffer; seal: Buffer };

/**
 * Where the ledger is kept. Appends are all or nothing and on stable storage when they return; nothing stored is ever
 * changed or removed. One writer; any I/O error is final for this handle: the process ends and recovers at its start.
 */
export interface LedgerStore {
  append(batch: { entries: readonly StoredEntry[]; tiles: readonly StoredTile[]; mark: BatchMark }): void;
  addCheckpoint(checkpoint: StoredCheckpoint): void;
  /** The first of a witness for a checkpoint stays; later ones of the same are no error and dropped. */
  addCosignature(cosignature: StoredCosignature): void;
  /** The first for a checkpoint stays; later ones of the same are no error and dropped. */
  addTimestamp(timestamp: StoredTimestamp): void;
  close(): void;
}

/** Reading, which auditors' processes share; each call sees one consistent state. */
export interface LedgerReader {
  size(): number;
  entry(index: number): StoredEntry | undefined;
  /** Entries `from` (included) to `to` (excluded), in order. */
  entries(from: number, to: number): Iterable<StoredEntry>;
  texts(from: number, to: number): Iterable<EntryText>;
  leaves(from: number, to: number): Iterable<Buffer>;
  leafTexts(from: number, to: number): Iterable<string>;
  fullTile(level: number, index: number): StoredTile | undefined;
  latestCheckpoint(): StoredCheckpoint | undefined;
  /** Those over more than `after` entries, smallest first. */
  checkpoints(after?: number): Iterable<StoredCheckpoint>;
  /** Of the newest `count` checkpoints that any witness cosigned, and of the newest that `quorum` did; newest first. */
  cosignatures(count: number, quorum: number): StoredCosignature[];
  /** Newest first. */
  timestamps(): Iterable<StoredTimestamp>;
  checkpoint(size: number): StoredCheckpoint | undefined;
  /** The marks of batches that end after `size`. */
  marksAfter(size: number): BatchMark[];
  /** The marks of batches that end after `after`, smallest size first. */
  marks(after?: number): Iterable<BatchMark>;
}

const refuse = (table: string) => `
  CREATE TRIGGER ${table}_no_update BEFORE UPDATE ON ${table} BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END;
  CREATE TRIGGER ${table}_no_delete BEFORE DELETE ON ${table} BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END;`;

export const ledgerMigrations = [
  {
    id: 1,
    sql: `
  CREATE TABLE entries (
    idx INTEGER PRIMARY KEY, leaf BLOB NOT NULL, body BLOB NOT NULL, salt BLOB NOT NULL
  ) STRICT;
  CREATE TABLE tiles (
    level INTEGER NOT NULL, idx INTEGER NOT NULL, hashes BLOB NOT NULL CHECK (length(hashes) = 8192), root BLOB NOT NULL,
    PRIMARY KEY (level, idx)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE batches (size INTEGER PRIMARY KEY, root BLOB NOT NULL, seal BLOB NOT NULL) STRICT;
  CREATE TABLE checkpoints (size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;
  ${['entries', 'tiles', 'batches', 'checkpoints'].map(refuse).join('')}
  CREATE TRIGGER entries_dense BEFORE INSERT ON entries
    WHEN NEW.idx <> (SELECT coalesce(max(idx) + 1, 0) FROM entries)
    BEGIN SELECT RAISE(ABORT, 'ledger indices have no gaps'); END;`,
  },
  {
    id: 2,
    sql: `
  CREATE TABLE cosignatures (
    size INTEGER NOT NULL REFERENCES checkpoints, name TEXT NOT NULL, line TEXT NOT NULL, time TEXT NOT NULL,
    PRIMARY KEY (size, name)
  ) STRICT, WITHOUT ROWID;
  ${refuse('cosignatures')}`,
  },
  {
    id: 3,
    sql: `
  CREATE TABLE timestamps (
    size INTEGER PRIMARY KEY REFERENCES checkpoints, response BLOB NOT NULL, time TEXT NOT NULL
  ) STRICT;
  ${refuse('timestamps')}`,
  },
] as const;

/** A row that somebody edited may say any size. */
const beforeAny = Number.MIN_SAFE_INTEGER;

const newestCosignatures = `SELECT size, name, line, time FROM cosignatures
  WHERE size IN (SELECT DISTINCT size FROM cosignatures ORDER BY size DESC LIMIT ?)
    OR size = (SELECT size FROM cosignatures GROUP BY size HAVING count(*) >= ? ORDER BY size DESC LIMIT 1)
  ORDER BY size DESC, time`;

const storedTimestamps = 'SELECT size, response, time FROM timestamps ORDER BY size DESC';
/** A copy of an older ledger, opened read-only, has no such table. */
const hasTimestamps = (db: Sqlite): boolean =>
  db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'timestamps'").get() !== undefined;

/** Rows that are asked for some at a time cost a third less than one by one, and never more memory than a few. */
function* piecewise<T>(from: number, to: number, read: (start: number, end: number) => T[]): Generator<T> {
  for (let start = from; start < to; start += limits.entriesPerRead) {
    yield* read(start, Math.min(to, start + limits.entriesPerRead));
  }
}

export function makeLedgerReader(db: Sqlite): LedgerReader {
  const size = db.prepare('SELECT coalesce(max(idx) + 1, 0) AS n FROM entries').pluck();
  const one = db.prepare('SELECT idx AS "index", leaf, body, salt FROM entries WHERE idx = ?');
  const range = db.prepare(
    'SELECT idx AS "index", leaf, body, salt FROM entries WHERE idx >= ? AND idx < ? ORDER BY idx',
  );
  const texts = db.prepare(
    'SELECT idx AS "index", CAST(leaf AS TEXT) AS leaf, CAST(body AS TEXT) AS body, hex(salt) AS salt FROM entries WHERE idx >= ? AND idx < ? ORDER BY idx',
  );
  const leafTexts = db
    .prepare('SELECT CAST(leaf AS TEXT) FROM entries WHERE idx >= ? AND idx < ? ORDER BY idx')
    .pluck();
  const leaves = db.prepare('SELECT leaf FROM entries WHERE idx >= ? AND idx < ? ORDER BY idx').pluck();
  const tile = db.prepare('SELECT level, idx AS "index", hashes, root FROM tiles WHERE level = ? AND idx = ?');
  const latest = db.prepare('SELECT size, note FROM checkpoints ORDER BY size DESC LIMIT 1');
  const checkpoint = db.prepare('SELECT size, note FROM checkpoints WHERE size = ?');
  const all = db.prepare('SELECT size, note FROM checkpoints WHERE size > ? ORDER BY size');
  const marks = db.prepare('SELECT size, root, seal FROM batches WHERE size > ? ORDER BY size');
  return {
    size: () => size.get() as number,
    entry: (index) => one.get(index) as StoredEntry | undefined,
    entries: (from, to) => range.iterate(from, to) as Iterable<StoredEntry>,
    texts: (from, to) => piecewise(from, to, (start, end) => texts.all(start, end) as EntryText[]),
    leafTexts: (from, to) => piecewise(from, to, (start, end) => leafTexts.all(start, end) as string[]),
    leaves: (from, to) => leaves.iterate(from, to) as Iterable<Buffer>,
    fullTile: (level, index) => tile.get(level, index) as StoredTile | undefined,
    latestCheckpoint: () => latest.get() as StoredCheckpoint | undefined,
    checkpoints: (after = beforeAny) => all.iterate(after) as Iterable<StoredCheckpoint>,
    // Prepared when asked for: a copy of an older ledger, opened read-only, has no such table.
    cosignatures: (count, quorum) => db.prepare(newestCosignatures).all(count, quorum) as StoredCosignature[],
    timestamps: () => (hasTimestamps(db) ? db.prepare(storedTimestamps).iterate() : []) as Iterable<StoredTimestamp>,
    checkpoint: (of) => checkpoint.get(of) as StoredCheckpoint | undefined,
    marksAfter: (after) => marks.all(after) as BatchMark[],
    marks: (after = beforeAny) => marks.iterate(after) as Iterable<BatchMark>,
  };
}

export function makeLedgerStore(db: Sqlite): LedgerStore {
  const insertEntry = db.prepare('INSERT INTO entries (idx, leaf, body, salt) VALUES (?, ?, ?, ?)');
  const insertTile = db.prepare('INSERT INTO tiles (level, idx, hashes, root) VALUES (?, ?, ?, ?)');
  const insertMark = db.prepare('INSERT INTO batches (size, root, seal) VALUES (?, ?, ?)');
  const insertCheckpoint = db.prepare(
    'INSERT INTO checkpoints (size, note) VALUES (?, ?) ON CONFLICT (size) DO NOTHING',
  );
  const insertCosignature = db.prepare(
    'INSERT INTO cosignatures (size, name, line, time) VALUES (?, ?, ?, ?) ON CONFLICT (size, name) DO NOTHING',
  );
  const insertTimestamp = db.prepare(
    'INSERT INTO timestamps (size, response, time) VALUES (?, ?, ?) ON CONFLICT (size) DO NOTHING',
  );
  const append = db.transaction((batch: Parameters<LedgerStore['append']>[0]) => {
    for (const { index, leaf, body, salt } of batch.entries) insertEntry.run(index, leaf, body, salt);
    for (const { level, index, hashes, root } of batch.tiles) insertTile.run(level, index, hashes, root);
    insertMark.run(batch.mark.size, batch.mark.root, batch.mark.seal);
  });
  return {
    // A crash inside leaves the ledger as it was before the batch; no caller has been answered.
    append: (batch) => append.immediate(batch),
    addCheckpoint: ({ size, note }) => void insertCheckpoint.run(size, note),
    // A crash before it loses a cosignature: the witness says that it has this size, and is asked for it again.
    addCosignature: ({ size, name, line, time }) => void insertCosignature.run(size, name, line, time),
    // A crash before it loses a timestamp: the next start asks for a newer one.
    addTimestamp: ({ size, response, time }) => void insertTimestamp.run(size, response, time),
    close: () => void db.close(),
  };
}
