import type { PathResult } from './path-of.ts';
import { segmentFlag, segmentKind, type Toolpath } from './toolpath.ts';

/** What one tool does. Lengths in millimetres; what is not known is counted and not guessed. */
export type ToolFigures = {
  /** Empty before the first tool. */
  tool: string;
  changes: number;
  seconds: number;
  feedSeconds: number;
  rapidSeconds: number;
  feedLength: number;
  rapidLength: number;
  dwellSeconds: number;
  /** Moves whose time is not known and is not in the sums. */
  untimed: number;
  firstLine: number;
  firstProgram: number;
  envelope: Envelope | undefined;
};

/** The extent of the known points that feeds and rapids reach. */
export type Envelope = { low: [number, number, number]; high: [number, number, number] };

/** One pass; in the order of their first use. */
export function figuresByTool(path: Toolpath): ToolFigures[] {
  const figures = new Map<number, ToolFigures>();
  for (let at = 0; at < path.count; at++) {
    const tool = path.tool[at] as number;
    let figure = figures.get(tool);
    if (!figure) {
      figure = none(path.tools[tool] ?? '', path.line[at] as number, path.program[at] as number);
      figures.set(tool, figure);
    }
    addSegment(figure, path, at);
  }
  return [...figures.values()].filter(
    ({ tool, seconds, untimed, changes }) => tool !== '' || seconds + untimed + changes > 0,
  );
}

/** Seconds of the whole program by the cycle-time model of `Mover`. */
export function cycleSeconds({ path }: Pick<PathResult, 'path'>): number {
  let seconds = 0;
  for (let at = 0; at < path.count; at++) seconds += path.seconds[at] as number;
  return seconds;
}

/** Undefined where no point is known. */
export function envelopeOf(path: Toolpath): Envelope | undefined {
  let envelope: Envelope | undefined;
  for (let at = 0; at < path.count; at++)
    if (isMotion(path.kind[at] as number)) envelope = widened(envelope, path, at + 1);
  return envelope;
}

const none = (tool: string, firstLine: number, firstProgram: number): ToolFigures => ({
  tool,
  changes: 0,
  seconds: 0,
  feedSeconds: 0,
  rapidSeconds: 0,
  feedLength: 0,
  rapidLength: 0,
  dwellSeconds: 0,
  untimed: 0,
  firstLine,
  firstProgram,
  envelope: undefined,
});

const isMotion = (kind: number): boolean => kind <= segmentKind.counterClockwise;

function addSegment(figure: ToolFigures, path: Toolpath, at: number): void {
  const kind = path.kind[at] as number;
  const seconds = path.seconds[at] as number;
  figure.seconds += seconds;
  if ((path.flags[at] as number) & segmentFlag.untimed) figure.untimed++;
  if (kind === segmentKind.toolChange) figure.changes++;
  else if (kind === segmentKind.dwell) figure.dwellSeconds += seconds;
  else if (kind === segmentKind.rapid) {
    figure.rapidSeconds += seconds;
    figure.rapidLength += lengthOf(path, at);
  } else if (kind !== segmentKind.shift) {
    figure.feedSeconds += seconds;
    figure.feedLength += lengthOf(path, at);
  }
  if (isMotion(kind)) figure.envelope = widened(figure.envelope, path, at + 1);
}

/** 0 where an end of it is not known. */
function lengthOf({ points }: Toolpath, at: number): number {
  const from = at * 3;
  const delta = (axis: number): number => (points[from + 3 + axis] as number) - (points[from + axis] as number);
  const length = Math.hypot(delta(0), delta(1), delta(2));
  return Number.isNaN(length) ? 0 : length;
}

function widened(envelope: Envelope | undefined, { points }: Toolpath, point: number): Envelope {
  const made = envelope ?? {
    low: [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    high: [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
  };
  for (const axis of [0, 1, 2] as const) {
    const value = points[point * 3 + axis] as number;
    if (value < made.low[axis]) made.low[axis] = value;
    if (value > made.high[axis]) made.high[axis] = value;
  }
  return made;
}
