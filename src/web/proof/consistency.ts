import { Broken, type Bytes, isEqual, sha256 } from './bytes.ts';

const nodePrefix = Uint8Array.of(1);
const hashBytes = 32;

type Tree = { size: number; root: Bytes };

/**
 * RFC 9162 2.1.4.2: whether the newer tree holds all of the older one, in its place. Indices reach 2^53, so that they are
 * halved and not shifted. Throws `Broken` where it does not, or where nothing shows that it does.
 */
export async function requireGrowth(older: Tree, newer: Tree, path: readonly Bytes[]): Promise<void> {
  if (newer.size < older.size)
    throw new Broken(`it has ${newer.size} entries, and this browser saw it with ${older.size}`);
  if (path.some((hash) => hash.length !== hashBytes)) throw new Broken('a hash of the growth is not 32 bytes');
  if (older.size === newer.size || older.size === 0) return requireNothingBetween(older, newer, path);
  const [oldHash, newHash] = await bothRoots(older, newer.size - 1, path);
  if (!isEqual(oldHash, older.root)) throw new Broken('the growth does not begin at the tree that this browser saw');
  if (!isEqual(newHash, newer.root)) throw new Broken('the growth leads to another root than the signed one');
}

function requireNothingBetween(older: Tree, newer: Tree, path: readonly Bytes[]): void {
  if (path.length > 0) throw new Broken('the growth of nothing is not empty');
  if (older.size === newer.size && !isEqual(older.root, newer.root))
    throw new Broken(`it has the same ${newer.size} entries as before, and another root`);
}

/** Both roots, from the one path that leads to either. */
async function bothRoots(older: Tree, newest: number, path: readonly Bytes[]): Promise<[Bytes, Bytes]> {
  let node = older.size - 1;
  let last = newest;
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  // An older tree that is complete is itself the first step.
  const [first, ...rest] = node === 0 ? [older.root, ...path] : path;
  if (!first) throw new Broken('nothing shows that it extends what this browser saw');
  let oldHash = first;
  let newHash = first;
  for (const hash of rest) {
    if (last === 0) throw new Broken('the growth is longer than the tree is high');
    if (node % 2 === 1 || node === last) {
      oldHash = await sha256(nodePrefix, hash, oldHash);
      newHash = await sha256(nodePrefix, hash, newHash);
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      newHash = await sha256(nodePrefix, newHash, hash);
    }
    [node, last] = [half(node), half(last)];
  }
  if (last !== 0) throw new Broken('the growth ends below the root');
  return [oldHash, newHash];
}

const half = (value: number): number => Math.floor(value / 2);
