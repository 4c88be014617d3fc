import { decodeLeafText, type Leaf } from '../domain/leaf.ts';
import { type Hash, leafHash } from '../merkle/hashes.ts';
import { commitmentOfText } from '../platform/hash.ts';
import { isPlainCanonicalJson } from '../platform/plain-json.ts';
import type { EntryText } from './store.ts';

/** Longer than any leaf. */
const leafInput = Buffer.alloc(256);

/** The leaf and its hash; undefined where the text is none that a leaf can be. */
export function openLeafText(text: string): { leaf: Leaf; hash: Hash } | undefined {
  const leaf = text.length <= leafInput.length ? decodeLeafText(text) : undefined;
  return leaf && { leaf, hash: hashOfLeaf(text) };
}

/** A leaf is ASCII, so that its bytes are its characters. */
const hashOfLeaf = (text: string): Hash => leafHash(leafInput.subarray(0, leafInput.write(text, 'latin1')));

/**
 * An entry's leaf, once its body is what the leaf commits to, in canonical form and of the leaf's type: what
 * `openCommitted` finds, for entries of printable ASCII, which nearly all are. Undefined says nothing: the bytes decide.
 * SQLite hands a text over in a quarter of the time that it takes for bytes.
 */
export function openPlainEntry({ leaf: text, body, salt }: EntryText): Leaf | undefined {
  const leaf = text.length <= leafInput.length ? decodeLeafText(text) : undefined;
  if (!leaf || !body.endsWith(endOf(leaf.type)) || !isPlainCanonicalJson(body)) return undefined;
  return commitmentOfText(salt, body) === leaf.body ? leaf : undefined;
}

/** The leaf's hash of such an entry, and undefined for any other. */
export const hashOfPlainEntry = (entry: EntryText): Hash | undefined => openPlainEntry(entry) && hashOfLeaf(entry.leaf);

/** Keys are in order, so that the type stands last but one; no text inside a string can read so, for want of quotes. */
const ends = new Map<string, string>();
function endOf(type: string): string {
  const known = ends.get(type);
  if (known !== undefined) return known;
  const end = `,"type":"${type}","v":1}`;
  ends.set(type, end);
  return end;
}
