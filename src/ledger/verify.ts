import { type LogKeys, openLogCheckpoint } from '../merkle/checkpoint.ts';
import { leafHash } from '../merkle/hashes.ts';
import { type CompletedTile, TreeBuilder, tileWidth } from '../merkle/tiles.ts';
import { hasMigratedSchema, openSqliteReadOnly, type Sqlite } from '../platform/sqlite.ts';
import { openCommitted } from '../signing/proven-event.ts';
import { lastEntryMs } from './entry-time.ts';
import { hashOfPlainEntry } from './plain-entry.ts';
import {
  type BatchMark,
  type LedgerReader,
  ledgerMigrations,
  makeLedgerReader,
  type StoredCheckpoint,
  type StoredTile,
} from './store.ts';

export type LedgerProblem = {
  kind: 'bad-signature' | 'bad-inclusion' | 'missing' | 'damaged';
  /** The first entry, or for a checkpoint its size, that is wrong. */
  index: number;
  message: string;
};
export type LedgerReport = {
  entries: number;
  checkpoints: number;
  covered: number;
  root: string;
  problems: LedgerProblem[];
};

export type LedgerTrust = LogKeys;

/**
 * Reads a ledger file without writing to it and checks all of it against the trust file alone: every body against its
 * leaf, every leaf into the tree, every checkpoint's signatures and root, every stored tile. Meant for a process, and
 * better a machine, that shares nothing with the gateway. A body's schema is not asked again: the tree holds its exact
 * bytes, so that whether today's schemas allow them says nothing about whether anybody changed them. Whatever folds the
 * ledger (`--catalogue`, a rebuild, a start) does ask.
 */
export function verifyLedgerFile(path: string, trust: LedgerTrust): LedgerReport {
  const db = openSqliteReadOnly(path);
  try {
    // One read transaction: a gateway that writes meanwhile does not change what is seen.
    db.exec('BEGIN');
    const reader = makeLedgerReader(db);
    const tree = TreeBuilder.empty();
    return reportOf(db, tree, verifyPart(reader, trust, tree, { to: reader.size(), isLast: true }));
  } finally {
    db.close();
  }
}

/** What was found of a part of the ledger. `covered`: the most entries that a good checkpoint is over. */
export type PartReport = { checkpoints: number; covered: number; problems: LedgerProblem[] };

/** Adds what only the whole can show. */
function reportOf(db: Sqlite, tree: TreeBuilder, { checkpoints, covered, problems }: PartReport): LedgerReport {
  const missing = (index: number, message: string) => problems.push({ kind: 'missing', index, message });
  if (covered > tree.size) missing(tree.size, `A checkpoint covers ${covered} entries; ${tree.size} are here.`);
  if (tree.size > 0 && covered === 0) missing(0, 'No signed checkpoint covers any entry.');
  if (!hasMigratedSchema(db, ledgerMigrations)) {
    const message = 'The tables, or the triggers that refuse changes, are not the ones that Keyway made.';
    problems.push({ kind: 'damaged', index: 0, message });
  }
  return { entries: tree.size, checkpoints, covered, root: tree.root().toString('base64'), problems };
}

/**
 * Checks the entries that follow `tree` up to `to`, taking them into it, with the checkpoints and batch marks over them
 * and the tiles that they fill. Stops at an entry that is missing. Memory: one row of each table.
 */
export function verifyPart(
  reader: LedgerReader,
  trust: LedgerTrust,
  tree: TreeBuilder,
  { to, isLast }: { to: number; isLast: boolean },
): PartReport {
  const part: Part = { trust, reader, tree, problems: [], checkpoints: 0, covered: 0 };
  const after = tree.size === 0 ? undefined : tree.size;
  const [checkpoints, marks] = [ahead(reader.checkpoints(after)), ahead(reader.marks(after))];
  try {
    for (const text of reader.texts(tree.size, to)) {
      const { size } = tree;
      if (text.index !== size) {
        part.problems.push({ kind: 'missing', index: size, message: `Entry ${size} is missing.` });
        break;
      }
      tree.append(hashOfPlainEntry(text) ?? openBytes(reader, part, size));
      if (checkpoints.size <= tree.size) for (const row of checkpoints.upTo(tree.size)) checkCheckpoint(part, row);
      if (marks.size <= tree.size) for (const mark of marks.upTo(tree.size)) checkMark(part, mark);
      if (tree.size % tileWidth === 0) checkTiles(reader, part);
    }
    for (const row of checkpoints.upTo(isLast ? Number.MAX_SAFE_INTEGER : tree.size)) checkCheckpoint(part, row);
  } finally {
    // A statement that is still stepping would keep the file open.
    checkpoints.end();
    marks.end();
  }
  const { problems, checkpoints: good, covered } = part;
  return { checkpoints: good, covered, problems };
}

type Part = PartReport & { trust: LedgerTrust; reader: LedgerReader; tree: TreeBuilder };

/** Rows in order of their size, handed out as far as a size. `size`: that of the next. */
function ahead<T extends { size: number }>(rows: Iterable<T>) {
  const iterator = rows[Symbol.iterator]();
  let next = iterator.next();
  return {
    get size(): number {
      return next.done ? Number.POSITIVE_INFINITY : next.value.size;
    },
    *upTo(size: number): Generator<T> {
      for (; !next.done && next.value.size <= size; next = iterator.next()) yield next.value;
    },
    end: () => void iterator.return?.(),
  };
}

/** Looks at an entry byte by byte and returns its leaf hash, whatever else is wrong with it. */
function openBytes(reader: LedgerReader, { problems }: Part, index: number): Buffer {
  const entry = reader.entry(index);
  if (!entry) throw new Error(`entry ${index} is gone`);
  try {
    openCommitted(entry.leaf, entry.body, entry.salt);
  } catch (error) {
    problems.push({ kind: 'damaged', index, message: `Entry ${index} is damaged: ${(error as Error).message}.` });
  }
  return leafHash(entry.leaf);
}

function checkCheckpoint(part: Part, { size, note }: StoredCheckpoint): void {
  const { trust, reader, tree, problems } = part;
  let root: Buffer;
  try {
    if (typeof note !== 'string') throw new Error('it is not stored as text');
    const checkpoint = openLogCheckpoint(note, trust, lastEntryMs(reader));
    if (checkpoint.size !== size) throw new Error(`it is of ${checkpoint.size} entries`);
    root = checkpoint.root;
  } catch (error) {
    const message = `The checkpoint of ${size} entries: ${(error as Error).message}.`;
    problems.push({ kind: 'bad-signature', index: size, message });
    return;
  }
  part.checkpoints += 1;
  part.covered = Math.max(part.covered, size);
  if (size !== tree.size || root.equals(tree.root())) return;
  const message = `The first ${size} entries are not the ones that were signed.`;
  problems.push({ kind: 'bad-inclusion', index: size, message });
}

/** The seal is the gateway's own affair; what it is over is not. */
function checkMark({ tree, problems }: Part, mark: BatchMark): void {
  if (mark.size === tree.size && mark.root.equals(tree.root())) return;
  const message = `The mark of the batch that ends at ${mark.size} does not fit the entries.`;
  problems.push({ kind: 'damaged', index: tree.size - 1, message });
}

function checkTiles(reader: LedgerReader, { tree, problems }: Part): void {
  for (const tile of tree.takeCompleted()) {
    const problem = tileProblem(tile, reader.fullTile(tile.level, tile.index));
    if (problem) problems.push(problem);
  }
}

/** Whether the stored tile, and the root beside it, are the ones that the entries make. */
export const isStored = (reader: LedgerReader, tile: CompletedTile): boolean =>
  tileProblem(tile, reader.fullTile(tile.level, tile.index)) === undefined;

/** Names the first entry under the first hash that differs. */
function tileProblem(tile: CompletedTile, stored: StoredTile | undefined): LedgerProblem | undefined {
  const { level, index, hashes } = tile;
  if (stored?.hashes.equals(hashes) && stored.root.equals(tile.root)) return undefined;
  const width = hashes.length / 32;
  let at = 0;
  while (stored && at < width - 1 && sameHash(hashes, stored.hashes, at)) at += 1;
  return {
    kind: stored ? 'bad-inclusion' : 'missing',
    index: (index * width + at) * width ** level,
    message: `Tile ${level}/${index} is ${stored ? 'not the one that the entries make' : 'missing'}.`,
  };
}

const sameHash = (one: Buffer, other: Buffer, at: number): boolean =>
  one.subarray(at * 32, at * 32 + 32).equals(other.subarray(at * 32, at * 32 + 32));
