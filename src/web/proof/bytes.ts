/** Bytes and their texts, strictly: what does not encode back to the same text is refused. */

export type Bytes = Uint8Array<ArrayBuffer>;

/** What is shown as broken, and never as an error of the page. */
export class Broken extends Error {}

export const utf8 = (text: string): Bytes => new TextEncoder().encode(text);

export function textOf(bytes: Bytes, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Broken(`${what} is not valid UTF-8`);
  }
}

/** RFC 4648 section 4: padding present, unused bits zero, nothing in between. */
export function fromBase64(text: string, what: string): Bytes {
  const binary = /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0 ? atob(text) : undefined;
  if (binary === undefined || btoa(binary) !== text) throw new Broken(`${what} is not canonical base64`);
  return Uint8Array.from(binary, (one) => one.charCodeAt(0));
}

export const hex = (bytes: Bytes): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

export function concat(...parts: readonly Bytes[]): Bytes {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Nothing here is secret, so that the time of a comparison tells nothing. */
export const isEqual = (a: Bytes, b: Bytes): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index]);

export const sha256 = async (...parts: readonly Bytes[]): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', concat(...parts)));

/** ASCII decimal without sign or leading zeros. */
export function decimal(text: string, what: string): number {
  const value = /^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw new Broken(`${what} is not a canonical decimal number`);
  return value;
}
