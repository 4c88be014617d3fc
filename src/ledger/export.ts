import { mkdirSync, readdirSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DomainError } from '../domain/errors.ts';
import { type LogKeys, openLogCheckpoint } from '../merkle/checkpoint.ts';
import { MerkleError } from '../merkle/errors.ts';
import { leafHash } from '../merkle/hashes.ts';
import { encodeEntryBundle, entriesPath, tilePath, tileWidth } from '../merkle/tiles.ts';
import { consistencyProof, Frontier, rootOf, verifyConsistency } from '../merkle/tree.ts';
import { fsyncFolder, readFileIfThere } from '../platform/durable-file.ts';
import { holdLock } from '../platform/sqlite.ts';
import { durableFiles, type ExportFiles, fileSize, placeFile } from './export-files.ts';
import { LedgerTiles, tileWidthIn } from './ledger-tiles.ts';
import type { SignedCheckpoint } from './publisher.ts';
import type { LedgerReader } from './store.ts';

export type ExportOptions = {
  reader: Pick<LedgerReader, 'fullTile' | 'leaves'>;
  /** The signed checkpoint to export, opened by the caller against the trust file. */
  checkpoint: SignedCheckpoint;
  trust: LogKeys;
  folder: string;
  /** Compares also the full tiles that the checkpoint in the folder covers, which are otherwise only seen to be there. */
  check?: boolean;
  /** Where a test injects a crash. */
  files?: ExportFiles;
  onProgress?(done: number, total: number): void;
};

export type ExportReport = { size: number; root: string; written: number; compared: number; skipped: number };

/**
 * Writes the static C2SP tlog-tiles tree of a signed checkpoint: hash tiles, entry bundles of leaf bytes, and last the
 * checkpoint. A file that is there is never replaced and has to be the same; only `checkpoint` gives way, to one that
 * extends it. A crash at any point leaves the older export whole, as new files stand under new names until the
 * checkpoint is renamed into place; the next run goes on. Memory: one bundle and a few tiles.
 *
 * Throws `ledger-inconsistent`, naming the file or what in the ledger is wrong (the cause is a MerkleError where a root
 * or proof failed), `ledger-locked` while another export writes here, `storage-full`.
 */
export function exportLedger(options: ExportOptions): ExportReport {
  const { folder } = options;
  mkdirSync(folder, { recursive: true });
  const lock = holdLock(join(folder, '.export-lock'));
  try {
    removeLeftovers(join(folder, 'tile'));
    return new Export(options).run();
  } finally {
    lock.release();
  }
}

class Export {
  readonly #options: ExportOptions;
  readonly #files: ExportFiles;
  readonly #tiles: LedgerTiles;
  readonly #size: number;
  readonly #folders = new Set<string>();
  readonly #counts = { written: 0, compared: 0, skipped: 0 };

  constructor(options: ExportOptions) {
    this.#options = options;
    this.#files = options.files ?? durableFiles;
    this.#size = options.checkpoint.size;
    this.#tiles = new LedgerTiles(options.reader, this.#size);
  }

  run(): ExportReport {
    const { checkpoint } = this.#options;
    if (this.#size === 0) throw inconsistent('the checkpoint covers no entry, so there is nothing to export');
    this.#requireSignedRoot();
    const covered = this.#coveredBefore();
    let top = 0;
    while (this.#hashesAt(top + 1) > 0) top += 1;
    // From the root down, so that each file is known to be under the signature before it is written.
    for (let level = top; level >= 0; level -= 1) {
      for (let index = 0; index * tileWidth < this.#hashesAt(level); index += 1) {
        this.#tile(level, index, covered);
        if (level === 0) this.#bundle(index, covered);
      }
    }
    this.#publish(covered);
    return { size: this.#size, root: checkpoint.root.toString('base64'), ...this.#counts };
  }

  #hashesAt(level: number): number {
    return Math.floor(this.#size / tileWidth ** level);
  }

  #requireSignedRoot(): void {
    const root = fromLedger(() => rootOf(this.#size, this.#tiles.hashes));
    if (!root.equals(this.#options.checkpoint.root)) {
      throw badInclusion(`the tiles do not make the root that is signed over ${this.#size} entries`);
    }
  }

  /** The size that the checkpoint in the folder covers: 0 where there is none. */
  #coveredBefore(): number {
    const { folder, trust, checkpoint } = this.#options;
    const path = join(folder, 'checkpoint');
    const note = readFileIfThere(path);
    if (!note) return 0;
    const old = opened(path, () => openLogCheckpoint(note, trust));
    const extended =
      old.size <= this.#size &&
      verifyConsistency({
        oldSize: old.size,
        oldRoot: old.root,
        newSize: this.#size,
        newRoot: checkpoint.root,
        proof: fromLedger(() => consistencyProof(old.size, this.#size, this.#tiles.hashes)),
      });
    if (extended) return old.size;
    const what = `the checkpoint over ${this.#size} entries does not extend the one over ${old.size} in ${path}`;
    throw inconsistent(what, new MerkleError('bad-consistency', what));
  }

  /** Leaves are hashed again, so that no bundle leaves that the signed tree does not hold. */
  #bundle(index: number, covered: number): void {
    const width = tileWidthIn(this.#size, 0, index);
    const path = join(this.#options.folder, entriesPath(index, width));
    if (this.#isDone(path, 'entries', index, covered)) return;
    const leaves = [...this.#tiles.leaves(index, width)];
    const hashes = this.#tiles.tile(0, index, width);
    for (let at = 0; at < width; at += 1) {
      const leaf = leaves[at];
      if (leaf === undefined) throw missing(`entry ${index * tileWidth + at} is missing`);
      if (!leafHash(leaf).equals(hashes.subarray(at * 32, at * 32 + 32))) {
        throw badInclusion(`entry ${index * tileWidth + at} is not the one in the signed tree`);
      }
    }
    this.#place(path, encodeEntryBundle(leaves));
  }

  #tile(level: number, index: number, covered: number): void {
    const width = tileWidthIn(this.#size, level, index);
    const path = join(this.#options.folder, tilePath(level, index, width));
    if (this.#isDone(path, level, index, covered)) return;
    const hashes = this.#tiles.tile(level, index, width);
    // Partial tiles are all in the signed root; a full one has its own root in the tile above.
    if (width === tileWidth) {
      const parent = fromLedger(() => this.#tiles.hashes.hashAt((level + 1) * 8, index));
      if (!rootOfTile(hashes).equals(parent)) throw badInclusion(`tile ${level}/${index} is not in the signed tree`);
    }
    this.#place(path, hashes);
  }

  /** Full, under the checkpoint that is there, and a file of that size: it was compared when that checkpoint was written. */
  #isDone(path: string, level: number | 'entries', index: number, covered: number): boolean {
    const width = tileWidthIn(covered, level === 'entries' ? 0 : level, index);
    if (this.#options.check || width < tileWidth) return false;
    const size = fileSize(path);
    const done = size !== undefined && (level === 'entries' ? size > 0 : size === tileWidth * 32);
    if (done) this.#counts.skipped += 1;
    return done;
  }

  #place(path: string, bytes: Buffer): void {
    this.#makeFolder(dirname(path));
    const placed = placeFile(this.#files, path, bytes);
    if (placed === 'differs') throw inconsistent(`${path} is there already with another content`);
    this.#counts[placed] += 1;
    const { onProgress } = this.#options;
    const { written, compared, skipped } = this.#counts;
    onProgress?.(written + compared + skipped, 2 * Math.ceil(this.#size / tileWidth));
  }

  #makeFolder(path: string): void {
    const { folder } = this.#options;
    if (this.#folders.has(path) || path === folder) return;
    this.#makeFolder(dirname(path));
    mkdirSync(path, { recursive: true });
    // Once a run even where it exists: a crash may have come between its making and this line.
    fsyncFolder(dirname(path));
    this.#folders.add(path);
  }

  /** The one file that is replaced, by rename. A crash before leaves the older checkpoint with all that it covers. */
  #publish(covered: number): void {
    const { folder, checkpoint } = this.#options;
    if (covered === this.#size) return;
    this.#files.replace(join(folder, 'checkpoint'), Buffer.from(checkpoint.note));
    fsyncFolder(dirname(folder));
  }
}

function rootOfTile(hashes: Buffer): Buffer {
  const edge = Frontier.empty();
  for (let at = 0; at < hashes.length; at += 32) edge.append(hashes.subarray(at, at + 32));
  return edge.root();
}

/** Temporaries of an export that was killed; the lock says that nobody else writes here. */
function removeLeftovers(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && entry.name.startsWith('.tmp-')) unlinkSync(join(entry.parentPath, entry.name));
  }
}

function opened<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw inconsistent(`${path} is not a checkpoint that this trust file accepts`, asBadSignature(cause));
  }
}

function fromLedger<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof MerkleError)) throw cause;
    throw missing(cause.message);
  }
}

const asBadSignature = (error: unknown) => new MerkleError('bad-signature', String(error), { cause: error });
const inconsistent = (what: string, cause?: unknown) =>
  new DomainError('ledger-inconsistent', `Not exported: ${what}.`, cause === undefined ? {} : { cause });
const badInclusion = (what: string) => inconsistent(what, new MerkleError('bad-inclusion', what));
const missing = (what: string) => inconsistent(what, new MerkleError('missing', what));
