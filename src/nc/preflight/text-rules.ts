import { limits } from '../../domain/limits.ts';
import type { MachineProfile } from '../profile/profile.ts';
import type { Block, ReadEnd } from '../program/block.ts';
import { lineEnding, mark } from '../syntax/token.ts';
import type { FindingList } from './finding-list.ts';
import { invisibleIn, lookAlike } from './look-alikes.ts';

const hex = (byte: number): string => `0x${byte.toString(16).toUpperCase().padStart(2, '0')}`;
const remarkable = mark.control | mark.nonAscii | mark.nonAsciiComment | mark.tab;

/** The rules that hold for every program, whatever its language. */
export class TextRules {
  readonly #profile: MachineProfile | undefined;
  readonly #control;
  readonly #nonAscii;
  readonly #invisible;
  readonly #comment;
  readonly #tab;
  readonly #lower;
  readonly #long;
  readonly #ends;
  readonly #endsDiffer;
  readonly #open;
  readonly #longest: number;
  readonly #wanted: number;

  constructor(findings: FindingList, profile: MachineProfile | undefined) {
    this.#profile = profile;
    this.#control = findings.rule('control-byte');
    this.#nonAscii = findings.rule('non-ascii-code');
    this.#invisible = findings.rule('invisible-character');
    this.#comment = findings.rule('non-ascii-comment');
    this.#tab = findings.rule('tab');
    this.#lower = findings.rule('lower-case');
    this.#long = findings.rule('line-long');
    this.#ends = findings.rule('line-ends-mixed');
    this.#endsDiffer = findings.rule('line-ends-differ');
    this.#open = findings.rule('line-end-missing');
    this.#longest = profile?.encoding.longestLine ?? limits.ncLineBytes;
    this.#wanted = remarkable | (profile && !profile.encoding.lowerCase ? mark.lowerCase : 0);
  }

  block(block: Block): void {
    if (block.end - block.start > this.#longest && block.ending !== lineEnding.none) this.#lineLong(block);
    if ((block.marks & this.#wanted) !== 0) this.#marked(block);
  }

  #lineLong(block: Block): void {
    const { line } = block;
    const length = longestLine(lineBytes(block));
    if (length <= this.#longest) return;
    this.#long.at(line, () => `Line ${line} has ${length} bytes; many controls hold ${this.#longest} at most.`);
  }

  #marked(block: Block): void {
    const { marks, line } = block;
    if (marks & mark.tab && !this.#profile?.encoding.tabs)
      this.#tab.at(line, () => `Line ${line} has a tab, which some controls refuse.`);
    if (marks & mark.control) this.#controlByte(block);
    if (marks & mark.lowerCase && this.#wanted & mark.lowerCase)
      this.#lower.at(line, () => `Line ${line} has small letters, which this control does not read.`);
    if (marks & (mark.nonAscii | mark.nonAsciiComment)) this.#outsideAscii(block);
  }

  #controlByte(block: Block): void {
    const { line } = block;
    this.#control.at(line, () => {
      const bytes = lineBytes(block);
      const at = bytes.findIndex(
        (byte) => (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) || byte === 0x7f,
      );
      return `Line ${line} has the control byte ${hex(bytes[at] ?? 0)} in column ${at + 1}; remove it in the CAM system.`;
    });
  }

  /** Harmless to look at in a comment; a trap in code, where it can look like a letter that the control knows. */
  #outsideAscii(block: Block): void {
    const { line, marks } = block;
    const invisible = invisibleIn(lineBytes(block));
    if (invisible !== undefined)
      this.#invisible.at(
        line,
        () =>
          `Line ${line} has the invisible character ${invisible}, which shows people something else than what is there.`,
      );
    if (marks & mark.nonAscii)
      this.#nonAscii.at(line, () => {
        const bytes = lineBytes(block);
        const at = Math.max(0, firstOutside(block, bytes));
        const like = lookAlike(bytes, at);
        const what =
          like === undefined ? 'is no ASCII and may look like another letter' : `is no ASCII and looks like ${like}`;
        return `Line ${line} has the byte ${hex(bytes[at] ?? 0)} in column ${at + 1}, which ${what}.`;
      });
    else if (!this.#commentsMayBe(block))
      this.#comment.at(line, () => `Line ${line} has a comment with characters that are no ASCII.`);
  }

  #commentsMayBe(block: Block): boolean {
    const encoding = this.#profile?.encoding.comments ?? 'ascii';
    return encoding === 'latin1' || (encoding === 'utf-8' && isUtf8(lineBytes(block)));
  }

  end(ends: ReadEnd): void {
    const kinds = (
      [
        ['LF', ends.lf, 'lf'],
        ['CR LF', ends.crlf, 'crlf'],
        ['CR', ends.cr, 'cr'],
        ['LF CR CR', ends.lfcrcr, 'lfcrcr'],
      ] as const
    ).filter(([, count]) => count !== 0);
    if (kinds.length > 1) {
      const counts = kinds.map(([name, count]) => `${name} ${count} times`).join(', ');
      this.#ends.file(`Lines end in different ways (${counts}); a control may join or skip lines.`);
    }
    const read = this.#profile?.encoding.lineEnds;
    const foreign = kinds.find(([, , kind]) => read && kind !== 'lfcrcr' && !read.includes(kind));
    if (foreign) this.#endsDiffer.file(`Lines end with ${foreign[0]}, which this control does not read.`);
    if (ends.openLine)
      this.#open.at(ends.lines, () => `The last line, ${ends.lines}, has no line end; some controls drop it.`);
  }
}

const lineBytes = (block: Block): Uint8Array => block.bytes.subarray(block.start - block.base, block.end - block.base);

/** Klartext's blocks have several. */
function longestLine(bytes: Uint8Array): number {
  let [longest, start] = [0, 0];
  for (let at = 0; at <= bytes.length; at++) {
    if (at < bytes.length && bytes[at] !== 0x0a && bytes[at] !== 0x0d) continue;
    longest = Math.max(longest, at - start);
    start = at + 1;
  }
  return longest;
}

/** Where the first byte outside ASCII stands that is not in the first comment. */
function firstOutside(block: Block, bytes: Uint8Array): number {
  const [from, to] = [block.commentStart - block.start, block.commentEnd - block.start];
  const found = bytes.findIndex((byte, at) => byte >= 0x80 && (block.commentEnd === 0 || at < from || at >= to));
  return found === -1 ? bytes.findIndex((byte) => byte >= 0x80) : found;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
