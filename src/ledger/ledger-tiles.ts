import { leafHash } from '../merkle/hashes.ts';
import { encodeEntryBundle, TileHashReader, tileWidth } from '../merkle/tiles.ts';
import type { HashReader } from '../merkle/tree.ts';
import type { LedgerReader } from './store.ts';

const hashBytes = 32;
const tileLevels = 8;

/** How many hashes of the tree of `size` entries stand in this tile: 0 to 256. A bundle is as wide as its level 0 tile. */
export function tileWidthIn(size: number, level: number, index: number): number {
  const hashes = Math.floor(size / tileWidth ** level);
  return Math.max(0, Math.min(tileWidth, hashes - index * tileWidth));
}

/**
 * The tiles and bundles of the first `size` entries, out of a ledger file that no gateway needs to have open. It
 * believes what is stored: whoever uses it checks the root, or a proof, that is made from it.
 */
export class LedgerTiles {
  readonly size: number;
  readonly hashes: HashReader;
  readonly #reader: LedgerReader;
  /** The right-most tile of each level, made once: no store keeps it. */
  readonly #edges = new Map<number, Buffer>();

  constructor(reader: Pick<LedgerReader, 'fullTile' | 'leaves'>, size: number) {
    this.#reader = reader as LedgerReader;
    this.size = size;
    this.hashes = new TileHashReader((level, index) => {
      const width = tileWidthIn(size, level, index);
      return width === 0 ? undefined : this.tile(level, index, width);
    });
  }

  /** `width` hashes of 32 bytes, fewer where entries or tiles are missing; `width` is at most `tileWidthIn`. */
  tile(level: number, index: number, width: number): Buffer {
    const full = this.#reader.fullTile(level, index)?.hashes;
    return (full ?? this.#edge(level, index)).subarray(0, width * hashBytes);
  }

  /** C2SP tlog-tiles entry bundle: the leaf bytes, each behind its uint16 length. */
  bundle(index: number, width: number): Buffer {
    return encodeEntryBundle([...this.leaves(index, width)]);
  }

  leaves(index: number, width: number): Iterable<Buffer> {
    return this.#reader.leaves(index * tileWidth, index * tileWidth + width);
  }

  #edge(level: number, index: number): Buffer {
    const width = tileWidthIn(this.size, level, index);
    // Full tiles are stored. Where one is not, what is missing must not be made up from below.
    if (width === tileWidth) return Buffer.alloc(0);
    const known = this.#edges.get(level);
    if (known) return known;
    const made = level === 0 ? this.#leafHashes(index, width) : this.#rootsBelow(level, index, width);
    this.#edges.set(level, made);
    return made;
  }

  #leafHashes(index: number, width: number): Buffer {
    return Buffer.concat([...this.leaves(index, width)].map((leaf) => leafHash(leaf)));
  }

  #rootsBelow(level: number, index: number, width: number): Buffer {
    const roots: Buffer[] = [];
    for (let at = 0; at < width; at += 1) {
      const child = this.#reader.fullTile(level - 1, index * tileWidth + at);
      if (!child) break;
      roots.push(child.root);
    }
    return Buffer.concat(roots);
  }
}

/** The right-most tile of each level of the tree of `size` entries, empty where it has just become full. */
export function edgeTiles(size: number, hashes: HashReader): Buffer[] {
  const tiles: Buffer[] = [];
  for (let rest = size; rest > 0; rest = Math.floor(rest / tileWidth)) {
    const [level, width] = [tiles.length * tileLevels, rest % tileWidth];
    tiles.push(Buffer.concat(Array.from({ length: width }, (_, at) => hashes.hashAt(level, rest - width + at))));
  }
  return tiles;
}
