import { parseDecimal, requireCount } from './encoding.ts';
import { MerkleError } from './errors.ts';
import { type Hash, hashBytes, nodeHash } from './hashes.ts';
import { Frontier, type HashReader, type OnSubtree } from './tree.ts';

/** C2SP tlog-tiles v0.1: a tile is up to 256 hashes, so it spans 8 levels of the tree. */
const tileLevels = 8;
export const tileWidth = 256;
const tileBytes = tileWidth * hashBytes;
const maxTileLevel = 63;
const maxEntryBytes = 65_535;
/** 256 full tiles and their inner nodes: some 8 MiB. */
const maxCachedTiles = 256;

/** A hash tile, or the entry bundle beside a level 0 tile. `width` 1 to 256; below 256 the tile is partial. */
export type TileAddress = { level: number | 'entries'; index: number; width: number };

/** `x001/x234/067` for 1234067. */
function indexPath(index: number): string {
  requireCount(index, 'tile index');
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g) ?? [];
  return groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
}

function path(level: number | 'entries', index: number, width: number): string {
  if (!Number.isInteger(width) || width < 1 || width > tileWidth) {
    throw new MerkleError('malformed', `tile width ${width} is not from 1 to ${tileWidth}`);
  }
  return `tile/${level}/${indexPath(index)}${width === tileWidth ? '' : `.p/${width}`}`;
}

/** `tile/<L>/<N>[.p/<W>]`, without a leading slash. Throws `malformed`. */
export function tilePath(level: number, index: number, width: number): string {
  if (!Number.isInteger(level) || level < 0 || level > maxTileLevel) {
    throw new MerkleError('malformed', `tile level ${level} is not from 0 to ${maxTileLevel}`);
  }
  return path(level, index, width);
}

/** `tile/entries/<N>[.p/<W>]`, without a leading slash. Throws `malformed`. */
export const entriesPath = (index: number, width: number): string => path('entries', index, width);

/** The tile or bundle that exactly this path names. Throws `malformed`. */
export function parseTilePath(text: string): TileAddress {
  const match = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/(\d{1,3}))?$/.exec(text);
  const [, level, groups, width] = match ?? [];
  if (level === undefined || groups === undefined) throw new MerkleError('malformed', 'not a tile path');
  const address = {
    level: level === 'entries' ? level : parseDecimal(level, 'tile level'),
    index: Number(groups.replaceAll(/[x/]/g, '')),
    width: width === undefined ? tileWidth : parseDecimal(width, 'tile width'),
  } as const;
  const canonical =
    address.level === 'entries'
      ? entriesPath(address.index, address.width)
      : tilePath(address.level, address.index, address.width);
  if (canonical !== text) throw new MerkleError('malformed', 'not a canonical tile path');
  return address;
}

/**
 * The entry bundle of 1 to 256 entries, each behind its big-endian uint16 length. Throws `malformed` for an entry of
 * more than 65,535 bytes: such an entry must not be signed, since no bundle could ever publish it.
 */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Buffer {
  requireBundleWidth(entries.length);
  return Buffer.concat(
    entries.flatMap((entry) => {
      if (entry.length > maxEntryBytes) {
        throw new MerkleError('malformed', `an entry of ${entry.length} bytes is more than ${maxEntryBytes}`);
      }
      return [Buffer.of(entry.length >> 8, entry.length & 0xff), entry];
    }),
  );
}

/** Exactly `count` entries and nothing after them. Throws `malformed`. */
export function decodeEntryBundle(bytes: Uint8Array, count: number): Buffer[] {
  requireBundleWidth(count);
  const buffer = Buffer.from(bytes);
  const entries: Buffer[] = [];
  let at = 0;
  while (entries.length < count) {
    const start = at + 2;
    const end = start > buffer.length ? start : start + buffer.readUInt16BE(at);
    if (end > buffer.length) throw new MerkleError('malformed', `the bundle ends inside entry ${entries.length}`);
    entries.push(buffer.subarray(start, end));
    at = end;
  }
  if (at !== buffer.length) throw new MerkleError('malformed', 'the bundle goes on after its last entry');
  return entries;
}

function requireBundleWidth(count: number): void {
  if (Number.isInteger(count) && count >= 1 && count <= tileWidth) return;
  throw new MerkleError('malformed', `a bundle holds 1 to ${tileWidth} entries, not ${count}`);
}

/** Every hash tile of the tree of `newSize` that the tree of `oldSize` lacks or has narrower, lowest level first. */
export function tilesForGrowth(oldSize: number, newSize: number): { level: number; index: number; width: number }[] {
  requireCount(oldSize, 'tree size');
  requireCount(newSize, 'tree size');
  const tiles: { level: number; index: number; width: number }[] = [];
  let [before, after] = [oldSize, newSize];
  for (let level = 0; after > before; level += 1) {
    for (let index = Math.floor(before / tileWidth); index * tileWidth < after; index += 1) {
      tiles.push({ level, index, width: Math.min(tileWidth, after - index * tileWidth) });
    }
    [before, after] = [Math.floor(before / tileWidth), Math.floor(after / tileWidth)];
  }
  return tiles;
}

/** The stored bytes of a hash tile, full or the widest partial there is, or undefined where there is none. */
export type TileSource = (level: number, index: number) => Buffer | undefined;

/** The hashes of one tile and, once asked for, of the nodes above them inside it. */
class TileNodes {
  readonly width: number;
  readonly #hashes: Buffer;
  /** Numbered like a heap, the root 1, the tile's own hashes 256 to 511; in one piece, as a buffer for each takes ten times as much. */
  readonly #inner = Buffer.alloc(tileBytes);
  readonly #isKnown = new Uint8Array(tileWidth);

  constructor(hashes: Buffer) {
    this.#hashes = hashes;
    this.width = hashes.length / hashBytes;
  }

  isOver(hashes: Buffer): boolean {
    return this.#hashes.equals(hashes);
  }

  /** The node `height` levels above the tile's hashes whose leaves are all within `width`. */
  node(height: number, position: number): Hash {
    if (height === 0) return this.#hashes.subarray(position * hashBytes, (position + 1) * hashBytes);
    const key = tileWidth / 2 ** height + position;
    const hash = this.#inner.subarray(key * hashBytes, (key + 1) * hashBytes);
    if (this.#isKnown[key]) return hash;
    hash.set(nodeHash(this.node(height - 1, position * 2), this.node(height - 1, position * 2 + 1)));
    this.#isKnown[key] = 1;
    return hash;
  }
}

/**
 * Reads the tree out of its tiles. It believes them: what comes from outside is checked by the proof or root that is
 * made from it. Full tiles are kept; of the partial ones, which grow and may be rolled back, only what was worked out
 * over the same bytes.
 */
export class TileHashReader implements HashReader {
  readonly #source: TileSource;
  readonly #full = new Map<string, TileNodes>();
  /** By level. */
  readonly #partial: (TileNodes | undefined)[] = [];

  constructor(source: TileSource) {
    this.#source = source;
  }

  hashAt(level: number, index: number): Hash {
    requireCount(level, 'level');
    requireCount(index, 'index');
    const height = level % tileLevels;
    const tileLevel = (level - height) / tileLevels;
    const nodesPerTile = tileWidth / 2 ** height;
    const position = index % nodesPerTile;
    const tile = this.#tile(tileLevel, (index - position) / nodesPerTile);
    if ((position + 1) * 2 ** height > tile.width) {
      throw new MerkleError('missing', `subtree ${index} of level ${level} is not complete in its tile`);
    }
    return tile.node(height, position);
  }

  #tile(level: number, index: number): TileNodes {
    const key = `${level}/${index}`;
    const kept = this.#full.get(key);
    if (kept) return kept;
    const bytes = this.#source(level, index);
    if (!bytes) throw new MerkleError('missing', `there is no tile ${level}/${index}`);
    if (bytes.length === 0 || bytes.length > tileBytes || bytes.length % hashBytes !== 0) {
      throw new MerkleError('malformed', `tile ${level}/${index} is ${bytes.length} bytes`);
    }
    const before = this.#partial[level];
    if (before?.isOver(bytes)) return before;
    const tile = new TileNodes(bytes);
    if (tile.width === tileWidth) this.#keep(key, tile);
    else this.#partial[level] = tile;
    return tile;
  }

  #keep(key: string, tile: TileNodes): void {
    const [oldest] = this.#full.keys();
    if (oldest !== undefined && this.#full.size >= maxCachedTiles) this.#full.delete(oldest);
    this.#full.set(key, tile);
  }
}

/** A tile that became full: its 8,192 bytes, which nobody writes to any more, and the root over them. */
export type CompletedTile = { level: number; index: number; hashes: Buffer; root: Hash };

/** Hashes are only ever added behind `width`, so that a copy of this pair stays true while the tile grows. */
type OpenTile = { hashes: Buffer; width: number };

/** For `TreeBuilder.rollback` only. */
export type TreeSnapshot = {
  readonly edge: Frontier;
  readonly open: readonly Readonly<OpenTile>[];
  readonly completed: readonly CompletedTile[];
};

/** The growing tree as the sequencer needs it: its root, and its tiles as they fill. One node hash per leaf. */
export class TreeBuilder {
  #edge: Frontier;
  /** The right-most tile of each level. */
  #open: OpenTile[];
  #completed: CompletedTile[] = [];

  private constructor(edge: Frontier, open: OpenTile[]) {
    this.#edge = edge;
    this.#open = open;
  }

  static empty(): TreeBuilder {
    return new TreeBuilder(Frontier.empty(), []);
  }

  /**
   * Continues a tree of `size` from its partial tiles, each exactly `width` hashes; levels whose width is 0 are not asked
   * for. The caller compares `root()` with the one that it knows. Throws `malformed`.
   */
  static restore(size: number, loadPartial: (level: number, index: number, width: number) => Buffer): TreeBuilder {
    requireCount(size, 'tree size');
    const open: OpenTile[] = [];
    const peaks: Hash[] = [];
    for (let rest = size; rest > 0; rest = Math.floor(rest / tileWidth)) {
      const width = rest % tileWidth;
      const hashes = Buffer.alloc(tileBytes);
      if (width > 0) {
        const level = open.length;
        const index = (rest - width) / tileWidth;
        const partial = loadPartial(level, index, width);
        if (partial.length !== width * hashBytes) {
          throw new MerkleError('malformed', `partial tile ${level}/${index} is not ${width} hashes`);
        }
        hashes.set(partial);
        peaks.unshift(...edgeOf(hashes, width));
      }
      open.push({ hashes, width });
    }
    return new TreeBuilder(Frontier.from(size, peaks), open);
  }

  get size(): number {
    return this.#edge.size;
  }

  root(): Hash {
    return this.#edge.root();
  }

  append(leaf: Hash): void {
    this.#edge.append(leaf, this.#onSubtree);
  }

  readonly #onSubtree: OnSubtree = (level, index, hash) => {
    if (level % tileLevels !== 0) return;
    const tileLevel = level / tileLevels;
    const filled = this.#open[tileLevel - 1];
    if (filled) {
      this.#completed.push({ level: tileLevel - 1, index, hashes: filled.hashes, root: hash });
      this.#open[tileLevel - 1] = { hashes: Buffer.alloc(tileBytes), width: 0 };
    }
    const tile = this.#open[tileLevel] ?? { hashes: Buffer.alloc(tileBytes), width: 0 };
    this.#open[tileLevel] = tile;
    tile.hashes.set(hash, tile.width * hashBytes);
    tile.width += 1;
  };

  /** The tiles that became full since the last call, lower levels first where several filled at once. */
  takeCompleted(): CompletedTile[] {
    const completed = this.#completed;
    this.#completed = [];
    return completed;
  }

  /** A copy of the hashes in the right-most tile of a level; empty where the level has none. */
  partial(level: number): Buffer {
    const tile = this.#open[level];
    return tile ? Buffer.from(tile.hashes.subarray(0, tile.width * hashBytes)) : Buffer.alloc(0);
  }

  /** O(log n): copies no tile. */
  snapshot(): TreeSnapshot {
    return { edge: this.#edge.clone(), open: this.#open.map((tile) => ({ ...tile })), completed: [...this.#completed] };
  }

  /** Everything as it was at the snapshot, also after `takeCompleted`; a snapshot can be used again. */
  rollback(snapshot: TreeSnapshot): void {
    this.#edge = snapshot.edge.clone();
    // Copied, because what was appended since may have completed the very same buffer and handed it out.
    this.#open = snapshot.open.map(({ hashes, width }) => ({ hashes: Buffer.from(hashes), width }));
    this.#completed = [...snapshot.completed];
  }
}

/** The roots of the complete subtrees inside the first `width` hashes of a tile, largest first. */
function edgeOf(hashes: Buffer, width: number): readonly Hash[] {
  const edge = Frontier.empty();
  for (let at = 0; at < width; at += 1) edge.append(hashes.subarray(at * hashBytes, (at + 1) * hashBytes));
  return edge.hashes;
}
