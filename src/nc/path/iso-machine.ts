import { wordFlag } from '../program/block.ts';
import type { Expression } from '../program/expression.ts';
import type { Statement } from '../program/statement.ts';
import { type Arc, arcAround, arcOfRadius } from './arc.ts';
import type { BlockWords } from './block-words.ts';
import type { Address, Control, Flow } from './control.ts';
import { drillHole } from './drilling.ts';
import { compose, type PlaneAxes, type Point, planes, sineCosine } from './frame.ts';
import { type CodeMeaning, type CodeTable, codesOf, type Once } from './iso-codes.ts';
import { IsoOnce } from './iso-once.ts';
import { axisLetters, centreLetters, IsoState, rotaryLetters } from './iso-state.ts';
import { Mover, stacked } from './mover.ts';
import type { Notes } from './notes.ts';
import type { PathOptions } from './options.ts';
import { toNumber, type Value } from './values.ts';

/** A control that reads G codes: FANUC, Haas, Hurco, Mazak EIA; Siemens, Okuma and DIN/ISO build on it. */
export class IsoMachine implements Control {
  readonly mover: Mover;
  readonly notes: Notes;
  readonly options: PathOptions;
  readonly state = new IsoState();
  readonly workOffsets: Map<string, Point>;
  readonly #codes: CodeTable;
  readonly #once: IsoOnce;

  constructor(options: PathOptions, notes: Notes) {
    this.options = options;
    this.notes = notes;
    this.mover = new Mover(options, notes);
    this.workOffsets = new Map(options.workOffsets);
    this.#codes = codesOf(options);
    this.#once = new IsoOnce(this);
    this.state.scale = options.unitAtStart === 'inch' ? 25.4 : 1;
    this.state.diameter = options.lathe;
    if (options.lathe) {
      this.state.plane = 18;
      this.mover.feedMode = 'per-revolution';
    }
    this.setWork('G54');
  }

  get plane(): PlaneAxes {
    return planes[this.state.plane];
  }

  /** One block: first what lasts, then what moves. */
  block(words: BlockWords, statements: readonly Statement[], compute: (expression: Expression) => Value): Flow {
    const addresses = this.statements(statements, compute);
    const meanings = words.g.map((code) => this.#meaning(code)).filter((meaning) => meaning !== undefined);
    for (const meaning of meanings) if (meaning.does === 'unit') this.state.scale = meaning.scale;
    const once = meanings.find((meaning) => meaning.does === 'once');
    if (once?.once === 'dwell') this.#once.dwell(words);
    else if (once?.once === 'speed-limit') this.#once.speedLimit(words);
    this.#technology(words);
    for (const meaning of meanings) this.#lasting(meaning, words);
    const flow = once ? this.#once.run(once.once, words) : undefined;
    if (!once || !takesAxes.has(once.once)) this.#move(words, meanings, addresses);
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

  setWork(name: string): void {
    this.state.workName = name;
    this.state.work = this.workOffsets.get(name) ?? [0, 0, 0];
    this.rebuildFrame();
  }

  rebuildFrame(): void {
    const { work, external, shift, local, mirror, scaling, rotation } = this.state;
    this.mover.setFrame(stacked([external, work, shift, local], compose(rotation, compose(scaling, mirror))));
  }

  /** A length in millimetres; NaN for what only the machine knows. */
  length(words: BlockWords, letter: string): number | undefined {
    const value = words.take(letter);
    if (value === undefined) return undefined;
    const { smallestStep } = this.options;
    const stepped = smallestStep !== undefined && !(words.flags(letter) & (wordFlag.point | wordFlag.computed));
    return value * this.state.scale * (stepped ? smallestStep : 1);
  }

  /** Where an axis shall go: its word, or where it is. */
  target(words: BlockWords, axis: number): number {
    const { mover, state } = this;
    const here = mover.at[axis] as number;
    const letter = axisLetters[axis] as string;
    const factor = axis === 0 && state.diameter ? 0.5 : 1;
    const increment = this.options.lathe ? this.length(words, axis === 0 ? 'U' : axis === 2 ? 'W' : 'V') : undefined;
    if (increment !== undefined) return here + increment * factor;
    const value = this.length(words, letter);
    if (value === undefined) return here;
    return this.isAbsolute(words, letter) ? value * factor : here + value * factor;
  }

  isAbsolute(words: BlockWords, letter: string): boolean {
    const flags = words.flags(letter);
    if (flags & wordFlag.incremental) return false;
    return (flags & wordFlag.absolute) !== 0 || this.state.absolute;
  }

  end(words: BlockWords): Point {
    const point: Point = [this.target(words, 0), this.target(words, 1), this.target(words, 2)];
    return this.state.polar ? this.#polarEnd(words) : point;
  }

  rotaryEnd(words: BlockWords): Point {
    const { rotary } = this.mover;
    if (!words.hasAny(rotaryLetters)) return rotary;
    return [0, 1, 2].map((axis) => {
      const letter = rotaryLetters[axis] as string;
      const value = words.take(letter);
      const here = rotary[axis] as number;
      if (value === undefined) return here;
      return this.isAbsolute(words, letter) ? value : here + value;
    }) as [number, number, number];
  }

  hasAxes(words: BlockWords): boolean {
    return words.hasAny(this.options.lathe ? 'XYZABCUVW' : 'XYZABC');
  }

  changeTool(name: string): void {
    this.mover.toolChange(name);
    this.state.nextTool = undefined;
  }

  applyLength(): void {
    const { lengthOn, lengthNumber } = this.state;
    this.mover.setToolLength(lengthOn ? (this.options.toolLengths.get(lengthNumber) ?? 0) : 0);
  }

  readSystem(number: number): number | undefined {
    const axis = (number % 10) - 1;
    if (axis < 0 || axis > 2) return undefined;
    const family = number - axis - 1;
    if (family === 5000 || family === 5040) return this.#programmed(axis);
    if (family === 5020) return this.#programmedMachine(axis);
    const offset = this.workOffsets.get(workNameOf(number) ?? '');
    return offset ? (offset[axis] as number) / this.state.scale : undefined;
  }

  writeSystem(number: number, value: number): boolean {
    const name = workNameOf(number);
    const axis = (number % 20) - 1;
    if (name === undefined || axis > 2) return false;
    this.setOffset(name, axis, value * this.state.scale);
    return true;
  }

  setOffset(name: string, axis: number, value: number): void {
    const offset: [number, number, number] = [...(this.workOffsets.get(name) ?? [0, 0, 0])];
    offset[axis] = value;
    this.workOffsets.set(name, offset);
    if (name === 'external') this.state.external = offset;
    if (name === this.state.workName) this.state.work = offset;
    this.rebuildFrame();
  }

  #programmed(axis: number): number {
    return (this.mover.at[axis] as number) / this.state.scale;
  }

  #programmedMachine(axis: number): number {
    return (this.mover.position[axis] as number) / this.state.scale;
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
    if (drill) this.#once.startCycle(drill.cycle);
    if (state.cycle && (drill || words.hasAny('XYZRABC'))) this.#drill(words);
    else if (!this.hasAxes(words) && !this.#isArcWithoutAxes(words) && addresses.length === 0) return;
    else if (state.turning) this.#once.turn(words);
    else if (state.motion === 'rapid') this.mover.rapid(this.end(words), this.rotaryEnd(words));
    else if (state.motion === 'line') this.mover.line(this.end(words), this.rotaryEnd(words));
    else if (state.motion === 'thread') this.#once.thread(words);
    else if (state.motion === 'none') this.#noMotion(words);
    else this.#arc(words, addresses);
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
      const hole = this.#once.hole(words);
      if (!hole) return;
      const over: [number, number, number] = [...this.end(words)];
      const axis = this.plane[2];
      over[axis] = this.mover.at[axis] as number;
      drillHole(this.mover, this.plane, over, hole);
    }
  }

  #arc(words: BlockWords, addresses: readonly Address[]): void {
    const clockwise = this.state.motion === 'clockwise';
    const to = this.end(words);
    const rotary = this.rotaryEnd(words);
    const arc = this.arcTo(words, to, clockwise, addresses);
    if (arc) {
      this.#checkArc(arc);
      this.mover.arc(arc, clockwise, rotary);
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

  /** From a radius or from a centre, as the dialect writes them. */
  arcTo(words: BlockWords, to: Point, clockwise: boolean, addresses: readonly Address[]): Arc | undefined {
    const { plane } = this;
    const radius = addresses.find(({ name }) => name === 'CR');
    const turns = addresses.find(({ name }) => name === 'TURN')?.value ?? this.#turns(words);
    const r = radius
      ? radius.value * this.state.scale
      : this.length(words, this.options.dialect === 'okuma' ? 'L' : 'R');
    if (r !== undefined) return arcOfRadius(plane, this.mover.at, to, r, clockwise);
    const [first, second] = [plane[0], plane[1]].map((axis) => this.centre(words, axis));
    if (first === undefined && second === undefined) return undefined;
    const here = this.mover.at;
    const centre = [first ?? here[plane[0]], second ?? here[plane[1]]] as const;
    return arcAround(plane, here, to, centre, clockwise, Math.max(0, turns));
  }

  /** Where a centre word points: from the start of the arc, or absolute by its writing. */
  centre(words: BlockWords, axis: number): number | undefined {
    const letter = centreLetters[axis] as string;
    const value = this.length(words, letter);
    if (value === undefined) return undefined;
    return words.flags(letter) & wordFlag.absolute ? value : (this.mover.at[axis] as number) + value;
  }

  #turns(words: BlockWords): number {
    return this.options.dialect === 'iso' && words.has('P') ? (words.take('P') ?? 1) - 1 : 0;
  }

  #checkArc({ startRadius, endRadius }: Arc): void {
    if (Math.abs(startRadius - endRadius) > 0.02 + startRadius * 0.001)
      this.notes.add(
        'wrong',
        'arc end',
        'The end of this arc is not on its circle: controls refuse it or run a spiral.',
      );
  }

  #polarEnd(words: BlockWords): Point {
    const { polar, scale } = this.state;
    const [first, second, third] = this.plane;
    if (!polar) return this.mover.at;
    const radius = this.length(words, axisLetters[first] as string);
    const angle = words.take(axisLetters[second] as string);
    if (radius !== undefined) polar.radius = radius;
    if (angle !== undefined) polar.angle = this.state.absolute ? angle : polar.angle + angle;
    const [sine, cosine] = sineCosine(polar.angle);
    const point: [number, number, number] = [0, 0, 0];
    point[first] = (polar.pole[first] as number) + polar.radius * cosine;
    point[second] = (polar.pole[second] as number) + polar.radius * sine;
    const depth = words.take(axisLetters[third] as string);
    const here = this.mover.at[third] as number;
    point[third] = depth === undefined ? here : this.state.absolute ? depth * scale : here + depth * scale;
    return point;
  }

  #reportUntaken(words: BlockWords): void {
    for (const name of words.extended)
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
  'rough-profile',
]);

function workNameOf(number: number): string | undefined {
  if (number >= 5201 && number <= 5203) return 'external';
  if (number < 5221 || number > 5326 || number % 20 < 1 || number % 20 > 3) return undefined;
  return `G${54 + Math.floor((number - 5221) / 20)}`;
}
