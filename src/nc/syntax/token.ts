/** What a token is. Every byte of a program belongs to exactly one token; side by side they are the file. */
export const tokenKind = {
  /** Bytes that the dialect has no use for, and the rest of a line that is too long to be one. */
  unrecognised: 0,
  /** Spaces and tabs. */
  blank: 1,
  lineEnd: 2,
  percent: 3,
  /** `/` and `/2` where a block may be skipped. */
  blockSkip: 4,
  /** One letter that stands alone: an address. */
  letter: 5,
  /** Two letters or more, with the digits and underscores that belong to a name in this dialect. */
  name: 6,
  /** Digits, no sign. `Tokens.value` has the number. */
  integer: 7,
  plus: 8,
  minus: 9,
  /** `*` where it multiplies. */
  times: 10,
  /** `/` where it divides. */
  divide: 11,
  /** `=`, `==`, `<>`, `<`, `>`, `<=`, `>=`. */
  equals: 12,
  compare: 13,
  comma: 14,
  colon: 15,
  /** `#` in ISO. */
  hash: 16,
  openBracket: 17,
  closeBracket: 18,
  /** Round brackets where they are not comments. */
  openRound: 19,
  closeRound: 20,
  /** With its brackets, or from its semicolon on. */
  comment: 21,
  /**
   * A comment that does not open and close once, to the end of the line: what a control runs of it is anyone's guess.
   * Its value is one of `broken`.
   */
  brokenComment: 22,
  /** `"…"` */
  string: 23,
  /** `<…>` of FANUC. */
  angleName: 24,
  /** An argument that is text: of DPRNT, of MSG, a path, a header line. */
  text: 25,
  /** `;` in ISO, `*` in DIN/ISO. */
  blockEnd: 26,
  /** `~` of Klartext and its line end. */
  continuation: 27,
  /** NUL, DC1 to DC4 and other control characters. */
  control: 28,
  /** `$`, `&`, `!`, `?`, `@`, `\` and whatever else the dialect gives a meaning. */
  sign: 29,
  /** Digits with a point, no sign. */
  decimal: 30,
} as const;
export type TokenKind = (typeof tokenKind)[keyof typeof tokenKind];

export const broken = { nested: 0, notClosed: 1, notOpened: 2 } as const;

/** What a line holds beside printable ASCII, wherever it stands. */
export const mark = { tab: 1, control: 2, nonAscii: 4, nonAsciiComment: 8, lowerCase: 16, tooLong: 32 } as const;

/** How a line ends; `none` at the end of a file, and where another block follows on the same line. */
export const lineEnding = { none: 0, lf: 1, crlf: 2, cr: 3, lfcrcr: 4 } as const;

/** The tokens of one line, reused for the next: copy what you keep. A token ends where the next one begins. */
export class Tokens {
  count = 0;
  /** Sum of `mark`. */
  marks = 0;
  /** One of `lineEnding`. */
  ending = 0;
  /** Lines that end inside: Klartext's continuations. */
  inner = 0;
  kind = new Uint8Array(256);
  /** Offsets into `bytes`; `start[count]` is where the last one ends. */
  start = new Uint32Array(257);
  /** Of a number; of a letter its upper-case code; of `blockSkip` its level. */
  value = new Float64Array(256);

  clear(): void {
    this.count = 0;
    this.marks = 0;
    this.ending = 0;
    this.inner = 0;
  }

  add(kind: TokenKind, start: number, value: number): void {
    const at = this.count++;
    if (at === this.kind.length) this.#grow();
    this.kind[at] = kind;
    this.start[at] = start;
    this.value[at] = value;
  }

  end(at: number): void {
    this.start[this.count] = at;
  }

  #grow(): void {
    const kind = new Uint8Array(this.kind.length * 2);
    const start = new Uint32Array(this.kind.length * 2 + 1);
    const value = new Float64Array(this.kind.length * 2);
    kind.set(this.kind);
    start.set(this.start);
    value.set(this.value);
    this.kind = kind;
    this.start = start;
    this.value = value;
  }
}
