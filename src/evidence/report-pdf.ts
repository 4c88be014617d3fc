import { createRequire } from 'node:module';
import type { Report, ReportSection, ReportTable } from './report.ts';

const font = (name: string): string => createRequire(import.meta.url).resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`);
const margin = 48;
const bannerHeight = 26;
const footerHeight = 24;
const cellGap = 6;
const ink = '#1a1a1a';

type Page = PDFKit.PDFDocument;

/** The report as PDF. `time` dates the document, so that equal reports are equal bytes. */
export async function reportPdf(report: Report, time: Date): Promise<Buffer> {
  // Large, and not needed by a gateway that starts.
  const { default: PDFDocument } = await import('pdfkit');
  const doc = new PDFDocument({
    size: 'A4',
    bufferPages: true,
    margins: { top: margin + bannerHeight, bottom: margin + footerHeight, left: margin, right: margin },
    info: { Title: report.title, Creator: 'Keyway', CreationDate: time, ModDate: time },
  });
  const parts: Buffer[] = [];
  doc.on('data', (part: Buffer) => void parts.push(part));
  const ended = new Promise((resolve) => doc.once('end', resolve));
  doc.registerFont('text', font('DejaVuSans')).registerFont('bold', font('DejaVuSans-Bold'));
  doc.font('bold').fontSize(15).fillColor(ink).text(drawable(doc, report.title)).moveDown(0.5);
  for (const section of report.sections) drawSection(doc, section);
  drawFrames(doc, report.banner);
  doc.end();
  await ended;
  return Buffer.concat(parts);
}

type Glyphs = { font?: { hasGlyphForCodePoint(codePoint: number): boolean } };

/** A character that the font cannot draw is written as its number: nothing of a name may vanish from paper. */
function drawable(doc: Page, text: string): string {
  const glyphs = (doc as unknown as { _font?: Glyphs })._font?.font;
  return [...text]
    .map((character) => {
      const codePoint = character.codePointAt(0) ?? 0;
      if (glyphs?.hasGlyphForCodePoint(codePoint) !== false) return character;
      return `[U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}]`;
    })
    .join('');
}

function drawSection(doc: Page, { title, paragraphs, table }: ReportSection): void {
  // A heading alone at the foot of a page belongs to the next one.
  if (doc.y > bottomOf(doc) - 60) doc.addPage();
  doc.moveDown(0.8).font('bold').fontSize(11).text(drawable(doc, title)).moveDown(0.2);
  doc.font('text').fontSize(8.5);
  for (const text of paragraphs) doc.text(drawable(doc, text), { lineGap: 1 }).moveDown(0.3);
  if (table) drawTable(doc, table);
}

const bottomOf = (doc: Page): number => doc.page.height - margin - footerHeight;

function drawTable(doc: Page, table: ReportTable): void {
  const widths = columnWidths(doc, table);
  doc.moveDown(0.2);
  drawRow(doc, table.head, widths, 'bold');
  for (const row of table.rows) {
    doc.font('text').fontSize(7);
    if (doc.y + heightOf(doc, row, widths) > bottomOf(doc)) {
      doc.addPage();
      drawRow(doc, table.head, widths, 'bold');
    }
    drawRow(doc, row, widths, 'text');
  }
  doc.x = margin;
}

/** A column is as wide as its longest cell; where the page is too narrow, the widest columns give way first. */
function columnWidths(doc: Page, { head, rows }: ReportTable): number[] {
  const measure = (weight: 'text' | 'bold', cells: readonly string[]) => {
    doc.font(weight).fontSize(7);
    return Math.max(...cells.map((cell) => doc.widthOfString(drawable(doc, cell)) + cellGap));
  };
  const wanted = head.map((title, column) =>
    Math.max(measure('bold', [title]), measure('text', ['', ...rows.map((row) => row[column] ?? '')])),
  );
  let room = doc.page.width - 2 * margin;
  const widths = [...wanted];
  const narrowestFirst = [...wanted.entries()].sort(([, a], [, b]) => a - b);
  for (const [taken, [column, width]] of narrowestFirst.entries()) {
    widths[column] = Math.min(width, room / (wanted.length - taken));
    room -= widths[column];
  }
  // What is left goes to the last column, which holds the sentences.
  return widths.map((width, column) => (column === widths.length - 1 ? width + room : width));
}

const heightOf = (doc: Page, row: readonly string[], widths: readonly number[]): number =>
  Math.max(...row.map((cell, at) => doc.heightOfString(drawable(doc, cell) || ' ', { width: cellWidth(widths, at) }))) +
  4;

const cellWidth = (widths: readonly number[], at: number): number => (widths[at] ?? cellGap) - cellGap;

function drawRow(doc: Page, row: readonly string[], widths: readonly number[], weight: 'text' | 'bold'): void {
  doc.font(weight).fontSize(7);
  const top = doc.y;
  const height = heightOf(doc, row, widths);
  let left = margin;
  for (const [at, cell] of row.entries()) {
    doc.text(drawable(doc, cell), left, top + 2, { width: cellWidth(widths, at) });
    left += widths[at] ?? 0;
  }
  const line = top + height;
  doc
    .moveTo(margin, line)
    .lineTo(doc.page.width - margin, line)
    .lineWidth(0.3)
    .strokeColor('#bbbbbb')
    .stroke();
  doc.x = margin;
  doc.y = line;
}

/** Over and under every page: the classification, and that paper is nobody's record. */
function drawFrames(doc: Page, banner: string): void {
  const { start, count } = doc.bufferedPageRange();
  for (let page = start; page < start + count; page++) {
    doc.switchToPage(page);
    const width = doc.page.width - 2 * margin;
    // Text in a margin would start another page.
    doc.page.margins.bottom = 0;
    doc.font('bold').fontSize(9).fillColor(ink);
    doc.text(drawable(doc, banner), margin, margin - 12, { width, height: bannerHeight, ellipsis: true });
    doc.font('text').fontSize(7).fillColor('#555555');
    const foot = `${drawable(doc, banner)}  ·  uncontrolled if printed  ·  page ${page - start + 1} of ${count}`;
    doc.text(foot, margin, doc.page.height - margin, { width, lineBreak: false, ellipsis: true });
    doc.page.margins.bottom = margin + footerHeight;
  }
}
