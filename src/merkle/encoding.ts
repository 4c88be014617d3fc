import { MerkleError } from './errors.ts';

/** RFC 4648 section 4, canonical only: padding present, unused bits zero, nothing else in between. */
export function decodeBase64(text: string, what: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw new MerkleError('malformed', `${what} is not canonical base64`);
  return bytes;
}

/** ASCII decimal without sign or leading zeros, up to Number.MAX_SAFE_INTEGER. */
export function parseDecimal(text: string, what: string): number {
  const value = /^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw new MerkleError('malformed', `${what} is not a canonical decimal number`);
  return value;
}

/** The text of valid UTF-8 of at most `maxBytes`, byte order mark included, so that encoding it gives the same bytes. */
export function decodeText(input: string | Uint8Array, maxBytes: number, what: string): string {
  const size = typeof input === 'string' ? Buffer.byteLength(input) : input.length;
  if (size > maxBytes) throw new MerkleError('malformed', `${what} is larger than ${maxBytes} bytes`);
  if (typeof input === 'string') {
    if (!input.isWellFormed()) throw new MerkleError('malformed', `${what} is not valid Unicode`);
    return input;
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(input);
  } catch (cause) {
    throw new MerkleError('malformed', `${what} is not valid UTF-8`, { cause });
  }
}

/** Throws `malformed` unless `value` is an integer from 0 to Number.MAX_SAFE_INTEGER. */
export function requireCount(value: number, what: string): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new MerkleError('malformed', `${what} ${value} is out of range`);
}
