import { openCheckpoint } from '../merkle/checkpoint.ts';
import { leafHash } from '../merkle/hashes.ts';
import type { NoteVerifier } from '../merkle/note.ts';
import { type CompletedTile, TreeBuilder, tileWidth } from '../merkle/tiles.ts';
import { hasMigratedSchema, openSqliteReadOnly } from '../platform/sqlite.ts';
import { openCommitted } from '../signing/proven-event.ts';
import { type BatchMark, type LedgerReader, ledgerMigrations, makeLedgerReader, type StoredTile } from './store.ts';

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

/**
 * Reads a ledger file without writing to it and checks all of it against the trust file alone: every body against its
 * leaf, every leaf into the tree, every checkpoint's signatures and root, every stored tile. Meant for a process, and
 * better a machine, that shares nothing with the gateway. A body's schema is not asked again: the tree holds its exact
 * bytes, so that whether today's schemas allow them says nothing about whether anybody changed them. Whatever folds the
 * ledger (`--catalogue`, a rebuild, a start) does ask.
 */
export function verifyLedgerFile(
  path: string,
  trust: { origin: string; ledgerVerifiers: readonly NoteVerifier[] },
): LedgerReport {
  const db = openSqliteReadOnly(path);
  try {
    // One read transaction: a gateway that writes meanwhile does not change what is seen.
    db.exec('BEGIN');
    const report = verify(makeLedgerReader(db), trust);
    if (!hasMigratedSchema(db, ledgerMigrations)) {
      const message = 'The tables, or the triggers that refuse changes, are not the ones that Keyway made.';
      report.problems.push({ kind: 'damaged', index: 0, message });
    }
    return report;
  } finally {
    db.close();
  }
}

function verify(reader: LedgerReader, trust: Parameters<typeof verifyLedgerFile>[1]): LedgerReport {
  const problems: LedgerProblem[] = [];
  const signed = signedRoots(reader, trust, problems);
  const marks = reader.marks()[Symbol.iterator]();
  const tree = TreeBuilder.empty();
  try {
    checkEntries(reader, { tree, signed, marks, problems });
  } finally {
    // A statement that is still stepping would keep the file open.
    marks.return?.();
  }
  const covered = signed.keys().reduce((most, size) => Math.max(most, size), 0);
  if (covered > tree.size)
    problems.push({
      kind: 'missing',
      index: tree.size,
      message: `A checkpoint covers ${covered} entries; ${tree.size} are here.`,
    });
  if (tree.size > 0 && covered === 0)
    problems.push({ kind: 'missing', index: 0, message: 'No signed checkpoint covers any entry.' });
  return { entries: tree.size, checkpoints: signed.size, covered, root: tree.root().toString('base64'), problems };
}

type Checking = {
  tree: TreeBuilder;
  signed: ReadonlyMap<number, Buffer>;
  marks: Iterator<BatchMark>;
  problems: LedgerProblem[];
};

function checkEntries(reader: LedgerReader, { tree, signed, marks, problems }: Checking): void {
  let mark = marks.next().value as BatchMark | undefined;
  for (const { index, leaf, body, salt } of reader.entries(0, reader.size())) {
    if (index !== tree.size) {
      problems.push({ kind: 'missing', index: tree.size, message: `Entry ${tree.size} is missing.` });
      return;
    }
    try {
      openCommitted(leaf, body, salt);
    } catch (error) {
      problems.push({ kind: 'damaged', index, message: `Entry ${index} is damaged: ${(error as Error).message}.` });
    }
    tree.append(leafHash(leaf));
    const { size } = tree;
    const root = signed.get(size);
    if (root && !root.equals(tree.root())) {
      const message = `The first ${size} entries are not the ones that were signed.`;
      problems.push({ kind: 'bad-inclusion', index: size, message });
    }
    // The seal is the gateway's own affair; what it is over is not.
    for (; mark && mark.size <= size; mark = marks.next().value as BatchMark | undefined) {
      if (mark.size === size && mark.root.equals(tree.root())) continue;
      const message = `The mark of the batch that ends at ${mark.size} does not fit the entries.`;
      problems.push({ kind: 'damaged', index, message });
    }
    if (size % tileWidth !== 0) continue;
    for (const tile of tree.takeCompleted()) {
      const problem = tileProblem(tile, reader.fullTile(tile.level, tile.index));
      if (problem) problems.push(problem);
    }
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

function signedRoots(reader: LedgerReader, trust: Parameters<typeof verifyLedgerFile>[1], problems: LedgerProblem[]) {
  const roots = new Map<number, Buffer>();
  for (const { size, note } of reader.checkpoints()) {
    try {
      if (typeof note !== 'string') throw new Error('it is not stored as text');
      const checkpoint = openCheckpoint(note, {
        origin: trust.origin,
        verifiers: trust.ledgerVerifiers,
        required: trust.ledgerVerifiers.length,
      });
      if (checkpoint.size !== size) throw new Error(`it is of ${checkpoint.size} entries`);
      roots.set(checkpoint.size, checkpoint.root);
    } catch (error) {
      problems.push({
        kind: 'bad-signature',
        index: size,
        message: `The checkpoint of ${size} entries: ${(error as Error).message}.`,
      });
    }
  }
  return roots;
}
