import { requireCount } from './encoding.ts';
import { MerkleError } from './errors.ts';
import { emptyRoot, type Hash, hashBytes, nodeHash } from './hashes.ts';

/**
 * Gives the root of the complete subtree of 2^level leaves number `index`, counted from 0. Throws `missing` where the
 * tree does not hold it.
 */
export interface HashReader {
  hashAt(level: number, index: number): Hash;
}

/** Sizes reach 2^53, so all arithmetic here is on doubles: bit operators would cut them to 32 bits. */
const isOdd = (n: number): boolean => n % 2 === 1;
const half = (n: number): number => Math.floor(n / 2);

/** The largest power of two that is at most `n` (n > 0), and its logarithm. */
function largestPower(n: number): { level: number; width: number } {
  let level = 0;
  let width = 1;
  while (width * 2 <= n) {
    width *= 2;
    level += 1;
  }
  return { level, width };
}

/** RFC 6962 2.1: the largest power of two smaller than `n` (n > 1), where a tree of n leaves divides. */
export const splitPoint = (n: number): number => largestPower(n - 1).width;

/** Roots of complete subtrees from left to right, each larger than the next, joined into the root over all. */
const join = (peaks: readonly Hash[]): Hash =>
  peaks.length === 0 ? emptyRoot : peaks.reduceRight((right, left) => nodeHash(left, right));

/** MTH(D[start:end]) of RFC 6962 2.1, where `start` is where some split of the tree falls. */
export function rangeRoot(start: number, end: number, reader: HashReader): Hash {
  const peaks: Hash[] = [];
  for (let at = start; at < end; ) {
    const { level, width } = largestPower(end - at);
    peaks.push(reader.hashAt(level, at / width));
    at += width;
  }
  return join(peaks);
}

/** The root of the first `size` leaves (RFC 6962 2.1). */
export function rootOf(size: number, reader: HashReader): Hash {
  requireCount(size, 'tree size');
  return rangeRoot(0, size, reader);
}

/** The audit path of leaf `index` in the tree of `size`, sibling first (RFC 6962 2.1.1). Throws `malformed`, `missing`. */
export function inclusionProof(index: number, size: number, reader: HashReader): Hash[] {
  requireCount(index, 'leaf index');
  requireCount(size, 'tree size');
  if (index >= size) throw new MerkleError('malformed', `leaf ${index} is not in a tree of ${size}`);
  const path: Hash[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + splitPoint(end - start);
    if (index < middle) {
      path.push(rangeRoot(middle, end, reader));
      end = middle;
    } else {
      path.push(rangeRoot(start, middle, reader));
      start = middle;
    }
  }
  return path.reverse();
}

/**
 * That the tree of `newSize` extends the tree of `oldSize` (RFC 6962 2.1.2); empty where the sizes are equal or the old
 * tree is. Throws `malformed`, `missing`.
 */
export function consistencyProof(oldSize: number, newSize: number, reader: HashReader): Hash[] {
  requireCount(oldSize, 'tree size');
  requireCount(newSize, 'tree size');
  if (oldSize > newSize) throw new MerkleError('malformed', `a tree of ${newSize} cannot extend one of ${oldSize}`);
  if (oldSize === 0) return [];
  const path: Hash[] = [];
  let start = 0;
  let end = newSize;
  while (end !== oldSize) {
    const middle = start + splitPoint(end - start);
    if (oldSize <= middle) {
      path.push(rangeRoot(middle, end, reader));
      end = middle;
    } else {
      path.push(rangeRoot(start, middle, reader));
      start = middle;
    }
  }
  // Where the old tree is itself a complete subtree on the left, the verifier has its root already.
  if (start > 0) path.push(rangeRoot(start, end, reader));
  return path.reverse();
}

const isSize = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;
const areHashes = (hashes: readonly Hash[]): boolean => hashes.every((hash) => hash.length === hashBytes);

/** RFC 9162 2.1.3.2. False for anything that does not prove it, whatever its shape; never throws. */
export function verifyInclusion(claim: {
  leafHash: Hash;
  index: number;
  size: number;
  proof: readonly Hash[];
  root: Hash;
}): boolean {
  const { leafHash, index, size, proof, root } = claim;
  if (!isSize(index) || !isSize(size) || index >= size || !areHashes([leafHash, root, ...proof])) return false;
  let node = index;
  let last = size - 1;
  let hash = leafHash;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (isOdd(node) || node === last) {
      hash = nodeHash(sibling, hash);
      while (!isOdd(node) && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && hash.equals(root);
}

/**
 * RFC 9162 2.1.4.2. Two cases that it leaves open take an empty proof: equal sizes, with equal roots; and an old size of
 * 0 with the empty root, which every tree extends (C2SP tlog-witness). Never throws.
 */
export function verifyConsistency(claim: {
  oldSize: number;
  oldRoot: Hash;
  newSize: number;
  newRoot: Hash;
  proof: readonly Hash[];
}): boolean {
  const { oldSize, oldRoot, newSize, newRoot, proof } = claim;
  if (!isSize(oldSize) || !isSize(newSize) || oldSize > newSize || !areHashes([oldRoot, newRoot, ...proof]))
    return false;
  if (oldSize === 0 && !oldRoot.equals(emptyRoot)) return false;
  if (oldSize === newSize) return proof.length === 0 && oldRoot.equals(newRoot);
  if (oldSize === 0) return proof.length === 0;
  if (proof.length === 0) return false;
  const oldIsComplete = largestPower(oldSize).width === oldSize;
  const [first, ...rest] = oldIsComplete ? [oldRoot, ...proof] : proof;
  if (first === undefined) return false;
  let node = oldSize - 1;
  let last = newSize - 1;
  while (isOdd(node)) [node, last] = [half(node), half(last)];
  let oldHash = first;
  let newHash = first;
  for (const hash of rest) {
    if (last === 0) return false;
    if (isOdd(node) || node === last) {
      oldHash = nodeHash(hash, oldHash);
      newHash = nodeHash(hash, newHash);
      while (!isOdd(node) && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      newHash = nodeHash(newHash, hash);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && oldHash.equals(oldRoot) && newHash.equals(newRoot);
}

/** Told of every complete subtree that an append closes, from the leaf (level 0) upwards. */
export type OnSubtree = (level: number, index: number, hash: Hash) => void;

/** The right edge of a growing tree: all that appending and the root need, O(log n) hashes. */
export class Frontier {
  #size: number;
  /** One for each bit of the size, largest subtree first. */
  #peaks: Hash[];

  private constructor(size: number, peaks: Hash[]) {
    this.#size = size;
    this.#peaks = peaks;
  }

  static empty(): Frontier {
    return new Frontier(0, []);
  }

  /** From what `size` and `hashes` gave. Throws `malformed` where they cannot belong together. */
  static from(size: number, hashes: readonly Hash[]): Frontier {
    requireCount(size, 'tree size');
    let peaks = 0;
    for (let rest = size; rest > 0; rest = half(rest)) peaks += rest % 2;
    if (hashes.length !== peaks || !areHashes(hashes)) {
      throw new MerkleError('malformed', `the edge of a tree of ${size} is ${peaks} hashes of 32 bytes`);
    }
    return new Frontier(size, [...hashes]);
  }

  get size(): number {
    return this.#size;
  }

  get hashes(): readonly Hash[] {
    return [...this.#peaks];
  }

  /** Takes one leaf hash in: one node hash on average. Throws `malformed`, then nothing has changed. */
  append(leaf: Hash, onSubtree?: OnSubtree): void {
    if (leaf.length !== hashBytes) throw new MerkleError('malformed', `a leaf hash is 32 bytes, not ${leaf.length}`);
    let hash = leaf;
    let index = this.#size;
    onSubtree?.(0, index, hash);
    for (let level = 1; isOdd(index); level += 1) {
      const left = this.#peaks.pop();
      if (left === undefined) throw new MerkleError('missing', `the edge of a tree of ${this.#size} is incomplete`);
      hash = nodeHash(left, hash);
      index = half(index);
      onSubtree?.(level, index, hash);
    }
    this.#peaks.push(hash);
    this.#size += 1;
  }

  root(): Hash {
    return join(this.#peaks);
  }

  clone(): Frontier {
    return new Frontier(this.#size, [...this.#peaks]);
  }
}
