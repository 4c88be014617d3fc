/** A thread that verifies a part of a ledger file, beside others that verify the parts before and after it. */
import { parentPort, workerData } from 'node:worker_threads';
import { parseVerifierKey } from '../merkle/note.ts';
import { TreeBuilder, tileWidth } from '../merkle/tiles.ts';
import { openSqliteReadOnly } from '../platform/sqlite.ts';
import { LedgerTiles } from './ledger-tiles.ts';
import { makeLedgerReader } from './store.ts';
import { type PartReport, verifyLedgerFile, verifyPart } from './verify.ts';

export type PartSettings = {
  path: string;
  origin: string;
  /** Verifier keys as text: those that sign now, and each set of an earlier time. */
  vkeys: readonly string[];
  earlier: readonly { vkeys: readonly string[]; endedMs: number }[];
  /** Absent: the whole file, whose answer is a LedgerReport. */
  span?: { from: number; to: number; isLast: boolean };
};
/** Also the right edges of the tree that the part started from and came to, and how far that was. */
export type PartAnswer = PartReport & { start: Uint8Array; end: Uint8Array; size: number; root: string };

const { path, origin, vkeys, earlier, span } = workerData as PartSettings;
const verifiersOf = (keys: readonly string[]) => keys.map((key) => parseVerifierKey(key));
const trust = {
  origin,
  ledgerVerifiers: verifiersOf(vkeys),
  earlierLedgerKeys: earlier.map((set) => ({ verifiers: verifiersOf(set.vkeys), endedMs: set.endedMs })),
};
parentPort?.postMessage(span ? answerOf(span) : verifyLedgerFile(path, trust));

function answerOf({ from, to, isLast }: NonNullable<PartSettings['span']>): PartAnswer {
  const db = openSqliteReadOnly(path);
  db.exec('BEGIN');
  const reader = makeLedgerReader(db);
  // These tiles are believed to begin with: the part before must come to the same.
  const tiles = new LedgerTiles(reader, from);
  const tree = TreeBuilder.restore(from, (level, index, width) => tiles.tile(level, index, width));
  const start = edgeOf(tree);
  // What a gateway appended since is of no concern here, and neither are the checkpoints over it.
  const found = verifyPart(reader, trust, tree, { to, isLast: isLast && reader.size() <= to });
  db.close();
  return { ...found, start, end: edgeOf(tree), size: tree.size, root: tree.root().toString('base64') };
}

/** All hashes from which later roots and tiles are made. */
function edgeOf(of: TreeBuilder): Uint8Array {
  const levels: Buffer[] = [];
  for (let rest = of.size; rest > 0; rest = Math.floor(rest / tileWidth)) levels.push(of.partial(levels.length));
  return Buffer.concat(levels);
}
