import { wordFlag } from '../program/block.ts';
import type { BlockWords } from './block-words.ts';
import type { Flow } from './control.ts';
import { about, identity, type Point, rotation, scaling } from './frame.ts';
import type { Once } from './iso-codes.ts';
import type { IsoCoordinates } from './iso-coordinates.ts';
import { axisLetters } from './iso-state.ts';
import { type Roughing, TurningContours } from './turning-contours.ts';
import { TurningCycles } from './turning-cycles.ts';

/** What G codes do that hold for one block, and what sets up frames and cycles. */
export class IsoOnce {
  protected readonly machine: IsoCoordinates;
  readonly #contours: TurningContours;
  readonly #cycles: TurningCycles;

  constructor(machine: IsoCoordinates) {
    this.machine = machine;
    this.#contours = new TurningContours(machine);
    this.#cycles = new TurningCycles(machine);
  }

  run(once: Once, words: BlockWords): Flow {
    switch (once) {
      case 'data':
        return this.#data(words);
      case 'home':
        return this.home(words, this.machine.options.home);
      case 'second-home':
        return this.home(words, this.machine.options.secondHome);
      case 'home-return':
        return this.#homeReturn(words);
      case 'home-check':
        this.machine.mover.rapid(this.machine.end(words), this.machine.rotaryEnd(words));
        return undefined;
      case 'machine':
        return this.#machineCoordinates(words);
      case 'local':
        return this.#local(words);
      case 'set-position':
        return this.#setPosition(words);
      case 'clear-position':
        this.machine.state.shift = [0, 0, 0];
        return this.rebuilt();
      case 'rotate':
        return this.#rotate(words);
      case 'rotate-off':
        return this.#frameOff('rotation');
      case 'scale':
        return this.#scale(words);
      case 'scale-off':
        return this.#frameOff('scaling');
      case 'mirror':
        return this.#mirror(words, true);
      case 'mirror-off':
        return this.#mirror(words, false);
      case 'probe':
        return this.#probe(words);
      case 'not-followed':
        return this.#notFollowed(words);
      case 'finish-profile':
        return this.#finish(words);
      case 'rough-along':
      case 'rough-across':
      case 'rough-copies':
        return this.#rough(roughings[once], words);
      case 'groove-along':
      case 'groove-across':
        this.#cycles.groove(words, once === 'groove-along' ? 2 : 0);
        return undefined;
      case 'thread-passes':
        this.#cycles.thread(words);
        return undefined;
      case 'settings':
        return this.#notFollowed(words);
      default:
        return undefined;
    }
  }

  /** FANUC counts P in milliseconds unless it has a point; X and U are seconds, like Okuma's and Siemens' F. */
  dwell(words: BlockWords): void {
    const { mover, options } = this.machine;
    const milliseconds = options.dialect === 'iso' || options.dialect === 'mazak';
    const p = words.take('P');
    const whole = milliseconds && !(words.flags('P') & (wordFlag.point | wordFlag.computed));
    const turns = options.dialect === 'siemens' ? words.take('S') : undefined;
    const seconds =
      (milliseconds ? this.#seconds(words) : undefined) ?? words.take('X') ?? words.take('U') ?? words.take('F');
    if (p !== undefined) mover.dwell(whole ? p / 1000 : p);
    else if (turns !== undefined) mover.dwell((turns * 60) / mover.speed);
    else if (seconds !== undefined) mover.dwell(seconds);
    words.takeAll();
  }

  /** X and U without a point count in the smallest steps of time, where lengths count in theirs. */
  #seconds(words: BlockWords): number | undefined {
    const { smallestStep } = this.machine.options;
    const letter = words.has('X') ? 'X' : 'U';
    const stepped = smallestStep !== undefined && !(words.flags(letter) & (wordFlag.point | wordFlag.computed));
    const value = stepped ? words.take(letter) : undefined;
    return value === undefined ? undefined : value / 1000;
  }

  /** G50 of a lathe: S limits the spindle, axes set the position. */
  speedLimit(words: BlockWords): void {
    const limit = words.take('S');
    if (limit !== undefined) this.machine.mover.speedLimit = limit;
    if (this.machine.hasAxes(words)) this.#setPosition(words);
    words.takeAll();
  }

  /** G31: where it touches only the machine knows. */
  #probe(words: BlockWords): Flow {
    const { mover, notes } = this.machine;
    mover.line(this.machine.end(words), this.machine.rotaryEnd(words));
    words.take('P');
    notes.add('assumed', 'probe', 'A probe is drawn to the end of its way: where it touches is not known.');
    return undefined;
  }

  /** G10 L2 and L20: work offsets. What else G10 writes is the control's business. */
  #data(words: BlockWords): Flow {
    const machine = this.machine;
    const l = words.take('L');
    const p = words.take('P') ?? 0;
    if (l !== 2 && l !== 20) {
      words.takeAll();
      machine.notes.add(
        'unsupported',
        l === undefined ? 'G10' : `G10 L${l}`,
        'G10 writes data of the control that the path does not follow.',
      );
      return undefined;
    }
    const name = l === 20 ? `G54.1 P${p}` : p === 0 ? 'external' : p <= 6 ? `G${53 + p}` : `G59.${p - 6}`;
    for (const axis of [0, 1, 2]) {
      const letter = axisLetters[axis] as string;
      const value = machine.length(words, letter);
      if (value === undefined) continue;
      const before = machine.workOffsets.get(name)?.[axis] ?? 0;
      const size = axis === 0 && machine.state.diameter ? value / 2 : value;
      machine.setOffset(name, axis, machine.isAbsolute(words, letter) ? size : before + size);
    }
    return undefined;
  }

  protected home(words: BlockWords, home: Point): Flow {
    const machine = this.machine;
    const { mover, options } = machine;
    const named = [0, 1, 2].map((axis) =>
      words.hasAny(options.lathe ? (axis === 0 ? 'XU' : axis === 1 ? 'YV' : 'ZW') : (axisLetters[axis] as string)),
    );
    const all = !named.includes(true) && !words.hasAny('ABC');
    mover.rapid(machine.end(words), machine.rotaryEnd(words));
    const target = [0, 1, 2].map((axis) => (all || named[axis] ? home[axis] : undefined));
    mover.machineMove(target, true);
    words.takeAll();
    if (target.some((value) => Number.isNaN(value)))
      machine.notes.add(
        'unknown',
        'reference point',
        'Where the reference point is, only the machine knows: axes that went there are unknown until they are programmed again.',
      );
    return undefined;
  }

  #homeReturn(words: BlockWords): Flow {
    this.machine.notes.add(
      'assumed',
      'G29',
      'G29 is shown as a rapid straight to its end; the point between is not kept.',
    );
    this.machine.mover.rapid(this.machine.end(words));
    return undefined;
  }

  /** G53: the axes of this block in machine coordinates, always absolute. */
  #machineCoordinates(words: BlockWords): Flow {
    const machine = this.machine;
    const { state, options, mover } = machine;
    mover.rotary = machine.rotaryEnd(words);
    const target = [0, 1, 2].map((axis) => {
      const value = machine.length(words, axisLetters[axis] as string);
      return value !== undefined && axis === 0 && state.diameter ? value / 2 : value;
    });
    words.takeAll();
    if (target.every((value) => value === undefined)) return undefined;
    if (options.workOffsets.size === 0)
      machine.notes.add('assumed', 'G53', 'A move in machine coordinates is drawn as if the work offset were 0.');
    machine.mover.machineMove(target, state.motion !== 'line');
    return undefined;
  }

  #local(words: BlockWords): Flow {
    const { state } = this.machine;
    const local: [number, number, number] = [...state.local];
    for (const axis of [0, 1, 2]) local[axis] = this.#offset(words, axis) ?? (local[axis] as number);
    state.local = local;
    return this.rebuilt();
  }

  #offset(words: BlockWords, axis: number): number | undefined {
    const value = this.machine.length(words, axisLetters[axis] as string);
    return value !== undefined && axis === 0 && this.machine.state.diameter ? value / 2 : value;
  }

  /** G92: where the machine stands gets these coordinates. */
  #setPosition(words: BlockWords): Flow {
    const { state, mover, notes } = this.machine;
    const shift: [number, number, number] = [...state.shift];
    for (const axis of [0, 1, 2]) {
      const value = this.#offset(words, axis);
      if (value === undefined) continue;
      const change = (mover.at[axis] as number) - value;
      if (Number.isNaN(change))
        notes.add('unknown', 'set position', 'Coordinates are set where the machine stands, which is not known.');
      else shift[axis] = (shift[axis] as number) + change;
    }
    state.shift = shift;
    words.takeAll();
    return this.rebuilt();
  }

  #rotate(words: BlockWords): Flow {
    const { state, plane, mover } = this.machine;
    const centre = this.#centre(words, mover.at);
    const angle = words.take('R') ?? 0;
    state.rotation = about(centre, rotation(plane, angle));
    return this.rebuilt();
  }

  /** The point that the words name; where they do not, the one where the machine stands. */
  #centre(words: BlockWords, here: Point): Point {
    return [0, 1, 2].map((axis) => {
      const value = this.machine.length(words, axisLetters[axis] as string);
      if (value !== undefined) return value;
      const known = here[axis] as number;
      return Number.isNaN(known) ? 0 : known;
    }) as [number, number, number];
  }

  /** P for all axes, or I J K; without a point they are thousandths. */
  #scale(words: BlockWords): Flow {
    const { state, mover } = this.machine;
    const centre = this.#centre(words, mover.at);
    const factor = (letter: string): number | undefined => {
      const value = words.take(letter);
      return value === undefined || words.flags(letter) & (wordFlag.point | wordFlag.computed) ? value : value / 1000;
    };
    const all = factor('P');
    const each = [factor('I'), factor('J'), factor('K')].map((value) => value ?? all ?? 1) as [number, number, number];
    state.scaling = about(centre, scaling(each));
    return this.rebuilt();
  }

  /** G51.1 mirrors at the coordinates of its axes; G50.1 stops it for its axes. */
  #mirror(words: BlockWords, on: boolean): Flow {
    const { state } = this.machine;
    if (!on && !words.hasAny('XYZ')) {
      state.mirror = identity;
      return this.rebuilt();
    }
    const frame = [...state.mirror];
    for (const axis of [0, 1, 2]) {
      const at = this.#offset(words, axis);
      if (at === undefined) continue;
      frame[axis * 4 + axis] = on ? -1 : 1;
      frame[axis * 4 + 3] = on ? 2 * at : 0;
    }
    state.mirror = frame;
    return this.rebuilt();
  }

  #notFollowed(words: BlockWords): Flow {
    // G0 to G3 beside it are not what is meant.
    const code = `G${(words.g.find((g) => g > 30) ?? Number.NaN) / 10}`;
    words.takeAll();
    this.machine.notes.add('unsupported', code, `${code} is not interpreted: what it moves or sets is not shown.`);
    return undefined;
  }

  #frameOff(which: 'rotation' | 'scaling'): Flow {
    this.machine.state[which] = identity;
    if (which === 'rotation') for (const tilted of tilts) this.machine.mover.doubts.delete(tilted);
    return this.rebuilt();
  }

  protected rebuilt(): Flow {
    this.machine.rebuildFrame();
    return undefined;
  }

  /** G71 to G73 rough what the blocks P to Q describe; without P and Q they only set how. */
  #rough(roughing: Roughing, words: BlockWords): Flow {
    const [from, to] = [words.take('P'), words.take('Q')];
    if (from === undefined || to === undefined) {
      this.#contours.set(roughing, words);
      return undefined;
    }
    const cut = this.#contours.cut(roughing, words);
    words.takeAll();
    if (Number.isNaN(from + to)) return undefined;
    return { kind: 'profile', from, to, finish: false, cut };
  }

  /** OSP: a contour that a label begins and G80 ends. */
  contourOf(label: string, roughing: Roughing | undefined, words: BlockWords): Flow {
    const cut = roughing && this.#contours.cut(roughing, words);
    words.takeAll();
    return { kind: 'profile', from: label, to: { code: 800 }, finish: cut === undefined, cut };
  }

  /** G70 finishes along the blocks P to Q. */
  #finish(words: BlockWords): Flow {
    const [from, to] = [words.take('P'), words.take('Q')];
    words.takeAll();
    if (from === undefined || to === undefined || Number.isNaN(from + to)) return undefined;
    return { kind: 'profile', from, to, finish: true };
  }
}

/** What G69 takes back. */
const tilts = ['G68.1', 'G68.2', 'G68.3', 'G68.4', 'G53.1', 'G268'];
const roughings = { 'rough-along': 'along', 'rough-across': 'across', 'rough-copies': 'copies' } as const;
