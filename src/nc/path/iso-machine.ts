import type { Expression } from '../program/expression.ts';
import type { Statement } from '../program/statement.ts';
import type { Arc } from './arc.ts';
import type { BlockWords } from './block-words.ts';
import type { Address, Control, Flow } from './control.ts';
import { drillHole, type Hole } from './drilling.ts';
import type { Point } from './frame.ts';
import { type CodeMeaning, type CodeTable, codesOf, type Once } from './iso-codes.ts';
import { IsoCoordinates } from './iso-coordinates.ts';
import { IsoCycles } from './iso-cycles.ts';
import { IsoOnce } from './iso-once.ts';
import { centreLetters } from './iso-state.ts';
import { IsoTurning } from './iso-turning.ts';
import type { Notes } from './notes.ts';
import type { PathOptions } from './options.ts';
import { toNumber, type Value } from './values.ts';

/** A control that reads G codes: FANUC, Haas, Hurco, Mazak EIA; Siemens, Okuma and DIN/ISO build on it. */
export class IsoMachine extends IsoCoordinates implements Control {
  readonly #codes: CodeTable;
  protected readonly once: IsoOnce;
  readonly #cycles: IsoCycles;
  readonly #turning: IsoTurning;

  constructor(options: PathOptions, notes: Notes, codes = codesOf(options)) {
    super(options, notes);
    this.#codes = codes;
    this.once = this.onceOf();
    this.#cycles = new IsoCycles(this);
    this.#turning = new IsoTurning(this);
    this.state.scale = options.unitAtStart === 'inch' ? 25.4 : 1;
    this.state.diameter = options.lathe;
    if (options.lathe) {
      this.state.plane = 18;
      this.mover.feedMode = 'per-revolution';
    }
    this.setWork('G54');
  }

  protected onceOf(): IsoOnce {
    return new IsoOnce(this);
  }

  /** One block: first what lasts, then what moves. */
  block(words: BlockWords, statements: readonly Statement[], compute: (expression: Expression) => Value): Flow {
    const addresses = this.statements(statements, compute);
    const meanings = words.g.map((code) => this.#meaning(code)).filter((meaning) => meaning !== undefined);
    for (const meaning of meanings) if (meaning.does === 'unit') this.state.scale = meaning.scale;
    const once = meanings.find((meaning) => meaning.does === 'once');
    if (once?.once === 'dwell') this.once.dwell(words);
    else if (once?.once === 'speed-limit') this.once.speedLimit(words);
    this.#technology(words);
    for (const meaning of meanings) this.#lasting(meaning, words);
    const flow = once ? this.once.run(once.once, words) : undefined;
    const settings = meanings.some((meaning) => meaning.does === 'doubt' && meaning.settings && !meaning.off);
    if (!settings && (!once || !takesAxes.has(once.once))) this.#move(words, meanings, addresses);
    this.#reportUntaken(words);
    return flow;
  }

  /** What the block has beside words. Returns the addresses of several letters that its motion may use. */
  protected statements(statements: readonly Statement[], compute: (expression: Expression) => Value): Address[] {
    const addresses: Address[] = [];
    for (const statement of statements) {
      if (statement.kind === 'address')
        addresses.push({ name: statement.name, value: toNumber(compute(statement.value)) });
      else if (statement.kind === 'program-start' && statement.units)
        this.state.scale = statement.units === 'inch' ? 25.4 : 1;
      else if (moves.has(statement.kind)) {
        const what = 'name' in statement ? `${statement.name}` : statement.kind;
        this.notes.add('unsupported', what, `${what} is not interpreted.`);
      }
    }
    return addresses;
  }

  changeTool(name: string): void {
    this.mover.toolChange(name);
    this.state.nextTool = undefined;
  }

  applyLength(): void {
    const { lengthOn, lengthNumber } = this.state;
    this.mover.setToolLength(lengthOn ? (this.toolLengths.get(lengthNumber) ?? 0) : 0);
  }

  #meaning(code: number): CodeMeaning | undefined {
    const meaning = this.#codes.get(code);
    if (!meaning && !macroCalls.has(code)) {
      const name = Number.isNaN(code) ? 'G' : `G${code / 10}`;
      this.notes.add('unsupported', name, `${name} is not interpreted.`);
    }
    return meaning;
  }

  /** F, S, T and M6, which hold from this block on. */
  #technology(words: BlockWords): void {
    const feed = words.take('F');
    if (feed !== undefined) this.mover.feed = this.mover.feedMode === 'inverse-time' ? feed : feed * this.state.scale;
    const speed = words.take('S');
    if (speed !== undefined) this.#speed(speed, words);
    const tool = words.take('T');
    if (tool !== undefined) this.#tool(tool);
    if (words.m.includes(6))
      this.changeTool(this.state.nextTool ?? (this.mover.path.tools[this.mover.path.tool] as string));
  }

  #speed(speed: number, words: BlockWords): void {
    if (words.g.includes(960)) this.mover.surfaceSpeed = this.#surface(speed);
    else if (this.mover.surfaceSpeed !== undefined && !words.g.includes(970))
      this.mover.surfaceSpeed = this.#surface(speed);
    else this.mover.speed = speed;
  }

  /** Metres a minute; feet a minute in inch programs. */
  #surface(speed: number): number {
    return this.state.scale === 1 ? speed : speed * 0.3048;
  }

  /** Turrets change at once: T0101 is tool 1 with offset 1. Magazines wait for M6. */
  #tool(tool: number): void {
    const number = this.options.lathe && tool >= 100 ? Math.floor(tool / 100) : tool;
    const name = Number.isNaN(number) ? '?' : `${number}`;
    if (this.options.lathe) {
      if (number !== 0 && this.mover.path.tools[this.mover.path.tool] !== name) this.changeTool(name);
    } else this.state.nextTool = name;
  }

  #lasting(meaning: CodeMeaning, words: BlockWords): void {
    const { state, mover } = this;
    switch (meaning.does) {
      case 'motion':
        state.motion = meaning.motion;
        state.cycle = undefined;
        state.turning = undefined;
        return;
      case 'plane':
        state.plane = meaning.plane;
        return;
      case 'distance':
        state.absolute = meaning.absolute;
        return;
      case 'feed-mode':
        mover.feedMode = meaning.mode;
        return;
      case 'surface-speed':
        mover.surfaceSpeed = meaning.on ? (mover.surfaceSpeed ?? Number.NaN) : undefined;
        return;
      case 'compensation':
        mover.compensation = meaning.side;
        words.take('D');
        return;
      case 'length':
        state.lengthOn = meaning.on;
        state.lengthNumber = meaning.on ? (words.take('H') ?? state.lengthNumber) : 0;
        this.applyLength();
        return;
      case 'work':
        this.setWork(meaning.extended ? `${meaning.name} P${words.take('P') ?? words.take('H')}` : meaning.name);
        return;
      case 'return-level':
        state.returnsToInitial = meaning.initial;
        return;
      case 'diameter':
        state.diameter = meaning.on;
        return;
      case 'centres':
        state.absoluteCentres = meaning.absolute;
        return;
      case 'polar':
        state.polar = meaning.on ? { pole: state.absolute ? [0, 0, 0] : mover.at, radius: 0, angle: 0 } : undefined;
        return;
      case 'doubt':
        this.#doubt(meaning.what, meaning.off, words);
        return;
      case 'cycle-off':
        state.cycle = undefined;
        state.turning = undefined;
        return;
      default:
        return;
    }
  }

  #doubt(what: string, off: boolean, words: BlockWords): void {
    if (off) this.mover.doubts.delete(what);
    else {
      this.mover.doubts.add(what);
      this.notes.add(
        'unsupported',
        what,
        `${what} is not interpreted: from here on the path is not where the machine goes.`,
      );
      words.takeAll();
    }
  }

  #move(words: BlockWords, meanings: readonly CodeMeaning[], addresses: readonly Address[]): void {
    const { state } = this;
    const drill = meanings.find((meaning) => meaning.does === 'cycle');
    const turning = meanings.find((meaning) => meaning.does === 'turning');
    if (turning) state.turning = { cycle: turning.cycle, x: Number.NaN, z: Number.NaN, taper: 0 };
    if (drill) this.#cycles.start(drill.cycle);
    if (state.cycle && (drill || words.hasAny('XYZRABC'))) this.#drill(words);
    else if (!this.hasAxes(words) && !this.#isArcWithoutAxes(words) && addresses.length === 0) return;
    else if (state.turning) this.#turning.cycle(words);
    else if (state.motion === 'rapid') this.mover.rapid(this.end(words), this.rotaryEnd(words));
    else if (state.motion === 'line') this.mover.line(this.end(words), this.rotaryEnd(words));
    else if (state.motion === 'thread') this.#turning.thread(words);
    else if (state.motion === 'none') this.#noMotion(words);
    else if (state.motion === 'clockwise' || state.motion === 'counter-clockwise') this.#arc(words, addresses);
    else this.curve(words, state.motion);
  }

  /** A motion that only LinuxCNC has. */
  protected curve(words: BlockWords, motion: 'cubic' | 'quadratic' | 'nurbs'): void {
    words.takeAll();
    this.notes.add('unsupported', motion, `A ${motion} curve is not interpreted.`);
  }

  #noMotion(words: BlockWords): void {
    if (!this.hasAxes(words)) return;
    words.takeAll();
    this.notes.add('assumed', 'axis words', 'Axis words before the first G0 or G1 are taken as a rapid.');
    this.mover.rapid(this.end(words), this.rotaryEnd(words));
  }

  #isArcWithoutAxes(words: BlockWords): boolean {
    const { motion } = this.state;
    return (motion === 'clockwise' || motion === 'counter-clockwise') && words.hasAny(centreLetters);
  }

  #drill(words: BlockWords): void {
    const repeats = words.take('L') ?? words.take('K') ?? 1;
    for (let time = 0; time < Math.min(repeats, 10_000); time++) {
      const hole = this.#cycles.hole(words);
      if (!hole) return;
      this.#drillOver(this.end(words), hole);
    }
  }

  /** What comes before the move over a hole. */
  protected beforeHole(_hole: Hole): void {}

  /** A hole of the cycle that is on, at a point of the plane. */
  protected drillAt(words: BlockWords, [first, second]: readonly [number, number]): void {
    const hole = this.#cycles.hole(words);
    if (!hole) return;
    const over: [number, number, number] = [...this.mover.at];
    over[this.drillPlane[0]] = first;
    over[this.drillPlane[1]] = second;
    this.#drillOver(over, hole);
  }

  #drillOver(point: Point, hole: Hole): void {
    this.beforeHole(hole);
    const over: [number, number, number] = [...point];
    over[this.drillPlane[2]] = this.mover.at[this.drillPlane[2]] as number;
    drillHole(this.mover, this.drillPlane, over, hole);
  }

  #arc(words: BlockWords, addresses: readonly Address[]): void {
    const clockwise = this.state.motion === 'clockwise';
    const to = this.end(words);
    const rotary = this.rotaryEnd(words);
    const arc = this.arcTo(words, to, clockwise, addresses);
    if (arc) {
      this.#checkArc(arc);
      this.mover.arc(arc, arc.sweep < 0, rotary);
      return;
    }
    const unknown = [...to, ...this.mover.at].some(Number.isNaN);
    if (!unknown)
      this.notes.add(
        'wrong',
        'arc',
        'This arc has no centre, or a radius that does not reach its end: a line is drawn.',
      );
    this.mover.line(to, rotary);
  }

  #checkArc({ startRadius, endRadius }: Arc): void {
    if (Math.abs(startRadius - endRadius) > 0.02 + startRadius * 0.001)
      this.notes.add(
        'wrong',
        'arc end',
        'The end of this arc is not on its circle: controls refuse it or run a spiral.',
      );
  }

  #reportUntaken(words: BlockWords): void {
    for (const name of words.extended.keys())
      this.notes.add('unsupported', `${name}=`, `The address ${name}= is not interpreted.`);
    for (const letter of words.untaken()) {
      if (harmless.has(letter)) continue;
      this.notes.add('unsupported', `word ${letter}`, `The word ${letter} of this block is not interpreted.`);
    }
  }
}

const moves = new Set<Statement['kind']>(['cycle', 'cycle-call', 'path-function', 'frame', 'tool']);
/** Statements of the block run these. */
const macroCalls = new Set([650, 660, 661, 670, 790]);
/** They choose an offset and move nothing by themselves. */
const harmless = new Set(['D', 'H', 'O', 'N']);
const takesAxes: ReadonlySet<Once> = new Set<Once>([
  'data',
  'home',
  'home-return',
  'second-home',
  'machine',
  'local',
  'set-position',
  'rotate',
  'scale',
  'mirror',
  'mirror-off',
  'finish-profile',
  'rough-along',
  'rough-across',
  'rough-copies',
  'groove-along',
  'groove-across',
  'thread-passes',
  'settings',
  'speed-limit',
  'not-followed',
  'tool-offset',
  'probe',
  'rigid-tap',
]);
