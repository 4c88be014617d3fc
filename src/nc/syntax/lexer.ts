import { limits } from '../../domain/limits.ts';
import { exactly, isDigit, markOf, upper } from './bytes.ts';
import {
  enclosed,
  exponentAt,
  exponential,
  isLineEnd,
  isNumberOnly,
  keywordAt,
  lineEndAt,
  outsideAscii,
  roundComment,
  single,
  skipBlanks,
  toLineEnd,
  wordOf,
} from './line-parts.ts';
import { type LexicalRules, byteClass as of } from './rules.ts';
import { broken, tokenKind as kind, lineEnding, mark, type TokenKind, type Tokens } from './token.ts';

const lf = 0x0a;
const cr = 0x0d;
const tab = 0x09;
const tilde = 0x7e;
const greater = 0x3e;
const bar = 0x7c;
const point = 0x2e;
const equals = 0x3d;
const N = 0x4e;

/** Up to 10^22 a power of ten is exact in binary64, and so is a whole number of 15 digits: their quotient is rounded once. */
const exactDigits = 15;
const powers = Float64Array.from({ length: exactDigits + 8 }, (_, exponent) => 10 ** exponent);

/** Cuts lines into tokens. Goes over every byte a bounded number of times and throws never. */
export class Lexer {
  readonly #rules: LexicalRules;
  readonly #classOf: Uint8Array;
  readonly #inName: Uint8Array;
  #bytes: Uint8Array = new Uint8Array();
  #end = 0;
  #tokens: Tokens;
  /** A `/` is a block skip while nothing but blanks, the N-word and other skips have been seen. */
  #mayStillSkip = true;
  /** The block is nothing but a comment so far: what it goes on with is comment too. */
  #commentOnly = false;

  constructor(rules: LexicalRules, tokens: Tokens) {
    this.#rules = rules;
    this.#classOf = rules.classOf;
    this.#inName = rules.inName;
    this.#tokens = tokens;
  }

  /**
   * One line from `at`, with its end, or up to `end`; where the dialect has several blocks in a line, one block. Returns
   * where the next one begins.
   */
  line(bytes: Uint8Array, at: number, end: number): number {
    const tokens = this.#tokens;
    tokens.clear();
    this.#bytes = bytes;
    const most = at + limits.ncLineReadBytes;
    this.#end = most < end ? most : end;
    this.#mayStillSkip = true;
    this.#commentOnly = false;
    let next = this.#tokensFrom(at);
    if (next === this.#end && next < end && tokens.ending === lineEnding.none && next === most)
      next = this.#tooLong(end);
    tokens.end(next);
    return next;
  }

  /** Ends behind a line end, or at `#end`. */
  #tokensFrom(from: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    const classOf = this.#classOf;
    const tokens = this.#tokens;
    let at = from;
    while (at < end) {
      const byte = bytes[at] as number;
      const is = classOf[byte];
      if (is === of.letter) at = this.#words(at);
      else if (is === of.digit || is === of.point) at = this.#number(at);
      else if (is === of.minus) tokens.add(kind.minus, at++, 0);
      else if (is === of.blank) at = this.#blank(at);
      else if (is === of.lf || is === of.cr) return this.#lineEnd(at);
      else {
        at = this.#rare(at, byte);
        if (tokens.ending !== lineEnding.none || tokens.kind[tokens.count - 1] === kind.blockEnd) return at;
      }
    }
    return at;
  }

  /**
   * The hot loop: words of a letter, a sign and a number, straight into the arrays of the tokens. Returns where
   * something else begins; a number of more digits than binary64 adds up exactly is left to `#number`.
   */
  #words(from: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    const classOf = this.#classOf;
    const tokens = this.#tokens;
    const { kind: kinds, start: starts, value: values } = tokens;
    const { exponents } = this.#rules;
    // Room for one more word, with a minus.
    const room = kinds.length - 3;
    let count = tokens.count;
    let at = from;
    while (at < end && count < room) {
      const byte = bytes[at] as number;
      if (classOf[byte] !== of.letter) break;
      const minus = at + 1 < end && classOf[bytes[at + 1] as number] === of.minus;
      const number = minus ? at + 2 : at + 1;
      let next = number;
      let value = 0;
      while (next < end && isDigit(bytes[next] as number)) value = value * 10 + (bytes[next++] as number) - 0x30;
      const whole = next;
      const decimal = next < end && bytes[next] === point;
      if (decimal) next++;
      while (decimal && next < end && isDigit(bytes[next] as number))
        value = value * 10 + (bytes[next++] as number) - 0x30;
      const digits = decimal ? next - number - 1 : next - number;
      if (digits === 0 || digits > exactDigits || (!decimal && this.#commaIsPoint(next, digits))) break;
      if (exponents && exponentAt(bytes, next, end) > 0) break;
      if (byte > 0x60) tokens.marks |= mark.lowerCase;
      if (decimal || (byte & 0xdf) !== N) this.#mayStillSkip = false;
      kinds[count] = kind.letter;
      starts[count] = at;
      values[count++] = byte & 0xdf;
      if (minus) {
        kinds[count] = kind.minus;
        starts[count] = at + 1;
        values[count++] = 0;
      }
      kinds[count] = decimal ? kind.decimal : kind.integer;
      starts[count] = number;
      values[count++] = decimal ? value / (powers[next - whole - 1] as number) : value;
      at = next;
    }
    tokens.count = count;
    return at === from ? this.#letter(from) : at;
  }

  /** A letter alone, or the beginning of a name. */
  #letter(at: number): number {
    const byte = this.#bytes[at] as number;
    const behind = at + 1 < this.#end ? (this.#bytes[at + 1] as number) : 0;
    if (this.#inName[behind] && !isDigit(behind)) return this.#name(at);
    const keyword = this.#rules.keywords && keywordAt(this.#rules.keywords, this.#bytes, at, this.#end);
    if (keyword) {
      this.#mayStillSkip = false;
      return wordOf(this.#bytes, at, keyword, this.#tokens);
    }
    if (byte > 0x60) this.#tokens.marks |= mark.lowerCase;
    this.#tokens.add(kind.letter, at, byte & 0xdf);
    if ((byte & 0xdf) !== N) this.#mayStillSkip = false;
    return at + 1;
  }

  #blank(start: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let at = start;
    while (at < end && this.#classOf[bytes[at] as number] === of.blank)
      if (bytes[at++] === tab) this.#tokens.marks |= mark.tab;
    this.#tokens.add(kind.blank, start, 0);
    return at;
  }

  #lineEnd(at: number): number {
    return lineEndAt(this.#bytes, at, this.#tokens);
  }

  #toLineEnd(start: number, what: TokenKind, value: number): number {
    return toLineEnd(this.#bytes, start, this.#end, this.#tokens, what, value);
  }

  #name(at: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    const inName = this.#inName;
    const start = at;
    let lower = (bytes[at++] as number) > 0x60;
    while (at < end && inName[bytes[at] as number]) if ((bytes[at++] as number) > 0x60) lower = true;
    this.#tokens.add(kind.name, start, 0);
    if (lower) this.#tokens.marks |= mark.lowerCase;
    this.#mayStillSkip = false;
    const { takesText } = this.#rules;
    if (takesText.size > 0 && at - start <= 7 && takesText.has(upper(bytes, start, at)) && at < end)
      return this.#toLineEnd(at, kind.text, 0);
    return at;
  }

  /** A number, its sign aside. A point without digits is no number. */
  #number(at: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    const start = at;
    let value = 0;
    while (at < end && isDigit(bytes[at] as number)) value = value * 10 + (bytes[at++] as number) - 0x30;
    let digits = at - start;
    const decimal = at < end && (bytes[at] === point || this.#commaIsPoint(at, digits));
    if (!decimal) {
      if (this.#exponent(at)) return exponential(bytes, start, at, end, this.#tokens);
      if (digits > exactDigits) value = exactly(bytes, start, at);
      this.#tokens.add(kind.integer, start, value);
      return at;
    }
    const behind = ++at;
    while (at < end && isDigit(bytes[at] as number)) value = value * 10 + (bytes[at++] as number) - 0x30;
    const fraction = at - behind;
    digits += fraction;
    if (digits > 0 && this.#exponent(at)) return exponential(bytes, start, at, end, this.#tokens);
    if (digits > exactDigits) value = exactly(bytes, start, at);
    else value /= powers[fraction] as number;
    this.#tokens.add(digits === 0 ? kind.unrecognised : kind.decimal, start, value);
    this.#mayStillSkip = false;
    return at;
  }

  #exponent(at: number): boolean {
    return this.#rules.exponents && exponentAt(this.#bytes, at, this.#end) > 0;
  }

  #commaIsPoint(at: number, digits: number): boolean {
    if (!this.#rules.decimalComma || at >= this.#end) return false;
    return digits > 0 && this.#bytes[at] === 0x2c && at + 1 < this.#end && isDigit(this.#bytes[at + 1] as number);
  }

  /** Everything that is not in most lines. */
  #rare(at: number, byte: number): number {
    const { roundComments, semicolon, strings } = this.#rules;
    const is = this.#classOf[byte];
    if (is === of.openRound)
      return roundComments ? roundComment(this.#bytes, at, this.#end, this.#tokens) : this.#one(at, kind.openRound);
    if (is === of.closeRound)
      return roundComments ? this.#toLineEnd(at, kind.brokenComment, broken.notOpened) : this.#one(at, kind.closeRound);
    if (is === of.slash) return this.#slash(at);
    if (is === of.semicolon) return semicolon === 'comment' ? this.#semicolonComment(at) : this.#blockEnd(at);
    if (is === of.star) return this.#star(at);
    if (is === of.tilde) return this.#tilde(at);
    if (is === of.angle || is === of.equals) return this.#compare(at);
    if (is === of.nameSign) return this.#name(at);
    if (is === of.quote && strings) return this.#enclosed(at, byte, kind.string);
    if (byte === bar && at + 1 < this.#end && this.#bytes[at + 1] === bar) return this.#one(at, kind.compare) + 1;
    this.#mayStillSkip = false;
    if (is === of.none) return outsideAscii(this.#bytes, at, this.#end, this.#tokens);
    if (is === of.control) this.#tokens.marks |= mark.control;
    this.#tokens.add(single[is as number] ?? kind.unrecognised, at, byte);
    return at + 1;
  }

  #one(at: number, what: TokenKind): number {
    this.#mayStillSkip = false;
    this.#tokens.add(what, at, 0);
    return at + 1;
  }

  /** Klartext writes `Q200=2 ;SET-UP CLEARANCE ~`: the `~` is no part of the comment. */
  #semicolonComment(start: number): number {
    if (this.#rules.continues) this.#commentOnly ||= isNumberOnly(this.#tokens);
    const stop = this.#toLineEnd(start, kind.comment, 0);
    if (!this.#rules.continues || stop === this.#end) return stop;
    let at = stop;
    while (at > start && (this.#bytes[at - 1] === 0x20 || this.#bytes[at - 1] === tab)) at--;
    return at > start + 1 && this.#bytes[at - 1] === tilde ? at - 1 : stop;
  }

  #slash(start: number): number {
    if (!this.#rules.blockSkip || !this.#mayStillSkip) {
      this.#tokens.add(kind.divide, start, 0);
      return start + 1;
    }
    const digit = start + 1 < this.#end ? (this.#bytes[start + 1] as number) : 0;
    this.#tokens.add(kind.blockSkip, start, isDigit(digit) ? digit - 0x30 : 1);
    return isDigit(digit) ? start + 2 : start + 1;
  }

  /** `;` in ISO, `*` in DIN/ISO, with the blanks behind it. What follows on the line is the next block. */
  #blockEnd(at: number): number {
    const next = skipBlanks(this.#bytes, at + 1, this.#end);
    this.#tokens.add(kind.blockEnd, at, 0);
    return next < this.#end && isLineEnd(this.#bytes, next) ? this.#lineEnd(next) : next;
  }

  #star(at: number): number {
    const next = skipBlanks(this.#bytes, at + 1, this.#end);
    const { starEnds, starHeading } = this.#rules;
    if (starEnds && (next === this.#end || isLineEnd(this.#bytes, next))) return this.#blockEnd(at);
    if (starHeading && this.#bytes[next] === 0x2d && next < this.#end && this.#mayStillSkip)
      return this.#toLineEnd(at, kind.comment, 0);
    // LinuxCNC's power.
    if (this.#rules.keywords && at + 1 < this.#end && this.#bytes[at + 1] === this.#bytes[at])
      return this.#one(at, kind.compare) + 1;
    return this.#one(at, kind.times);
  }

  /** `~`, a comment behind it, and the end of its line: the block goes on in the next. */
  #tilde(at: number): number {
    if (!this.#rules.continues) return this.#one(at, kind.sign);
    const next = skipBlanks(this.#bytes, at + 1, this.#end);
    if (next === this.#end || !isLineEnd(this.#bytes, next)) return this.#one(at, kind.sign);
    this.#tokens.add(kind.continuation, at, 0);
    this.#tokens.inner++;
    const crlf = this.#bytes[next] === cr && next + 1 < this.#end && this.#bytes[next + 1] === lf;
    const line = next + (crlf ? 2 : 1);
    return this.#commentOnly && line < this.#end && !isLineEnd(this.#bytes, line) ? this.#semicolonComment(line) : line;
  }

  #compare(at: number): number {
    const bytes = this.#bytes;
    const next = at + 1 < this.#end ? (bytes[at + 1] as number) : 0;
    if (this.#rules.angleNames && bytes[at] === 0x3c) return this.#enclosed(at, greater, kind.angleName);
    this.#mayStillSkip = false;
    const double = next === equals || (next === greater && bytes[at] === 0x3c) || (next === bytes[at] && next === 0x3c);
    this.#tokens.add(bytes[at] === equals && !double ? kind.equals : kind.compare, at, 0);
    return at + (double ? 2 : 1);
  }

  #enclosed(start: number, close: number, what: TokenKind): number {
    this.#mayStillSkip = false;
    return enclosed(this.#bytes, start, this.#end, this.#tokens, close, what);
  }

  /** The rest of a line that is no line any more. Returns behind its end. */
  #tooLong(end: number): number {
    const bytes = this.#bytes;
    this.#tokens.marks |= mark.tooLong;
    let at = this.#end;
    this.#tokens.add(kind.unrecognised, at, 0);
    let marks = 0;
    while (at < end && !isLineEnd(bytes, at)) {
      const byte = bytes[at++] as number;
      marks |= byte >= 0x80 ? mark.nonAscii : (markOf[byte] as number);
    }
    this.#tokens.marks |= marks;
    return at < end ? this.#lineEnd(at) : at;
  }
}
