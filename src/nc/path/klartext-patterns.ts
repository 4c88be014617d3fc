import { limits } from '../../domain/limits.ts';
import { type Point, sineCosine } from './frame.ts';

/** The values of one element by their names: `X`, `D`, `NUM`, `ROT`. */
type Values = (name: string) => number | undefined;

/**
 * The points of `PATTERN DEF`: single ones, rows, grids, frames, circles and parts of them. None where one of its elements
 * is written with variables or counts from the last point, or is of another kind.
 */
export function klartextPattern(text: string, scale: number, here: Point): Point[] {
  const elements = [...text.matchAll(/(POS|ROW|PAT|FRAME|CIRC|PITCHCIRC)\d+\s*\(([^()]*)\)/gi)];
  const written = elements.map(([whole]) => whole).join('');
  // Whatever else stands there was not read.
  if (text.replace(/^DEF/i, '').replace(/\s/g, '') !== written.replace(/\s/g, '')) return [];
  const points: Point[] = [];
  for (const [, kind = '', inner = ''] of elements) {
    if (/I[XYZ]|Q/i.test(inner)) return [];
    const value: Values = (name) => {
      const found = new RegExp(`(?:^|\\s)${name}\\s*([+-]?\\d*\\.?\\d+)`, 'i').exec(inner)?.[1];
      return found === undefined ? undefined : Number(found);
    };
    const [x, y, z] = [value('X'), value('Y'), value('Z') ?? 0];
    const origin: Point = [x === undefined ? here[0] : x * scale, y === undefined ? here[1] : y * scale, z * scale];
    for (const [dx, dy] of placesOf(kind.toUpperCase(), value)) {
      if (points.length >= limits.ncPathPieces) return points;
      points.push([origin[0] + dx * scale, origin[1] + dy * scale, origin[2]]);
    }
  }
  return points;
}

type Place = readonly [number, number];

function placesOf(kind: string, value: Values): Place[] {
  if (kind === 'POS') return [[0, 0]];
  const counted = (name: string): number => Math.min(Math.max(0, Math.trunc(value(name) ?? 0)), limits.ncPathPieces);
  if (kind === 'ROW') {
    const step = value('D') ?? 0;
    return Array.from({ length: counted('NUM') }, (_, at) => turned([at * step, 0], value('ROT') ?? 0));
  }
  if (kind === 'CIRC' || kind === 'PITCHCIRC') {
    const count = counted('NUM');
    const step = kind === 'CIRC' ? 360 / count : (value('STEP') ?? 0);
    const radius = (value('D') ?? 0) / 2;
    return Array.from({ length: count }, (_, at) => turned([radius, 0], (value('START') ?? 0) + at * step));
  }
  return gridOf(kind === 'FRAME', value, counted('NUMX'), counted('NUMY'));
}

/** Row by row, there and back; of a frame only the outer points. ROTX and ROTY lean its sides. */
function gridOf(frame: boolean, value: Values, columns: number, rows: number): Place[] {
  const [dx, dy] = [value('DX') ?? 0, value('DY') ?? 0];
  const [leanX, leanY] = [value('ROTX') ?? 0, value('ROTY') ?? 0];
  const places: Place[] = [];
  for (let row = 0; row < Math.min(rows, limits.ncPathPieces / Math.max(1, columns)); row++)
    for (let at = 0; at < columns; at++) {
      const column = row % 2 === 0 ? at : columns - 1 - at;
      const inner = row > 0 && row < rows - 1 && column > 0 && column < columns - 1;
      if (frame && inner) continue;
      const [ax, ay] = turned([column * dx, 0], leanX);
      const [bx, by] = turned([0, row * dy], leanY);
      places.push(turned([ax + bx, ay + by], value('ROT') ?? 0));
    }
  return places;
}

function turned([x, y]: Place, degrees: number): Place {
  const [sine, cosine] = sineCosine(degrees);
  return [x * cosine - y * sine, x * sine + y * cosine];
}
