import type { Toolpath } from './pack.ts';

/** A 4 x 4 matrix by columns, as graphics have it: from the part to the screen's cube of -1 to 1. */
export type Projection = ArrayLike<number>;

/**
 * The segment nearest to a place on the screen, or undefined where none is within `reach` pixels. One pass over all points:
 * a million take some 20 ms, where a ray through objects would take seconds.
 */
export function pickSegment(
  path: Toolpath,
  projection: Projection,
  view: { width: number; height: number },
  at: { x: number; y: number },
  reach: number,
): number | undefined {
  const { points, segments, kind } = path;
  const [a0 = 0, a1 = 0, , a3 = 0, b0 = 0, b1 = 0, , b3 = 0, c0 = 0, c1 = 0, , c3 = 0, d0 = 0, d1 = 0, , d3 = 1] =
    Array.from(projection);
  const { width, height } = view;
  let best: number | undefined;
  let bestSquare = reach * reach;
  let lastX = Number.NaN;
  let lastY = Number.NaN;
  for (let point = 0; point <= segments; point++) {
    const x = points[3 * point] as number;
    const y = points[3 * point + 1] as number;
    const z = points[3 * point + 2] as number;
    const w = a3 * x + b3 * y + c3 * z + d3;
    const screenX = ((a0 * x + b0 * y + c0 * z + d0) / w + 1) * 0.5 * width;
    const screenY = (1 - (a1 * x + b1 * y + c1 * z + d1) / w) * 0.5 * height;
    if (point > 0 && (kind[point - 1] as number) <= 3) {
      const square = squareToSegment(at.x, at.y, lastX, lastY, screenX, screenY);
      // NaN is never smaller: what has no place is never picked.
      if (square < bestSquare) {
        bestSquare = square;
        best = point - 1;
      }
    }
    lastX = screenX;
    lastY = screenY;
  }
  return best;
}

function squareToSegment(x: number, y: number, fromX: number, fromY: number, toX: number, toY: number): number {
  const alongX = toX - fromX;
  const alongY = toY - fromY;
  const length = alongX * alongX + alongY * alongY;
  const share = length === 0 ? 0 : ((x - fromX) * alongX + (y - fromY) * alongY) / length;
  const held = Math.min(1, Math.max(0, share));
  const awayX = x - fromX - held * alongX;
  const awayY = y - fromY - held * alongY;
  return awayX * awayX + awayY * awayY;
}
