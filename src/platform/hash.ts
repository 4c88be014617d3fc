import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Digest } from '../domain/digest.ts';

/** SHA-256 of bytes held in memory, as a written digest. */
export const digestOf = (bytes: Uint8Array | string): Digest => `sha256:${hash('sha256', bytes, 'hex')}` as Digest;

/** RFC 8785 canonical JSON as UTF-8. Throws on what JSON cannot hold (NaN, bigint, undefined at the top). */
export function canonicalJson(value: unknown): Buffer {
  const ordered = inKeyOrder(value, 0);
  const text = ordered === notPlain ? canonicalize(value) : JSON.stringify(ordered);
  if (text === undefined) throw new TypeError('value has no JSON form');
  return Buffer.from(text, 'utf8');
}

/**
 * Whether these bytes are the RFC 8785 form of `value`, which was parsed from them. Writing it again by JSON.stringify
 * is proof where its keys already stand in order; anything else is compared with what `canonicalJson` makes.
 */
export function isCanonicalJson(bytes: Buffer, value: unknown): boolean {
  const text = bytes.toString('utf8');
  // JSON.stringify writes a lone surrogate as an escape, where RFC 8785 knows no form of it.
  const isWritten = isUtf8(bytes) && !text.includes('\\ud') && hasKeysInOrder(value) && JSON.stringify(value) === text;
  return isWritten || canonicalJson(value).equals(bytes);
}

const notPlain = Symbol('not plain');
/** Deeper than any event; also where a circle ends. */
const plainDepth = 32;

/**
 * A copy whose keys stand in the order of RFC 8785 3.2.3, for JSON.stringify, which writes numbers and strings as 3.2.2
 * asks: twice as fast as canonicalising piece by piece. `notPlain` for whatever needs more care than that.
 */
function inKeyOrder(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return value.isWellFormed() ? value : notPlain;
  if (typeof value === 'number') return Number.isFinite(value) ? value : notPlain;
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value !== 'object' || depth >= plainDepth) return notPlain;
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const item of value) {
      const ordered = inKeyOrder(item, depth + 1);
      if (ordered === notPlain) return notPlain;
      items.push(ordered);
    }
    return items;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return notPlain;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value).sort()) {
    if (!isPlainKey(key)) return notPlain;
    const item = (value as Record<string, unknown>)[key];
    if (item === undefined) continue;
    const ordered = inKeyOrder(item, depth + 1);
    if (ordered === notPlain) return notPlain;
    copy[key] = ordered;
  }
  return copy;
}

/** JavaScript moves keys that look like array indices to the front, and gives two names a meaning of their own. */
function isPlainKey(key: string): boolean {
  const first = key.charCodeAt(0);
  return !(first >= 48 && first <= 57) && key !== '__proto__' && key !== 'toJSON' && key.isWellFormed();
}

/** By UTF-16 code units, as RFC 8785 3.2.3 and the comparison of JavaScript strings both have it. */
function hasKeysInOrder(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return true;
  if (Array.isArray(value)) return value.every(hasKeysInOrder);
  let last: string | undefined;
  // What JSON.parse made has own keys only; asking for them all at once would cost a list for each object.
  for (const key in value) {
    if (last !== undefined && key <= last) return false;
    last = key;
    const item = (value as Record<string, unknown>)[key];
    if (typeof item === 'object' && !hasKeysInOrder(item)) return false;
  }
  return true;
}

/** Holds any salt and body that an event may have; rewritten by every call. */
const commitmentInput = Buffer.alloc(64 * 1024);

/** As `bodyCommitment`, of a hex salt and a body of ASCII alone. */
export function commitmentOfText(salt: string, body: string): string {
  const saltBytes = salt.length / 2;
  if (saltBytes + body.length > commitmentInput.length)
    return bodyCommitment(Buffer.from(salt, 'hex'), Buffer.from(body, 'latin1'));
  commitmentInput.write(salt, 'hex');
  commitmentInput.write(body, saltBytes, 'latin1');
  return hash('sha256', commitmentInput.subarray(0, saltBytes + body.length), 'hex');
}

/** Hex SHA-256(salt ‖ body): what a leaf says about its body. The salt keeps a guessable body from being confirmed. */
export function bodyCommitment(salt: Uint8Array, body: Uint8Array): string {
  const length = salt.length + body.length;
  if (length > commitmentInput.length) return hash('sha256', Buffer.concat([salt, body]), 'hex');
  commitmentInput.set(salt);
  commitmentInput.set(body, salt.length);
  return hash('sha256', commitmentInput.subarray(0, length), 'hex');
}
