import { mark } from './token.ts';

/** The mark that a byte leaves inside of comments and strings. */
export const markOf = new Uint8Array(256);
markOf.fill(mark.control, 0, 0x20);
markOf[0x7f] = mark.control;
markOf.fill(mark.nonAsciiComment, 0x80);
markOf[0x09] = mark.tab;

export const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;

/** Numbers of more digits than binary64 adds up exactly. */
export function exactly(bytes: Uint8Array, start: number, end: number): number {
  let text = '';
  for (let at = start; at < end && text.length < 400; at++) text += String.fromCharCode(bytes[at] as number);
  return Number(text.replace(',', '.'));
}

/** ASCII upper case of a name, 64 characters at most. */
export function upper(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end && text.length < 64; at++) {
    const byte = bytes[at] as number;
    text += String.fromCharCode(byte > 0x60 && byte < 0x7b ? byte - 0x20 : byte);
  }
  return text;
}
