import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { leafHash } from '../../src/merkle/hashes.ts';
import { TileHashReader, TreeBuilder } from '../../src/merkle/tiles.ts';

export const readVectors = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../vectors/merkle/${name}.json`, import.meta.url), 'utf8')) as T;

const sha256 = (...parts: Uint8Array[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const [zero, one] = [Buffer.of(0), Buffer.of(1)];

/** The definitions of RFC 6962 2.1 word for word: recursive, over ranges, sharing no code with the product. */
export class NaiveTree {
  readonly #leaves: readonly Uint8Array[];
  readonly #known = new Map<string, Buffer>();

  constructor(leaves: readonly Uint8Array[]) {
    this.#leaves = leaves;
  }

  root(size: number): Buffer {
    return this.#hash(0, size);
  }

  #hash(from: number, to: number): Buffer {
    const key = `${from}-${to}`;
    const known = this.#known.get(key);
    if (known) return known;
    const hash = this.#compute(from, to);
    this.#known.set(key, hash);
    return hash;
  }

  #compute(from: number, to: number): Buffer {
    if (to === from) return sha256();
    if (to === from + 1) return sha256(zero, this.#leaves[from] ?? Buffer.alloc(0));
    const middle = from + split(to - from);
    return sha256(one, this.#hash(from, middle), this.#hash(middle, to));
  }

  path(index: number, from: number, to: number): Buffer[] {
    if (to === from + 1) return [];
    const middle = from + split(to - from);
    return index < middle
      ? [...this.path(index, from, middle), this.#hash(middle, to)]
      : [...this.path(index, middle, to), this.#hash(from, middle)];
  }

  proof(oldSize: number, from: number, to: number, complete: boolean): Buffer[] {
    if (oldSize === to) return complete ? [] : [this.#hash(from, to)];
    const middle = from + split(to - from);
    return oldSize <= middle
      ? [...this.proof(oldSize, from, middle, complete), this.#hash(middle, to)]
      : [...this.proof(oldSize, middle, to, false), this.#hash(from, middle)];
  }
}

function split(n: number): number {
  let k = 1;
  while (k < n - k) k *= 2;
  return k;
}

export const sampleLeaf = (index: number): Buffer => Buffer.from(`entry ${index}`);
export const sampleLeaves = (count: number): Buffer[] => Array.from({ length: count }, (_, index) => sampleLeaf(index));

/** A builder with these leaves and the tiles that it completed, as a store keeps them. */
export function grow(leaves: readonly Uint8Array[]) {
  const builder = TreeBuilder.empty();
  for (const leaf of leaves) builder.append(leafHash(leaf));
  const tiles = new Map(builder.takeCompleted().map((tile) => [`${tile.level}/${tile.index}`, tile]));
  const source = (level: number, index: number): Buffer | undefined => {
    const partial = builder.partial(level);
    return tiles.get(`${level}/${index}`)?.hashes ?? (partial.length > 0 ? partial : undefined);
  };
  return { builder, tiles, source, reader: new TileHashReader(source) };
}
