import { hash } from 'node:crypto';
import type { Report, ReportSection, ReportTable } from './report.ts';

const style = `
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:70rem;padding:0 1.5rem 3rem;color:#1a1a1a;background:#fff}
header{position:sticky;top:0;background:#fff;border-bottom:2px solid #1a1a1a;padding:.6rem 0;font-weight:600}
h1{font-size:1.5rem;margin:1.2rem 0 .2rem}h2{font-size:1.1rem;margin:1.8rem 0 .4rem}p{margin:.4rem 0}
table{border-collapse:collapse;width:100%;margin:.6rem 0;font-size:.85rem}
th,td{text-align:left;vertical-align:top;padding:.25rem .5rem;border-bottom:1px solid #ddd;overflow-wrap:anywhere}
th{border-bottom:1px solid #1a1a1a}footer{margin-top:2rem;color:#555;font-size:.85rem}
@media print{header{position:static}h2{break-after:avoid}tr{break-inside:avoid}}
`;
const styleHash = hash('sha256', style, 'base64');

/** Everything that comes from an entry passes here. */
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);

/** The report as a page without script; its policy lets nothing in but its own style. */
export function reportHtml({ title, banner, sections }: Report): string {
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${styleHash}'">`,
    `<title>${escaped(title)}</title><style>${style}</style></head><body>`,
    `<header>${escaped(banner)}</header><h1>${escaped(title)}</h1>`,
    ...sections.map(section),
    `<footer>${escaped(banner)} · uncontrolled if printed</footer></body></html>`,
    '',
  ].join('\n');
}

const section = ({ title, paragraphs, table }: ReportSection): string =>
  [
    `<section><h2>${escaped(title)}</h2>`,
    ...paragraphs.map((text) => `<p>${escaped(text)}</p>`),
    ...(table ? [tableHtml(table)] : []),
    '</section>',
  ].join('\n');

const tableHtml = ({ head, rows }: ReportTable): string =>
  [
    `<table><thead><tr>${head.map((cell) => `<th>${escaped(cell)}</th>`).join('')}</tr></thead><tbody>`,
    ...rows.map((row) => `<tr>${row.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`),
    '</tbody></table>',
  ].join('\n');
