import { limits } from '../../domain/limits.ts';
import { exactly, isDigit, markOf, upper } from './bytes.ts';
import { type LexicalRules, byteClass as of } from './rules.ts';
import { broken, tokenKind as kind, lineEnding, mark, type Tokens } from './token.ts';

const lf = 0x0a;
const cr = 0x0d;
const tab = 0x09;
const closeRound = 0x29;
const openRound = 0x28;
const quote = 0x22;
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
    let next = this.#tokensFrom(at);
    if (next === this.#end && next < end && tokens.ending === lineEnding.none && next === most)
      next = this.#tooLong(end);
    tokens.end(next);
    return next;
  }

  /** The hot loop. Ends behind a line end, or at `#end`. */
  #tokensFrom(from: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    const classOf = this.#classOf;
    const tokens = this.#tokens;
    let at = from;
    while (at < end) {
      const byte = bytes[at] as number;
      switch (classOf[byte]) {
        case of.blank: {
          const start = at;
          do {
            if (bytes[at] === tab) tokens.marks |= mark.tab;
            at++;
          } while (at < end && classOf[bytes[at] as number] === of.blank);
          tokens.add(kind.blank, start, 0);
          break;
        }
        case of.letter:
          if (at + 1 < end && this.#inName[bytes[at + 1] as number] && !isDigit(bytes[at + 1] as number))
            at = this.#name(at);
          else {
            if (byte > 0x60) tokens.marks |= mark.lowerCase;
            tokens.add(kind.letter, at++, byte & 0xdf);
            this.#mayStillSkip &&= (byte & 0xdf) === N;
          }
          break;
        case of.digit:
        case of.point:
          at = this.#number(at);
          break;
        case of.minus:
          tokens.add(kind.minus, at++, 0);
          break;
        case of.lf:
        case of.cr:
          return this.#lineEnd(at);
        default:
          at = this.#rare(at, byte);
          if (tokens.ending !== lineEnding.none || tokens.kind[tokens.count - 1] === kind.blockEnd) return at;
      }
    }
    return at;
  }

  #lineEnd(at: number): number {
    const bytes = this.#bytes;
    const tokens = this.#tokens;
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
    const decimal = at < end && (bytes[at] === point || (this.#rules.decimalComma && this.#commaIsPoint(at, digits)));
    if (!decimal) {
      if (digits > exactDigits) value = exactly(bytes, start, at);
      this.#tokens.add(kind.integer, start, value);
      return at;
    }
    const behind = ++at;
    while (at < end && isDigit(bytes[at] as number)) value = value * 10 + (bytes[at++] as number) - 0x30;
    const fraction = at - behind;
    digits += fraction;
    if (digits > exactDigits) value = exactly(bytes, start, at);
    else value /= powers[fraction] as number;
    this.#tokens.add(digits === 0 ? kind.unrecognised : kind.decimal, start, value);
    this.#mayStillSkip = false;
    return at;
  }

  #commaIsPoint(at: number, digits: number): boolean {
    return digits > 0 && this.#bytes[at] === 0x2c && at + 1 < this.#end && isDigit(this.#bytes[at + 1] as number);
  }

  /** Everything that is not in most lines. */
  #rare(at: number, byte: number): number {
    const { roundComments, semicolon, strings } = this.#rules;
    const is = this.#classOf[byte];
    if (is === of.openRound) return roundComments ? this.#roundComment(at) : this.#one(at, kind.openRound);
    if (is === of.closeRound)
      return roundComments ? this.#toLineEnd(at, kind.brokenComment, broken.notOpened) : this.#one(at, kind.closeRound);
    if (is === of.slash) return this.#slash(at);
    if (is === of.semicolon) return semicolon === 'comment' ? this.#semicolonComment(at) : this.#blockEnd(at);
    if (is === of.star) return this.#star(at);
    if (is === of.tilde) return this.#tilde(at);
    if (is === of.angle || is === of.equals) return this.#compare(at);
    if (is === of.nameSign) return this.#name(at);
    if (is === of.quote && strings) return this.#string(at);
    if (byte === bar && at + 1 < this.#end && this.#bytes[at + 1] === bar) return this.#one(at, kind.compare) + 1;
    this.#mayStillSkip = false;
    if (is === of.none) return this.#outsideAscii(at);
    if (is === of.control) this.#tokens.marks |= mark.control;
    this.#tokens.add(single[is as number] ?? kind.unrecognised, at, byte);
    return at + 1;
  }

  #one(at: number, what: (typeof kind)[keyof typeof kind]): number {
    this.#mayStillSkip = false;
    this.#tokens.add(what, at, 0);
    return at + 1;
  }

  #outsideAscii(at: number): number {
    const start = at;
    while (at < this.#end && (this.#bytes[at] as number) >= 0x80) at++;
    this.#tokens.marks |= mark.nonAscii;
    this.#tokens.add(kind.unrecognised, start, 0);
    return at;
  }

  #roundComment(start: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let marks = 0;
    for (let at = start + 1; at < end; at++) {
      const byte = bytes[at] as number;
      if (byte === closeRound) {
        this.#tokens.marks |= marks;
        this.#tokens.add(kind.comment, start, 0);
        return at + 1;
      }
      if (byte === openRound) return this.#toLineEnd(start, kind.brokenComment, broken.nested);
      if (byte === lf || byte === cr) break;
      marks |= markOf[byte] as number;
    }
    return this.#toLineEnd(start, kind.brokenComment, broken.notClosed);
  }

  #toLineEnd(start: number, what: (typeof kind)[keyof typeof kind], value: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let at = start;
    let marks = 0;
    for (; at < end; at++) {
      const byte = bytes[at] as number;
      if (byte === lf || byte === cr) break;
      marks |= markOf[byte] as number;
    }
    this.#tokens.marks |= marks;
    this.#tokens.add(what, start, value);
    return at;
  }

  /** Klartext writes `Q200=2 ;SET-UP CLEARANCE ~`: the `~` is no part of the comment. */
  #semicolonComment(start: number): number {
    const stop = this.#toLineEnd(start, kind.comment, 0);
    if (!this.#rules.continues || stop === this.#end) return stop;
    let at = stop;
    while (this.#bytes[at - 1] === 0x20 || this.#bytes[at - 1] === tab) at--;
    return this.#bytes[at - 1] === tilde ? at - 1 : stop;
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
    const next = this.#skipBlanks(at + 1);
    this.#tokens.add(kind.blockEnd, at, 0);
    return next < this.#end && this.#isLineEnd(next) ? this.#lineEnd(next) : next;
  }

  #star(at: number): number {
    const next = this.#skipBlanks(at + 1);
    const { starEnds, starHeading } = this.#rules;
    if (starEnds && (next === this.#end || this.#isLineEnd(next))) return this.#blockEnd(at);
    if (starHeading && this.#bytes[next] === 0x2d && next < this.#end && this.#mayStillSkip)
      return this.#toLineEnd(at, kind.comment, 0);
    return this.#one(at, kind.times);
  }

  /** `~`, a comment behind it, and the end of its line: the block goes on in the next. */
  #tilde(at: number): number {
    if (!this.#rules.continues) return this.#one(at, kind.sign);
    const next = this.#skipBlanks(at + 1);
    if (next === this.#end || !this.#isLineEnd(next)) return this.#one(at, kind.sign);
    this.#tokens.add(kind.continuation, at, 0);
    this.#tokens.inner++;
    const crlf = this.#bytes[next] === cr && next + 1 < this.#end && this.#bytes[next + 1] === lf;
    return next + (crlf ? 2 : 1);
  }

  #compare(at: number): number {
    const bytes = this.#bytes;
    const next = at + 1 < this.#end ? (bytes[at + 1] as number) : 0;
    if (this.#rules.angleNames && bytes[at] === 0x3c) return this.#angleName(at);
    this.#mayStillSkip = false;
    const double = next === equals || (next === greater && bytes[at] === 0x3c) || (next === bytes[at] && next === 0x3c);
    this.#tokens.add(bytes[at] === equals && !double ? kind.equals : kind.compare, at, 0);
    return at + (double ? 2 : 1);
  }

  #angleName(start: number): number {
    let at = start + 1;
    while (at < this.#end && this.#bytes[at] !== greater && !this.#isLineEnd(at)) {
      this.#tokens.marks |= markOf[this.#bytes[at] as number] as number;
      at++;
    }
    const closed = at < this.#end && this.#bytes[at] === greater;
    this.#tokens.add(closed ? kind.angleName : kind.unrecognised, start, 0);
    return closed ? at + 1 : at;
  }

  #string(start: number): number {
    let at = start + 1;
    while (at < this.#end && this.#bytes[at] !== quote && !this.#isLineEnd(at)) {
      this.#tokens.marks |= markOf[this.#bytes[at] as number] as number;
      at++;
    }
    const closed = at < this.#end && this.#bytes[at] === quote;
    this.#mayStillSkip = false;
    this.#tokens.add(closed ? kind.string : kind.unrecognised, start, 0);
    return closed ? at + 1 : at;
  }

  /** The rest of a line that is no line any more. Returns behind its end. */
  #tooLong(end: number): number {
    const bytes = this.#bytes;
    this.#tokens.marks |= mark.tooLong;
    let at = this.#end;
    this.#tokens.add(kind.unrecognised, at, 0);
    let marks = 0;
    while (at < end && !this.#isLineEnd(at)) {
      const byte = bytes[at++] as number;
      marks |= byte >= 0x80 ? mark.nonAscii : (markOf[byte] as number);
    }
    this.#tokens.marks |= marks;
    return at < end ? this.#lineEnd(at) : at;
  }

  #skipBlanks(at: number): number {
    while (at < this.#end && (this.#bytes[at] === 0x20 || this.#bytes[at] === tab)) at++;
    return at;
  }

  #isLineEnd(at: number): boolean {
    return this.#bytes[at] === lf || this.#bytes[at] === cr;
  }
}

const single: Partial<Record<number, (typeof kind)[keyof typeof kind]>> = {
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
