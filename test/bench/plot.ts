import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Cost against size: one line for each name. Sizes are powers of ten or so; `ms` is what most wait at the longest. */
export type Cost = { name: string; size: number; ms: number };

const [width, height, left, top, right, bottom] = [720, 420, 70, 40, 230, 50] as const;
const colours = ['#1f77b4', '#d62728', '#2ca02c', '#9467bd', '#8c564b', '#e377c2'];

/** A plot with both axes logarithmic, on which a cost that does not grow with the ledger is flat. */
export function writePlot(path: string, title: string, costs: readonly Cost[]): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, plot(title, costs));
}

function plot(title: string, costs: readonly Cost[]): string {
  const sizes = decades(costs.map(({ size }) => size));
  const times = decades([...costs.map(({ ms }) => ms), 20]);
  const x = (size: number) => left + ((Math.log10(size) - sizes.low) / sizes.span) * (width - left - right);
  const y = (ms: number) => height - bottom - ((Math.log10(ms) - times.low) / times.span) * (height - top - bottom);
  const names = [...new Set(costs.map(({ name }) => name))];
  const lines = names.flatMap((name, n) => {
    const own = costs.filter((cost) => cost.name === name).toSorted((a, b) => a.size - b.size);
    const points = own.map(({ size, ms }) => `${x(size).toFixed(1)},${y(ms).toFixed(1)}`).join(' ');
    const colour = colours[n % colours.length];
    const label = text(width - right + 12, top + 16 * n, name, `fill="${colour}"`);
    return [`<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="2"/>`, label];
  });
  const goal = `<line x1="${left}" y1="${y(20)}" x2="${width - right}" y2="${y(20)}" stroke="#999" stroke-dasharray="4"/>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    text(left, 20, title, 'font-size="14"'),
    goal,
    text(left + 4, y(20) - 4, 'goal: 20 ms', 'fill="#999"'),
    ...sizes.marks.map((mark) => text(x(mark) - 10, height - bottom + 20, mark.toLocaleString('en-GB'))),
    ...times.marks.map((mark) => text(8, y(mark) + 4, `${mark} ms`)),
    ...lines,
    '</svg>\n',
  ].join('\n');
}

function decades(values: readonly number[]): { low: number; span: number; marks: number[] } {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  return { low, span: high - low, marks: Array.from({ length: high - low + 1 }, (_, n) => 10 ** (low + n)) };
}

const text = (x: number, y: number, words: string, more = ''): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${words.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</text>`;
