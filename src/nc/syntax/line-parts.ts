import { isDigit, markOf } from './bytes.ts';
import { byteClass as of } from './rules.ts';
import { broken, tokenKind as kind, lineEnding, mark, type TokenKind, type Tokens } from './token.ts';

const lf = 0x0a;
const cr = 0x0d;
const tab = 0x09;
const space = 0x20;
const openRound = 0x28;
const closeRound = 0x29;

export const isLineEnd = (bytes: Uint8Array, at: number): boolean => bytes[at] === lf || bytes[at] === cr;

export function skipBlanks(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && (bytes[at] === space || bytes[at] === tab)) at++;
  return at;
}

/** How long the longest of these words is that stands here, in capitals or not; 0 where none does. */
export function keywordAt(
  keywords: ReadonlyMap<number, readonly string[]>,
  bytes: Uint8Array,
  at: number,
  end: number,
): number {
  const isHere = (word: string): boolean => {
    if (at + word.length > end) return false;
    for (let place = 1; place < word.length; place++)
      if (((bytes[at + place] as number) & 0xdf) !== word.charCodeAt(place)) return false;
    return true;
  };
  return keywords.get((bytes[at] as number) & 0xdf)?.find(isHere)?.length ?? 0;
}

/** A word of so many letters, as a name. */
export function wordOf(bytes: Uint8Array, at: number, length: number, tokens: Tokens): number {
  for (let place = at; place < at + length; place++)
    if ((bytes[place] as number) > 0x60) tokens.marks |= mark.lowerCase;
  tokens.add(kind.name, at, 0);
  return at + length;
}

/** The line end that begins here: LF, CR LF, CR, or the LF CR CR that FANUC punches. */
export function lineEndAt(bytes: Uint8Array, at: number, tokens: Tokens): number {
  tokens.add(kind.lineEnd, at, 0);
  if (bytes[at] === lf) {
    const rewinds = at + 2 < bytes.length && bytes[at + 1] === cr && bytes[at + 2] === cr && bytes[at + 3] !== lf;
    tokens.ending = rewinds ? lineEnding.lfcrcr : lineEnding.lf;
    return rewinds ? at + 3 : at + 1;
  }
  const both = at + 1 < bytes.length && bytes[at + 1] === lf;
  tokens.ending = both ? lineEnding.crlf : lineEnding.cr;
  return both ? at + 2 : at + 1;
}

/** One token to the end of the line. */
export function toLineEnd(
  bytes: Uint8Array,
  start: number,
  end: number,
  tokens: Tokens,
  what: TokenKind,
  value: number,
): number {
  let at = start;
  let marks = 0;
  for (; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte === lf || byte === cr) break;
    marks |= markOf[byte] as number;
  }
  tokens.marks |= marks;
  tokens.add(what, start, value);
  return at;
}

/** `(…)`; one that does not open and close once goes to the end of the line and is broken. */
export function roundComment(bytes: Uint8Array, start: number, end: number, tokens: Tokens): number {
  let marks = 0;
  for (let at = start + 1; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte === closeRound) {
      tokens.marks |= marks;
      tokens.add(kind.comment, start, 0);
      return at + 1;
    }
    if (byte === openRound) return toLineEnd(bytes, start, end, tokens, kind.brokenComment, broken.nested);
    if (byte === lf || byte === cr) break;
    marks |= markOf[byte] as number;
  }
  return toLineEnd(bytes, start, end, tokens, kind.brokenComment, broken.notClosed);
}

/** `"…"` and `<…>`; what is not closed in its line is not recognised. */
export function enclosed(
  bytes: Uint8Array,
  start: number,
  end: number,
  tokens: Tokens,
  close: number,
  what: TokenKind,
): number {
  let at = start + 1;
  while (at < end && bytes[at] !== close && !isLineEnd(bytes, at))
    tokens.marks |= markOf[bytes[at++] as number] as number;
  const closed = at < end && bytes[at] === close;
  tokens.add(closed ? what : kind.unrecognised, start, 0);
  return closed ? at + 1 : at;
}

/** Bytes above 0x7F that stand in no comment. */
export function outsideAscii(bytes: Uint8Array, start: number, end: number, tokens: Tokens): number {
  let at = start;
  while (at < end && (bytes[at] as number) >= 0x80) at++;
  tokens.marks |= mark.nonAscii;
  tokens.add(kind.unrecognised, start, 0);
  return at;
}

/** How long the exponent `EX3` or `EX-3` at this place is; 0 where there is none. */
export function exponentAt(bytes: Uint8Array, at: number, end: number): number {
  if (at + 2 >= end || ((bytes[at] as number) | 0x20) !== 0x65 || ((bytes[at + 1] as number) | 0x20) !== 0x78) return 0;
  const sign = bytes[at + 2] === 0x2d || bytes[at + 2] === 0x2b ? 1 : 0;
  let next = at + 2 + sign;
  while (next < end && isDigit(bytes[next] as number)) next++;
  return next === at + 2 + sign ? 0 : next - at;
}

/** `1.5EX3`: the digits from `start`, and their exponent at `at`. Returns where it ends. */
export function exponential(bytes: Uint8Array, start: number, at: number, end: number, tokens: Tokens): number {
  const next = at + exponentAt(bytes, at, end);
  const written = Buffer.from(bytes.subarray(start, next)).toString('latin1');
  const value = Number(written.replace(/EX/i, 'e'));
  tokens.add(Number.isFinite(value) ? kind.decimal : kind.unrecognised, start, value);
  return next;
}

/** Whether a block is nothing but its number so far. */
export function isNumberOnly({ kind: kinds, count }: Tokens): boolean {
  for (let at = 0; at < count; at++)
    if (kinds[at] !== kind.integer && kinds[at] !== kind.blank && kinds[at] !== kind.continuation) return false;
  return true;
}

/** Bytes that are a token by themselves. */
export const single: Partial<Record<number, TokenKind>> = {
  [of.plus]: kind.plus,
  [of.comma]: kind.comma,
  [of.colon]: kind.colon,
  [of.hash]: kind.hash,
  [of.openBracket]: kind.openBracket,
  [of.closeBracket]: kind.closeBracket,
  [of.percent]: kind.percent,
  [of.control]: kind.control,
  [of.quote]: kind.sign,
  [of.sign]: kind.sign,
};
