import { limits } from '../../domain/limits.ts';
import type { BlockWords } from './block-words.ts';
import type { IsoCoordinates } from './iso-coordinates.ts';
import { segmentFlag } from './toolpath.ts';

type Thread = {
  /** The drive line, at which the tool waits. */
  x: number;
  y: number;
  from: number;
  to: number;
  /** From the drive line to the peak of the thread, with its sign. */
  peak: number;
  first: number;
  depth: number;
  /** 1: each pass cuts as deep as the one before; 2: as large an area. */
  degression: number;
  slope: number;
  springs: number;
  taper: number;
  /** Bit 1: a taper at the beginning, bit 2: at the end. */
  ends: number;
};

/** G76 of LinuxCNC: passes that come in along one flank, then spring passes at the whole depth. */
export function linuxcncThread(machine: IsoCoordinates, words: BlockWords): void {
  const { mover } = machine;
  const thread = read(machine, words);
  const { feed, feedMode } = mover;
  mover.feed = machine.length(words, 'P') ?? Number.NaN;
  mover.feedMode = 'per-revolution';
  words.takeAll();
  if (!Object.values(thread).every(Number.isFinite) || !(thread.first > 0) || !(thread.degression > 0)) {
    machine.notes.add('unknown', 'G76', 'The depth of this thread or its end is not known, so that it is not shown.');
  } else {
    mover.inCycle = true;
    for (const depth of depths(thread)) pass(machine, thread, depth);
    mover.rapid([thread.x, thread.y, thread.to]);
    mover.inCycle = false;
  }
  mover.feed = feed;
  mover.feedMode = feedMode;
}

function read(machine: IsoCoordinates, words: BlockWords): Thread {
  const length = (letter: string): number => machine.length(words, letter) ?? 0;
  // Under G7 these are diameters too.
  const across = (letter: string): number => length(letter) * (machine.state.diameter ? 0.5 : 1);
  const [x, y, from] = machine.mover.at;
  return {
    x,
    y,
    from,
    to: machine.target(words, 2),
    peak: across('I'),
    first: Math.abs(across('J')),
    depth: Math.abs(across('K')),
    degression: words.take('R') ?? 1,
    slope: Math.tan(((words.take('Q') ?? 0) * Math.PI) / 180),
    springs: Math.min(words.take('H') ?? 0, limits.ncPathPieces),
    taper: Math.abs(length('E')),
    ends: words.take('L') ?? 0,
  };
}

function depths({ first, depth, degression, springs }: Thread): number[] {
  const list: number[] = [];
  for (let pass = 1; pass <= limits.ncPathPieces; pass++) {
    const reached = first * pass ** (1 / degression);
    if (!(reached < depth)) break;
    list.push(reached);
  }
  return [...list, ...Array.from({ length: 1 + springs }, () => depth)];
}

/** Down to the depth, along the thread with its tapers, and out. */
function pass(machine: IsoCoordinates, thread: Thread, depth: number): void {
  const { mover } = machine;
  const { x, y, from, to, peak, depth: whole, slope, taper, ends } = thread;
  const [inwards, along] = [Math.sign(peak) || 1, Math.sign(to - from) || 1];
  const cut = x + peak + inwards * depth;
  const waits = x - inwards * (whole - depth);
  const start = from + along * depth * slope;
  const end = to - along * (whole - depth) * slope;
  const feed = (toX: number, toZ: number) => mover.line([toX, y, toZ], undefined, segmentFlag.synchronous);
  mover.rapid([waits, y, start]);
  if (ends & 1) {
    mover.line([cut - inwards * whole, y, start]);
    feed(cut, start + along * taper);
  } else mover.rapid([cut, y, start]);
  feed(cut, ends & 2 ? end - along * taper : end);
  if (ends & 2) feed(cut - inwards * whole, end);
  mover.rapid([waits, y, end]);
}
