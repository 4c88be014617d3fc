/** What a line of an ISO program (ISO 6983-1 with FANUC macro B) is made of, in its order. Offsets are into the file. */
export interface WordVisitor {
  /** `letter` is an upper-case code; `value` the whole part, -1 where computed; `whole` when nothing is behind the point. */
  word(letter: number, value: number, whole: boolean, start: number, end: number): void;
  /** A run of letters, upper case, 16 at most, and the number behind it, -1 where there is none. */
  keyword(name: string, value: number, at: number): void;
  /** `#n = …`; -1 where the variable's number is computed. */
  assignment(variable: number): void;
  /** `<…>`: a program's name on newer FANUC controls. */
  name(start: number, end: number): void;
  comment(start: number, end: number): void;
  /** Comments that do not open and close once each: the rest of the line is not read. */
  ambiguous(how: 'nested' | 'not closed' | 'not opened'): void;
  percent(): void;
  blockSkip(): void;
  /** A number or sign that belongs to an expression. */
  other(): void;
  unknown(at: number): void;
}

/** Upper-case code of an ASCII letter, 0 for anything else. */
function letterOf(byte: number): number {
  const upper = byte & 0xdf;
  return byte < 0x80 && upper >= 0x41 && upper <= 0x5a ? upper : 0;
}
const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
const isBlank = (byte: number): boolean => byte === 0x20 || byte === 0x09;
const code = (character: string): number => character.charCodeAt(0);

const kind = { unknown: 0, letter: 1, number: 2, sign: 3, blank: 4, open: 5, close: 6, percent: 7, equals: 8, name: 9 };
const kindOf = new Uint8Array(256);
for (let byte = 0; byte < 256; byte++) if (letterOf(byte)) kindOf[byte] = kind.letter;
for (const byte of '0123456789.') kindOf[code(byte)] = kind.number;
for (const byte of '+-*/[],#;') kindOf[code(byte)] = kind.sign;
for (const byte of ' \t') kindOf[code(byte)] = kind.blank;
kindOf[code('(')] = kind.open;
kindOf[code(')')] = kind.close;
kindOf[code('%')] = kind.percent;
kindOf[code('=')] = kind.equals;
kindOf[code('<')] = kind.name;

/** Their argument is text to be sent or a path, no words. */
const takesText = new Set(['DPRNT', 'BPRNT', 'SETVN', 'EXTCALL']);
const largest = 1_000_000_000;

/** Reads the words of lines, each byte a bounded number of times. One reader goes through a whole file. */
export class WordReader {
  readonly #bytes: Uint8Array;
  readonly #visitor: WordVisitor;
  #at = 0;
  #start = 0;
  #end = 0;
  #value = -1;
  #whole = true;

  constructor(bytes: Uint8Array, visitor: WordVisitor) {
    this.#bytes = bytes;
    this.#visitor = visitor;
  }

  line(start: number, end: number): void {
    this.#at = start;
    this.#start = start;
    this.#end = end;
    this.#lineStart();
    while (this.#at < end && this.#item()) {}
  }

  /** False where the rest of the line is not to be read. */
  #item(): boolean {
    const byte = this.#byte(this.#at);
    switch (kindOf[byte]) {
      case kind.letter:
        return this.#letter(byte);
      case kind.blank:
        this.#at++;
        return true;
      case kind.number:
        if (!this.#number()) this.#unknown();
        else this.#visitor.other();
        return true;
      case kind.sign:
        this.#at++;
        if (byte !== code(';')) this.#visitor.other();
        return true;
      case kind.open:
        return this.#comment();
      case kind.close:
        this.#visitor.ambiguous('not opened');
        return false;
      case kind.percent:
        this.#at++;
        this.#visitor.percent();
        return true;
      case kind.equals:
        return this.#equals();
      case kind.name:
        return this.#name();
      default:
        this.#unknown();
        return true;
    }
  }

  #byte(at: number): number {
    return at < this.#end ? (this.#bytes[at] as number) : 0;
  }

  #skipBlanks(): void {
    while (isBlank(this.#byte(this.#at))) this.#at++;
  }

  #unknown(): void {
    this.#visitor.unknown(this.#at - this.#start);
    this.#at++;
  }

  /** `/` or `/2` before the block, before or behind its N-word; and `:1234`, the older writing of `O1234`. */
  #lineStart(): void {
    this.#skipBlanks();
    if (this.#byte(this.#at) === code(':')) {
      const start = this.#at++;
      if (this.#number()) this.#visitor.word(code('O'), this.#value, this.#whole, start, this.#at);
      else this.#visitor.unknown(0);
    }
    this.#blockSkip();
    if (letterOf(this.#byte(this.#at)) !== code('N') || !isDigit(this.#byte(this.#at + 1))) return;
    this.#letter(code('N'));
    this.#skipBlanks();
    this.#blockSkip();
  }

  #blockSkip(): void {
    if (this.#byte(this.#at) !== code('/')) return;
    this.#at++;
    if (isDigit(this.#byte(this.#at))) this.#at++;
    this.#visitor.blockSkip();
    this.#skipBlanks();
  }

  #letter(byte: number): boolean {
    const start = this.#at++;
    if (letterOf(this.#byte(this.#at))) return this.#keyword(start);
    this.#skipBlanks();
    if (this.#number()) {
      this.#visitor.word(letterOf(byte), this.#value, this.#whole, start, this.#at);
      return true;
    }
    if (this.#byte(this.#at) === code('<')) {
      this.#visitor.word(letterOf(byte), -1, true, start, this.#at);
      return true;
    }
    this.#visitor.unknown(start - this.#start);
    return true;
  }

  #keyword(start: number): boolean {
    while (letterOf(this.#byte(this.#at))) this.#at++;
    const end = Math.min(this.#at, start + 16);
    let name = '';
    for (let at = start; at < end; at++) name += String.fromCharCode(letterOf(this.#byte(at)));
    if (takesText.has(name)) this.#at = this.#end;
    this.#skipBlanks();
    const value = isDigit(this.#byte(this.#at)) && this.#number() ? this.#value : -1;
    this.#visitor.keyword(name, value, start - this.#start);
    return true;
  }

  /**
   * A number with its sign, or the start of a computed one (`#100`, `[…]`), whose rest is read as an expression. False
   * where there is neither; then nothing but signs was passed.
   */
  #number(): boolean {
    let at = this.#at;
    let negative = false;
    while (this.#byte(at) === code('+') || this.#byte(at) === code('-')) negative = this.#byte(at++) === code('-');
    this.#at = at;
    let value = 0;
    for (; isDigit(this.#byte(at)); at++) value = Math.min(largest, value * 10 + this.#byte(at) - 0x30);
    let digits = at - this.#at;
    this.#whole = true;
    if (this.#byte(at) === code('.')) {
      const point = at++;
      for (; isDigit(this.#byte(at)); at++) if (this.#byte(at) !== 0x30) this.#whole = false;
      digits += at - point - 1;
      if (digits === 0) return false;
    }
    this.#value = negative ? -1 : value;
    this.#at = at;
    if (digits > 0) return true;
    this.#value = -1;
    return this.#byte(at) === code('#') || this.#byte(at) === code('[');
  }

  #comment(): boolean {
    const start = this.#at + 1;
    for (let at = start; at < this.#end; at++) {
      const byte = this.#bytes[at];
      if (byte === code(')')) {
        this.#at = at + 1;
        this.#visitor.comment(start, at);
        return true;
      }
      if (byte === code('(')) {
        this.#visitor.ambiguous('nested');
        return false;
      }
    }
    this.#visitor.ambiguous('not closed');
    return false;
  }

  #name(): boolean {
    const start = ++this.#at;
    while (this.#at < this.#end && this.#bytes[this.#at] !== code('>')) this.#at++;
    this.#visitor.name(start, this.#at++);
    return true;
  }

  /** Looks back for the variable. Nothing is passed twice: digits and blanks end at the `=` before at the latest. */
  #equals(): boolean {
    const here = this.#at++;
    let at = here - 1;
    const back = (accept: (byte: number) => boolean) => {
      while (at >= this.#start && accept(this.#bytes[at] as number)) at--;
    };
    const before = () => (at >= this.#start ? this.#bytes[at] : 0);
    back(isBlank);
    const end = at + 1;
    if (before() === code(']') || before() === code('>')) {
      this.#visitor.assignment(-1);
      return true;
    }
    back(isDigit);
    const digits = at + 1;
    back(isBlank);
    if (digits < end && before() === code('#')) {
      let value = 0;
      for (let d = digits; d < end; d++) value = Math.min(largest, value * 10 + (this.#bytes[d] as number) - 0x30);
      this.#visitor.assignment(value);
    } else this.#visitor.unknown(here - this.#start);
    return true;
  }
}
