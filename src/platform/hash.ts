import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Digest } from '../domain/digest.ts';

/** SHA-256 of bytes held in memory, as a written digest. */
export const digestOf = (bytes: Uint8Array | string): Digest => `sha256:${hash('sha256', bytes, 'hex')}` as Digest;

/** RFC 8785 canonical JSON as UTF-8. Throws on what JSON cannot hold (NaN, bigint, undefined at the top). */
export function canonicalJson(value: unknown): Buffer {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('value has no JSON form');
  return Buffer.from(text, 'utf8');
}

/** Hex SHA-256(salt ‖ body): what a leaf says about its body. The salt keeps a guessable body from being confirmed. */
export const bodyCommitment = (salt: Uint8Array, body: Uint8Array): string =>
  hash('sha256', Buffer.concat([salt, body]), 'hex');
