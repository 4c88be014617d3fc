import { segmentKind, type Toolpath } from './toolpath.ts';

export type SvgView = 'plan' | 'front' | 'side';
export type SvgOptions = {
  /** `plan` looks down on X and Y, `front` on X and Z, `side` on Y and Z; a lathe is best seen as Z and X: `lathe`. */
  views?: readonly (SvgView | 'lathe')[];
  /** Pixels of the longer side of each view. */
  size?: number;
  title?: string;
};

const axes = { plan: [0, 1], front: [0, 2], side: [1, 2], lathe: [2, 0] } as const;
const margin = 12;
const caption = 18;
const style =
  'path{fill:none;vector-effect:non-scaling-stroke}.rapid{stroke:#c2410c;stroke-dasharray:4 3;stroke-width:.7}' +
  '.feed{stroke:#1d4ed8;stroke-width:1}text{font:12px sans-serif;fill:#334155}';

/** A drawing of the path, complete in itself: feeds as lines, rapids dashed, one view below the other. */
export function pathSvg(path: Toolpath, { views = ['plan'], size = 800, title = '' }: SvgOptions = {}): string {
  let top = 0;
  const parts: string[] = [];
  for (const view of views) {
    const drawn = drawView(path, view, size, top);
    parts.push(drawn.text);
    top += drawn.height;
  }
  const width = size + 2 * margin;
  const head = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${top}" viewBox="0 0 ${width} ${top}">`;
  const name = title === '' ? '' : `<title>${escaped(title)}</title>`;
  return `${head}${name}<style>${style}</style>${parts.join('')}</svg>\n`;
}

/** Left, bottom, and how many pixels a millimetre is. */
type Scale = { left: number; bottom: number; factor: number; width: number; height: number };

function drawView(
  path: Toolpath,
  view: SvgView | 'lathe',
  size: number,
  top: number,
): { text: string; height: number } {
  const [across, up] = axes[view];
  const scale = scaleOf(path, across, up, size);
  const height = scale.height + 2 * margin + caption;
  const label = `${view}: ${'XYZ'[across]} to the right, ${'XYZ'[up]} up`;
  const rapid = strokes(path, across, up, scale, true);
  const feed = strokes(path, across, up, scale, false);
  const text =
    `<g transform="translate(${margin} ${top + margin + caption})"><text y="-6">${label}</text>` +
    `<path class="rapid" d="${rapid}"/><path class="feed" d="${feed}"/></g>`;
  return { text, height };
}

function scaleOf({ points, count }: Toolpath, across: number, up: number, size: number): Scale {
  let [left, right, bottom, upper] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let point = 0; point <= count; point++) {
    const x = points[point * 3 + across] as number;
    const y = points[point * 3 + up] as number;
    if (Number.isNaN(x) || Number.isNaN(y)) continue;
    left = Math.min(left, x);
    right = Math.max(right, x);
    bottom = Math.min(bottom, y);
    upper = Math.max(upper, y);
  }
  if (left > right) return { left: 0, bottom: 0, factor: 1, width: size, height: size };
  const longest = Math.max(right - left, upper - bottom) || 1;
  const factor = size / longest;
  return { left, bottom, factor, width: (right - left) * factor, height: (upper - bottom) * factor };
}

/** Steps of less than half a pixel are left out, so that a drawing of millions of segments can be opened. */
const leastStep = 0.5;

function strokes(path: Toolpath, across: number, up: number, scale: Scale, rapid: boolean): string {
  const { points, kind, count } = path;
  const parts: string[] = [];
  let [penX, penY] = [Number.NaN, Number.NaN];
  const to = (point: number): [number, number] => [
    round(((points[point * 3 + across] as number) - scale.left) * scale.factor),
    round(scale.height - ((points[point * 3 + up] as number) - scale.bottom) * scale.factor),
  ];
  for (let at = 0; at < count; at++) {
    const is = kind[at] as number;
    if (is > segmentKind.counterClockwise || (is === segmentKind.rapid) !== rapid) continue;
    const [x0, y0] = to(at);
    const [x1, y1] = to(at + 1);
    if (Number.isNaN(x0 + y0 + x1 + y1)) continue;
    const last = at + 1 === count || (kind[at + 1] === segmentKind.rapid) !== rapid;
    const apart = !(Math.abs(x0 - penX) < leastStep && Math.abs(y0 - penY) < leastStep);
    if (apart) parts.push(`M${x0} ${y0}`);
    if (apart) [penX, penY] = [x0, y0];
    if (!last && Math.abs(x1 - penX) < leastStep && Math.abs(y1 - penY) < leastStep) continue;
    parts.push(`L${x1} ${y1}`);
    [penX, penY] = [x1, y1];
  }
  return parts.join('');
}

const round = (value: number): number => Math.round(value * 100) / 100;
const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
