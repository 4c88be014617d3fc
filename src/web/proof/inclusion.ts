import { Broken, type Bytes, isEqual, sha256 } from './bytes.ts';

const hashBytes = 32;
const leafPrefix = Uint8Array.of(0);
const nodePrefix = Uint8Array.of(1);

/** RFC 6962 2.1: SHA-256(0x00 ‖ leaf). */
export const leafHash = (leaf: Bytes): Promise<Bytes> => sha256(leafPrefix, leaf);

type Claim = { leaf: Bytes; index: number; size: number; path: readonly Bytes[]; root: Bytes };

/**
 * RFC 9162 2.1.3.2: whether this path leads from the leaf to the root. Indices reach 2^53, so that they are halved and
 * not shifted. Throws `Broken` where it does not.
 */
export async function requireInclusion({ leaf, index, size, path, root }: Claim): Promise<void> {
  if (index >= size) throw new Broken(`entry ${index} is not in a tree of ${size}`);
  if (path.some((hash) => hash.length !== hashBytes)) throw new Broken('a hash of the path is not 32 bytes');
  let node = index;
  let last = size - 1;
  let hash = await leafHash(leaf);
  for (const sibling of path) {
    if (last === 0) throw new Broken('the path is longer than the tree is high');
    if (node % 2 === 1 || node === last) {
      hash = await sha256(nodePrefix, sibling, hash);
      while (node % 2 === 0 && node !== 0) {
        node = half(node);
        last = half(last);
      }
    } else {
      hash = await sha256(nodePrefix, hash, sibling);
    }
    node = half(node);
    last = half(last);
  }
  if (last !== 0) throw new Broken('the path ends below the root');
  if (!isEqual(hash, root)) throw new Broken(`the path leads to another root than the signed one`);
}

const half = (value: number): number => Math.floor(value / 2);
