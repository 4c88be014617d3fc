import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

type Point = [number, number, number];
/** One motion of rs274, in inches, in machine coordinates: where it ends. Of a curve it prints no point. */
export type CanonMove = {
  kind: 'rapid' | 'feed' | 'arc' | 'curve';
  to: Point;
  /** Of the program. */
  line: number;
};

export type CanonRun = { accepted: boolean; moves: CanonMove[] };

/**
 * Runs LinuxCNC's interpreter over a program, with tools 1 to 99 of no length. Each block gets its line as its number, so
 * that what it prints can be told by line.
 */
export async function runRs274(file: string): Promise<CanonRun> {
  const folder = mkdtempSync(join(tmpdir(), 'keyway-rs274-'));
  try {
    const table = join(folder, 'tool.tbl');
    writeFileSync(table, Array.from({ length: 99 }, (_, at) => `T${at + 1} P${at + 1} Z0 D0\n`).join(''));
    const numbered = join(folder, 'numbered.ngc');
    writeFileSync(numbered, withLineNumbers(readFileSync(file, 'latin1')), 'latin1');
    const { stdout } = await execute('rs274', ['-t', table, '-g', numbered], {
      cwd: folder,
      // It maps `.tool.mmap` of its home into memory: two in one home tear each other's.
      env: { ...process.env, HOME: folder },
      maxBuffer: 256 * 1024 * 1024,
      timeout: 60_000,
    });
    return { accepted: true, moves: movesOf(stdout) };
  } catch (error) {
    // Whatever else ended it is no refusal of the program.
    if ((error as { code?: unknown }).code !== 1) throw error;
    return { accepted: false, moves: [] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const execute = promisify(execFile);

const withLineNumbers = (text: string): string =>
  text
    .split('\n')
    .map((line, at) =>
      /^\s*([a-mo-z@^#]|n\s*\d)/i.test(line) ? `N${at + 1} ${line.replace(/^\s*n\s*\d+(\.\d+)?/i, '')}` : line,
    )
    .join('\n');

type Numbers = number[];
type State = { scale: number; plane: 'XY' | 'XZ' | 'YZ'; offset: Numbers; shift: Numbers; turn: number };

/** Canonical calls are in the program's coordinates: the offsets that it set before give the machine's. */
export function movesOf(canon: string): CanonMove[] {
  const state: State = { scale: 1 / 25.4, plane: 'XY', offset: [0, 0, 0], shift: [0, 0, 0], turn: 0 };
  const moves: CanonMove[] = [];
  let line = 0;
  for (const printed of canon.split('\n')) {
    const [, block = '', call = '', list = ''] = /^\s*\d+ N(\.+|\d+)\s+([A-Z0-9_]+)\((.*)\)$/.exec(printed) ?? [];
    const numbers = list.split(/[, ]+/).map(Number);
    const move = canonMove(call, list, numbers, state);
    if (!move) continue;
    const from = moves.at(-1)?.to ?? [0, 0, 0];
    if (!block.startsWith('.')) line = Number(block);
    if (call === 'STRAIGHT_PROBE') move.to = stoppedBefore(from, move.to);
    moves.push({ ...move, line });
    // Down, and back to where it began.
    if (call === 'RIGID_TAP') moves.push({ ...move, to: from, line });
  }
  return moves;
}

function canonMove(call: string, list: string, numbers: Numbers, state: State): Omit<CanonMove, 'line'> | undefined {
  const at = (index: number): number => numbers[index] ?? Number.NaN;
  switch (call) {
    case 'USE_LENGTH_UNITS':
      state.scale = list.includes('MM') ? 1 / 25.4 : 1;
      return undefined;
    case 'SELECT_PLANE':
      state.plane = list.includes('XZ') ? 'XZ' : list.includes('YZ') ? 'YZ' : 'XY';
      return undefined;
    case 'SET_G5X_OFFSET':
      state.offset = numbers.slice(1, 4).map((value) => value * state.scale);
      return undefined;
    case 'SET_G92_OFFSET':
      state.shift = numbers.slice(0, 3).map((value) => value * state.scale);
      return undefined;
    case 'SET_XY_ROTATION':
      state.turn = (at(0) * Math.PI) / 180;
      return undefined;
    case 'STRAIGHT_TRAVERSE':
      return { kind: 'rapid', to: machine([at(0), at(1), at(2)], state) };
    case 'STRAIGHT_FEED':
    case 'STRAIGHT_PROBE':
      return { kind: 'feed', to: machine([at(0), at(1), at(2)], state) };
    case 'RIGID_TAP':
      return { kind: 'feed', to: machine([at(0), at(1), at(2)], state) };
    case 'NURBS_FEED':
      return { kind: 'curve', to: [Number.NaN, Number.NaN, Number.NaN] };
    case 'ARC_FEED':
      return { kind: 'arc', to: machine(arcEnd(at(0), at(1), at(5), state.plane), state) };
    default:
      return undefined;
  }
}

/** Its probe stops so far before the end of its way, in inches, as the moves behind it show. */
export const probeStopsBefore = 0.01;

function stoppedBefore(from: Point, to: Point): Point {
  const way = Math.hypot(to[0] - from[0], to[1] - from[1], to[2] - from[2]);
  const share = way > 0 ? probeStopsBefore / way : 0;
  const back = (axis: 0 | 1 | 2): number => to[axis] - (to[axis] - from[axis]) * share;
  return [back(0), back(1), back(2)];
}

function arcEnd(first: number, second: number, third: number, plane: State['plane']): Numbers {
  if (plane === 'XY') return [first, second, third];
  return plane === 'XZ' ? [second, third, first] : [third, first, second];
}

function machine([x = 0, y = 0, z = 0]: Numbers, { scale, offset, shift, turn }: State): [number, number, number] {
  const [ox = 0, oy = 0, oz = 0] = offset;
  const [sx = 0, sy = 0, sz = 0] = shift;
  const [px, py] = [x * scale + sx, y * scale + sy];
  const [cosine, sine] = [Math.cos(turn), Math.sin(turn)];
  return [px * cosine - py * sine + ox, px * sine + py * cosine + oy, z * scale + sz + oz];
}
