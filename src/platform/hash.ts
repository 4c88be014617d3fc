import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Digest } from '../domain/digest.ts';

/** SHA-256 of bytes held in memory, as a written digest. */
export const digestOf = (bytes: Uint8Array | string): Digest => `sha256:${hash('sha256', bytes, 'hex')}` as Digest;

/** RFC 8785 canonical JSON as UTF-8. Throws on what JSON cannot hold (NaN, bigint, undefined at the top). */
export function canonicalJson(value: unknown): Buffer {
  const text = plainText(value, 0) ?? canonicalize(value);
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

/** Deeper than any event; also where a circle ends. */
const plainDepth = 32;
/** Printable ASCII but the quote and the backslash: stands in JSON as it is. */
const unescaped = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

/**
 * The RFC 8785 form, keys in the order of 3.2.3; JSON.stringify writes numbers and strings as 3.2.2 asks. Undefined for
 * whatever needs more care than that. Events are written once each and this is what it costs: no copy is made on the way.
 */
function plainText(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string') return plainString(value);
  if (typeof value === 'number') return Number.isFinite(value) ? JSON.stringify(value) : undefined;
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value !== 'object' || depth >= plainDepth) return undefined;
  if (Array.isArray(value)) return plainArray(value, depth + 1);
  if (Object.getPrototypeOf(value) !== Object.prototype) return undefined;
  return plainObject(value as Record<string, unknown>, depth + 1);
}

function plainString(value: string): string | undefined {
  if (unescaped.test(value)) return `"${value}"`;
  return value.isWellFormed() ? JSON.stringify(value) : undefined;
}

function plainArray(values: readonly unknown[], depth: number): string | undefined {
  let text = '';
  for (const value of values) {
    const item = plainText(value, depth);
    if (item === undefined) return undefined;
    text += text === '' ? item : `,${item}`;
  }
  return `[${text}]`;
}

function plainObject(value: Record<string, unknown>, depth: number): string | undefined {
  const keys = Object.keys(value);
  if (!isInOrder(keys)) keys.sort();
  let text = '';
  for (const key of keys) {
    const { [key]: member } = value;
    if (member === undefined) continue;
    const item = unescaped.test(key) ? plainText(member, depth) : undefined;
    if (item === undefined) return undefined;
    text += `${text === '' ? '' : ','}"${key}":${item}`;
  }
  return `{${text}}`;
}

function isInOrder(keys: readonly string[]): boolean {
  for (let n = 1; n < keys.length; n += 1) if ((keys[n - 1] ?? '') > (keys[n] ?? '')) return false;
  return true;
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
