/** What a line holds besides printable ASCII. */
export const marks = { tab: 1, control: 2, nonAscii: 4 } as const;
const lineEnd = 8;

const markOf = new Uint8Array(256);
markOf.fill(marks.control, 0, 0x20);
markOf[0x7f] = marks.control;
markOf.fill(marks.nonAscii, 0x80);
markOf[0x09] = marks.tab;
markOf[0x0a] = lineEnd;
markOf[0x0d] = lineEnd;

const lf = 0x0a;
const cr = 0x0d;

/** `start` to `end` are the line's bytes without its end; `number` is 1-based; `marked` is a sum of `marks`. */
type VisitLine = (start: number, end: number, number: number, marked: number) => void;

/** How the lines of a file end. `open`: the last line has no end. */
export type LineEnds = { lines: number; lf: number; crlf: number; cr: number; open: boolean };

/** Goes once over the bytes. LF, CR LF and a CR alone each end a line. */
export function eachLine(bytes: Uint8Array, visit: VisitLine): LineEnds {
  const ends: LineEnds = { lines: 0, lf: 0, crlf: 0, cr: 0, open: false };
  let start = 0;
  let marked = 0;
  for (let at = 0; at < bytes.length; at++) {
    const mark = markOf[bytes[at] as number] as number;
    if (mark === 0) continue;
    if (mark !== lineEnd) {
      marked |= mark;
      continue;
    }
    visit(start, at, ++ends.lines, marked);
    if (bytes[at] === lf) ends.lf++;
    else if (bytes[at + 1] === lf) {
      ends.crlf++;
      at++;
    } else if (bytes[at] === cr) ends.cr++;
    start = at + 1;
    marked = 0;
  }
  if (start < bytes.length) {
    visit(start, bytes.length, ++ends.lines, marked);
    ends.open = true;
  }
  return ends;
}
