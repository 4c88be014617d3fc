import type { BlockWords } from './block-words.ts';
import type { Flow } from './control.ts';
import type { Point } from './frame.ts';
import type { Once } from './iso-codes.ts';
import type { IsoCoordinates } from './iso-coordinates.ts';
import { IsoOnce } from './iso-once.ts';
import { axisLetters } from './iso-state.ts';
import { linuxcncThread } from './linuxcnc-thread.ts';
import { segmentFlag } from './toolpath.ts';

/** What these codes need of their machine. */
type Linuxcnc = IsoCoordinates & {
  originFor(name: string, wanted: readonly (number | undefined)[]): Point;
  probed(at: Point): void;
  endCurve(): void;
};

/** What LinuxCNC's codes do that hold for one block, where it is not what FANUC's do. */
export class LinuxcncOnce extends IsoOnce {
  readonly #linuxcnc: Linuxcnc;
  /** What G92.2 set aside and G92.3 brings back. */
  #aside: Point = [0, 0, 0];

  constructor(machine: Linuxcnc) {
    super(machine);
    this.#linuxcnc = machine;
  }

  override run(once: Once, words: BlockWords): Flow {
    const machine = this.#linuxcnc;
    const { state, mover } = machine;
    switch (once) {
      case 'data':
        return this.#write(words);
      case 'home':
        return this.home(words, state.home);
      case 'second-home':
        return this.home(words, state.secondHome);
      case 'keep-home':
        state.home = mover.position;
        return undefined;
      case 'keep-second-home':
        state.secondHome = mover.position;
        return undefined;
      case 'local':
        return this.#shift(words, ([value]) => value);
      case 'set-position':
        return this.#shift(words, ([value, here, shift]) => shift + here - value);
      case 'clear-position':
        this.#aside = [0, 0, 0];
        return this.#shiftTo([0, 0, 0]);
      case 'suspend-position':
        this.#aside = state.shift;
        return this.#shiftTo([0, 0, 0]);
      case 'restore-position':
        return this.#shiftTo(this.#aside);
      case 'tool-offset':
        return this.#toolOffset(words);
      case 'probe':
        return this.#probe(words);
      case 'rigid-tap':
        return this.#rigidTap(words);
      case 'thread-passes':
        linuxcncThread(machine, words);
        return undefined;
      case 'nurbs-end':
        machine.endCurve();
        return undefined;
      default:
        return super.run(once, words);
    }
  }

  /** The axes that the block names, as a length each. */
  #named(words: BlockWords): (number | undefined)[] {
    const machine = this.#linuxcnc;
    return [0, 1, 2].map((axis) => {
      const value = machine.length(words, axisLetters[axis] as string);
      return value !== undefined && axis === 0 && machine.state.diameter ? value / 2 : value;
    });
  }

  #shift(words: BlockWords, of: (axis: [value: number, here: number, shift: number]) => number): Flow {
    const { state, mover } = this.#linuxcnc;
    const shift: [number, number, number] = [...state.shift];
    for (const [axis, value] of this.#named(words).entries())
      if (value !== undefined) shift[axis] = of([value, mover.at[axis] as number, shift[axis] as number]);
    words.takeAll();
    this.#aside = shift;
    return this.#shiftTo(shift);
  }

  #shiftTo(shift: Point): Flow {
    this.#linuxcnc.state.shift = shift;
    return this.rebuilt();
  }

  /** G10: L2 and L20 write a coordinate system, L1 and L10 a tool. */
  #write(words: BlockWords): Flow {
    const l = words.take('L');
    const p = words.take('P') ?? 0;
    if (l === 2 || l === 20) this.#system(words, l === 20, p);
    else if (l === 1 || l === 10) this.#tool(words, l === 10, p);
    else this.#linuxcnc.notes.add('unsupported', `G10 L${l ?? '?'}`, 'What this G10 writes is not followed.');
    words.takeAll();
    return undefined;
  }

  #system(words: BlockWords, here: boolean, p: number): void {
    const machine = this.#linuxcnc;
    const { state } = machine;
    const name = p === 0 ? state.workName : p <= 6 ? `G${53 + p}` : `G59.${p - 6}`;
    const wanted = this.#named(words);
    const before = machine.workOffsets.get(name) ?? [0, 0, 0];
    const given = here ? machine.originFor(name, wanted) : wanted;
    const offset = before.map((value, axis) => (wanted[axis] === undefined ? value : (given[axis] ?? value)));
    machine.workOffsets.set(name, offset as unknown as Point);
    const turn = words.take('R');
    if (turn !== undefined) state.turns.set(name, turn);
    if (name === state.workName) machine.setWork(name);
  }

  /** Its length; with `here` the one with which the tool stands where the block says. */
  #tool(words: BlockWords, here: boolean, tool: number): void {
    const machine = this.#linuxcnc;
    const [x, , z] = this.#named(words);
    if (z !== undefined) machine.toolLengths.set(tool, here ? machine.mover.toolLength + machine.mover.at[2] - z : z);
    if (x !== undefined) machine.notes.add('unsupported', 'tool offset X', 'Offsets of a tool in X are not followed.');
    words.take('R');
  }

  /** G43.1: the offset stands in the block. */
  #toolOffset(words: BlockWords): Flow {
    const machine = this.#linuxcnc;
    const [x = 0, y = 0, z = 0] = this.#named(words);
    words.takeAll();
    if (x !== 0 || y !== 0)
      machine.notes.add('unsupported', 'tool offset X', 'Offsets of a tool in X and Y are not followed.');
    machine.mover.setToolLength(z);
    return undefined;
  }

  /** A probe is taken to run to its end, or to stop before it as the options say. */
  #probe(words: BlockWords): Flow {
    const machine = this.#linuxcnc;
    const { mover, options } = machine;
    const to = machine.end(words);
    if (!options.probe)
      machine.notes.add('assumed', 'probe', 'A probe is drawn to the end of its way: where it touches is not known.');
    mover.line(before(mover.at, to, options.probe?.short ?? 0), machine.rotaryEnd(words));
    machine.probed(to);
    machine.state.motion = 'none';
    return undefined;
  }

  /** Down and back with the spindle. */
  #rigidTap(words: BlockWords): Flow {
    const machine = this.#linuxcnc;
    const { mover } = machine;
    const from = mover.at;
    const mode = mover.feedMode;
    const lead = machine.length(words, 'K');
    const feed = mover.feed;
    mover.feedMode = 'per-revolution';
    if (lead !== undefined) mover.feed = lead;
    words.take('I');
    mover.line(machine.end(words), undefined, segmentFlag.synchronous);
    mover.line(from, undefined, segmentFlag.synchronous);
    mover.feedMode = mode;
    mover.feed = feed;
    return undefined;
  }
}

/** The point of a way that lies so far before its end. */
function before(from: Point, to: Point, short: number): Point {
  const way = Math.hypot(to[0] - from[0], to[1] - from[1], to[2] - from[2]);
  if (!(way > 0) || short === 0) return to;
  const back = (axis: 0 | 1 | 2): number => to[axis] - ((to[axis] - from[axis]) * short) / way;
  return [back(0), back(1), back(2)];
}
