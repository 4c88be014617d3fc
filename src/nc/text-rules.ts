import { limits } from '../domain/limits.ts';
import type { FindingList } from './finding-list.ts';
import { type LineEnds, marks } from './lines.ts';

const hex = (byte: number): string => `0x${byte.toString(16).toUpperCase().padStart(2, '0')}`;
const open = 0x28;
const close = 0x29;
const semicolon = 0x3b;
/** `* -` begins a heading in Klartext, which is a comment. */
const isHeading = (bytes: Uint8Array, at: number): boolean =>
  bytes[at] === 0x2a && bytes[at + 1] === 0x20 && bytes[at + 2] === 0x2d;

/**
 * The rules that hold for every program, whatever its language. A byte outside ASCII is harmless to look at in a
 * comment and a trap in code, where it can look like a letter that the control knows. What stands behind a semicolon
 * is a comment in some languages and code in ISO, so that it is reported to `iso` and `foreign` alike, once each.
 */
export class TextRules {
  readonly #control;
  readonly #nonAscii;
  readonly #nonAsciiIso;
  readonly #nonAsciiForeign;
  readonly #nonAsciiComment;
  readonly #tab;
  readonly #long;
  readonly #ends;
  readonly #open;

  constructor(text: FindingList, iso: FindingList, foreign: FindingList) {
    this.#control = text.rule('control-byte', 'block');
    this.#nonAscii = text.rule('non-ascii-code', 'block');
    this.#nonAsciiIso = iso.rule('non-ascii-code', 'block');
    this.#nonAsciiForeign = foreign.rule('non-ascii-comment', 'warn');
    this.#nonAsciiComment = text.rule('non-ascii-comment', 'warn');
    this.#tab = text.rule('tab', 'warn');
    this.#long = text.rule('line-long', 'warn');
    this.#ends = text.rule('line-ends-mixed', 'warn');
    this.#open = text.rule('line-end-missing', 'warn');
  }

  line(bytes: Uint8Array, start: number, end: number, line: number, marked: number): void {
    const length = end - start;
    if (length > limits.ncLineBytes)
      this.#long.at(line, () => `Line ${line} has ${length} bytes; many controls hold ${limits.ncLineBytes} at most.`);
    if (marked === 0) return;
    if (marked & marks.tab) this.#tab.at(line, () => `Line ${line} has a tab, which some controls refuse.`);
    if (marked & marks.control) this.#controlByte(bytes, start, end, line);
    if (marked & marks.nonAscii) this.#nonAsciiBytes(bytes, start, end, line);
  }

  end(ends: LineEnds): void {
    const kinds = [
      ['LF', ends.lf],
      ['CR LF', ends.crlf],
      ['CR', ends.cr],
    ].filter(([, count]) => count !== 0);
    if (kinds.length > 1) {
      const counts = kinds.map(([name, count]) => `${name} ${count} times`).join(', ');
      this.#ends.file(`Lines end in different ways (${counts}); a control may join or skip lines.`);
    }
    if (ends.open)
      this.#open.at(ends.lines, () => `The last line, ${ends.lines}, has no line end; some controls drop it.`);
  }

  #controlByte(bytes: Uint8Array, start: number, end: number, line: number): void {
    this.#control.at(line, () => {
      const at = bytes.subarray(start, end).findIndex((byte) => (byte < 0x20 && byte !== 0x09) || byte === 0x7f);
      const byte = bytes[start + at] ?? 0;
      return `Line ${line} has the control byte ${hex(byte)} in column ${at + 1}; remove it in the CAM system.`;
    });
  }

  #nonAsciiBytes(bytes: Uint8Array, start: number, end: number, line: number): void {
    let inside = false;
    let behindSemicolon = false;
    let comment = false;
    for (let at = start; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === open) inside = true;
      else if (byte === close) inside = false;
      else if (!inside && (byte === semicolon || isHeading(bytes, at))) behindSemicolon = true;
      if (byte < 0x80) continue;
      if (inside) {
        comment = true;
        continue;
      }
      const said = () =>
        `Line ${line} has the byte ${hex(byte)} in column ${at - start + 1}, which is no ASCII and may look like another letter.`;
      for (const tally of behindSemicolon ? [this.#nonAsciiForeign, this.#nonAsciiIso] : [this.#nonAscii])
        tally.at(line, said);
      return;
    }
    if (comment) this.#nonAsciiComment.at(line, () => `Line ${line} has a comment with characters that are no ASCII.`);
  }
}
