/** How a control's language writes what is no word: comments, texts, the numbers of blocks. */
export type Writing = {
  /** `( … )` is a comment. Where it does not close before the line's end or another `(`, controls differ: it is code. */
  parentheses: boolean;
  /** `;` starts a comment that goes to the line's end. */
  semicolon: boolean;
  /** `* -` at the start of a block is a heading. */
  headings: boolean;
  /** `"…"` is a text. */
  quotes: boolean;
  /** `<…>` is the name of a program, and what stands in the brackets of `DPRNT[…]` is text. */
  macroTexts: boolean;
  /** `N123` before the block, or bare digits. */
  sequence: 'N' | 'digits';
  /** A line that ends in `~` goes on in the next one. */
  tilde: boolean;
};

const plain: Writing = {
  parentheses: false,
  semicolon: false,
  headings: false,
  quotes: false,
  macroTexts: false,
  sequence: 'N',
  tilde: false,
};
const iso: Writing = { ...plain, parentheses: true, macroTexts: true };

export const writings = {
  iso,
  mazak: iso,
  okuma: { ...plain, parentheses: true, quotes: true },
  siemens: { ...plain, semicolon: true, quotes: true },
  klartext: { ...plain, semicolon: true, headings: true, quotes: true, sequence: 'digits', tilde: true },
  'heidenhain-iso': { ...plain, semicolon: true, headings: true, quotes: true },
  linuxcnc: { ...iso, semicolon: true },
} as const satisfies Record<string, Writing>;

export const spanKinds = { blank: 0, code: 1, comment: 2, text: 3, number: 4 } as const;
type VisitSpan = (kind: number, start: number, end: number) => void;

const code = (character: string): number => character.charCodeAt(0);
const isBlank = (byte: number): boolean => byte === 0x20 || byte === 0x09;
const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;

/** Cuts lines into spans that follow one another without a gap, so that joining them gives the line back. */
export class SpanReader {
  readonly #writing: Writing;
  readonly #visit: VisitSpan;
  /** Bytes that may end a run of code. */
  readonly #special = new Uint8Array(256);
  #bytes: Uint8Array = new Uint8Array();
  #start = 0;
  #end = 0;

  constructor(writing: Writing, visit: VisitSpan) {
    this.#writing = writing;
    this.#visit = visit;
    const { parentheses, semicolon, quotes, macroTexts } = writing;
    const specials = ` \t${parentheses ? '(' : ''}${semicolon ? ';' : ''}${quotes ? '"' : ''}${macroTexts ? '<[' : ''}`;
    for (const character of specials) this.#special[code(character)] = 1;
  }

  line(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
    let at = this.#blanks(start);
    at = this.#blanks(this.#blockSkip(at));
    at = this.#blanks(this.#sequenceNumber(at));
    if (this.#writing.headings && this.#isHeading(at)) at = this.#span(spanKinds.comment, at, end);
    while (at < end) at = this.#next(at);
  }

  #byte(at: number): number {
    return at < this.#end ? (this.#bytes[at] as number) : 0;
  }

  #span(kind: number, start: number, end: number): number {
    if (end > start) this.#visit(kind, start, end);
    return end;
  }

  #blanks(start: number): number {
    let at = start;
    while (isBlank(this.#byte(at))) at++;
    return this.#span(spanKinds.blank, start, at);
  }

  #blockSkip(start: number): number {
    if (this.#byte(start) !== code('/')) return start;
    const next = start + 1;
    return this.#span(
      spanKinds.code,
      start,
      isDigit(this.#byte(next)) && !isDigit(this.#byte(next + 1)) ? next + 1 : next,
    );
  }

  /** Digits alone, or behind an N; with more of a word behind them they are something else. */
  #sequenceNumber(start: number): number {
    const letters = this.#writing.sequence === 'N' ? 1 : 0;
    if (letters === 1 && (this.#byte(start) & 0xdf) !== code('N')) return start;
    let at = start + letters;
    while (isDigit(this.#byte(at))) at++;
    if (at === start + letters) return start;
    const behind = this.#byte(at);
    const ends = letters === 1 ? behind !== code('.') && behind !== code('=') : at === this.#end || isBlank(behind);
    return ends ? this.#span(spanKinds.number, start, at) : start;
  }

  #isHeading(at: number): boolean {
    return this.#byte(at) === code('*') && isBlank(this.#byte(at + 1)) && this.#byte(at + 2) === code('-');
  }

  #next(start: number): number {
    switch (this.#bytes[start]) {
      case 0x20:
      case 0x09:
        return this.#blanks(start);
      case 0x28:
        if (this.#writing.parentheses) return this.#closed(spanKinds.comment, start, code(')'), code('('));
        break;
      case 0x3b:
        if (this.#writing.semicolon) return this.#comment(start);
        break;
      case 0x22:
        if (this.#writing.quotes) return this.#closed(spanKinds.text, start, code('"'), -1);
        break;
      case 0x3c:
        if (this.#writing.macroTexts) return this.#closed(spanKinds.text, start, code('>'), code('<'));
        break;
      case 0x5b:
        if (this.#writing.macroTexts && this.#opensText(start)) return this.#span(spanKinds.text, start, this.#end);
        break;
    }
    let at = start + 1;
    while (at < this.#end && this.#special[this.#bytes[at] as number] === 0) at++;
    return this.#span(spanKinds.code, start, at);
  }

  #closed(kind: number, start: number, closing: number, forbidden: number): number {
    for (let at = start + 1; at < this.#end; at++) {
      const byte = this.#bytes[at];
      if (byte === closing) return this.#span(kind, start, at + 1);
      if (byte === forbidden) break;
    }
    return this.#span(spanKinds.code, start, this.#end);
  }

  /** The `~` that joins the next line stands behind the comment and is none. */
  #comment(start: number): number {
    let end = this.#end;
    if (this.#writing.tilde) {
      let at = end;
      while (at > start && isBlank(this.#bytes[at - 1] as number)) at--;
      if (this.#bytes[at - 1] === code('~')) end = at - 1;
    }
    this.#span(spanKinds.comment, start, end);
    return this.#span(spanKinds.code, end, this.#end);
  }

  /** `DPRNT[`, `BPRNT[`, `SETVN…[`. */
  #opensText(at: number): boolean {
    const before = this.#bytes.subarray(Math.max(this.#start, at - 8), at);
    return /(PRNT|SETVN\d*)\s*$/i.test(String.fromCharCode(...before));
  }
}
