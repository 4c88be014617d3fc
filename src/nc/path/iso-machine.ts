import type { Expression } from '../program/expression.ts';
import type { Statement } from '../program/statement.ts';
import { angledEnd } from './angled-line.ts';
import type { Arc } from './arc.ts';
import type { BlockWords } from './block-words.ts';
import { codesOf } from './codes-of.ts';
import type { Address, Control, Flow } from './control.ts';
import { drillHole, type Hole } from './drilling.ts';
import type { Point } from './frame.ts';
import { haasHoles, mazakHoles } from './hole-patterns.ts';
import { type CodeMeaning, type CodeTable, takesAxes } from './iso-codes.ts';
import { IsoCoordinates } from './iso-coordinates.ts';
import { IsoCycles } from './iso-cycles.ts';
import { IsoLines } from './iso-lines.ts';
import { IsoOnce } from './iso-once.ts';
import { centreLetters } from './iso-state.ts';
import { IsoTechnology } from './iso-technology.ts';
import { IsoTurning } from './iso-turning.ts';
import { compensated, type Notes } from './notes.ts';
import type { PathOptions } from './options.ts';
import { toNumber, type Value } from './values.ts';

/** A control that reads G codes: FANUC, Haas, Hurco, Mazak EIA; Siemens, Okuma and DIN/ISO build on it. */
export class IsoMachine extends IsoCoordinates implements Control {
  readonly #codes: CodeTable;
  protected readonly once: IsoOnce;
  readonly #cycles: IsoCycles;
  readonly #turning: IsoTurning;
  readonly #technology: IsoTechnology;
  readonly #lines: IsoLines;

  constructor(options: PathOptions, notes: Notes, codes = codesOf(options)) {
    super(options, notes);
    this.#codes = codes;
    this.once = this.onceOf();
    this.#cycles = new IsoCycles(this);
    this.#turning = new IsoTurning(this);
    this.#lines = new IsoLines(this);
    this.#technology = new IsoTechnology(this);
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
    const unknown: string[] = [];
    const meanings = this.#meanings(words.g, unknown);
    for (const code of unknown) this.mover.doubts.add(code);
    for (const meaning of meanings) if (meaning.does === 'unit') this.state.scale = meaning.scale;
    this.mover.path.isInch = this.state.scale !== 1;
    const once = meanings.find((meaning) => meaning.does === 'once');
    if (once?.once === 'dwell') this.once.dwell(words);
    else if (once?.once === 'speed-limit') this.once.speedLimit(words);
    else if (once?.once === 'holes') this.#holes(words);
    this.#technology.block(words);
    if (meanings.some(({ does }) => does === 'nothing')) for (const letter of 'PQRE') words.take(letter);
    for (const meaning of meanings) this.#lasting(meaning, words);
    const flow = once ? this.once.run(once.once, words) : undefined;
    const settings = meanings.some((meaning) => meaning.does === 'doubt' && meaning.settings && !meaning.off);
    if (!settings && (!once || !takesAxes.has(once.once))) this.#move(words, meanings, addresses);
    for (const code of unknown) this.mover.doubts.delete(code);
    if (this.state.motion !== 'line' || once) this.#reportCorners(addresses);
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

  applyLength(): void {
    const { lengthOn, lengthNumber } = this.state;
    this.mover.setToolLength(lengthOn ? (this.toolLengths.get(lengthNumber) ?? 0) : 0);
  }

  /** What moves in the block of a code that is `unknown` may be no such move. */
  #meanings(codes: readonly number[], unknown: string[]): CodeMeaning[] {
    const meanings: CodeMeaning[] = [];
    for (const code of codes) {
      const meaning = this.#codes.get(code);
      if (meaning) meanings.push(meaning);
      if (meaning || macroCalls.has(code)) continue;
      const name = Number.isNaN(code) ? 'G' : `G${code / 10}`;
      unknown.push(name);
      this.notes.add('unsupported', name, `${name} is not interpreted.`);
    }
    return meanings;
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
        if (meaning.side !== 0) compensated(this.notes);
        words.take('D');
        return;
      case 'length':
        state.lengthOn = meaning.on;
        for (const what of ['G43.1', 'G43.4', 'G43.5', 'G234']) mover.doubts.delete(what);
        state.lengthNumber = meaning.on ? (words.take('H') ?? state.lengthNumber) : 0;
        this.applyLength();
        return;
      case 'work':
        this.setWork(this.#workName(meaning.name, meaning.extended, words));
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

  /** `G54 P3` of FANUC and Mazak is `G54.1 P3`. */
  #workName(name: string, extended: boolean, words: BlockWords): string {
    if (extended) return `${name} P${words.take('P') ?? words.take('H')}`;
    const { dialect } = this.options;
    const more = (dialect === 'iso' || dialect === 'mazak') && name === 'G54' ? words.take('P') : undefined;
    return more === undefined ? name : `G54.1 P${more}`;
  }

  #doubt(what: string, off: boolean, words: BlockWords): void {
    // G7.1 C0 takes the cylinder back.
    const none = cylinders.has(what) && words.take('C') === 0;
    if (off || none) this.mover.doubts.delete(what);
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
    else if (state.motion === 'line') this.#line(words, addresses);
    else if (state.motion === 'thread') this.#turning.thread(words);
    else if (state.motion === 'none') this.#noMotion(words);
    else if (state.motion === 'clockwise' || state.motion === 'counter-clockwise') this.#arc(words, addresses);
    else this.curve(words, state.motion);
  }

  #line(words: BlockWords, addresses: readonly Address[]): void {
    const written = this.#lines.read(words, addresses);
    const end = this.end(words);
    const to = written.angle === undefined ? end : angledEnd(this.plane, this.mover.at, end, written.angle, this.notes);
    this.mover.line(to, this.rotaryEnd(words));
    if (written.corner) this.mover.breakCorner(written.corner);
  }

  /** Curves are LinuxCNC's G5 and the NURBS of others, whose control points are joined by lines. */
  protected curve(words: BlockWords, motion: 'cubic' | 'quadratic' | 'nurbs'): void {
    for (const letter of 'PKRIJ') words.take(letter);
    this.notes.add('unsupported', motion, `A ${motion} curve is not interpreted: its points are joined by lines.`);
    this.mover.doubts.add(motion);
    this.mover.line(this.end(words), this.rotaryEnd(words));
    this.mover.doubts.delete(motion);
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
    // Beside I it is the least peck of a Haas.
    const repeats = words.take('L') ?? (words.has('I') ? undefined : words.take('K')) ?? 1;
    // G81 with L0 says how the holes of the next blocks are.
    if (repeats === 0) {
      this.#cycles.hole(words);
      words.takeAll();
    }
    if (!this.makesHole()) {
      this.#cycles.hole(words);
      this.mover.rapid(this.#over(this.end(words)), this.rotaryEnd(words));
      return;
    }
    for (let time = 0; time < Math.min(repeats, 10_000); time++) {
      const hole = this.#cycles.hole(words);
      if (!hole) return;
      this.#drillOver(this.end(words), hole, this.rotaryEnd(words));
    }
  }

  /** G70 to G72 of Haas, G34.1 to G37.1 of Mazak: the cycle that is on, at points around or beside the one where the tool is. */
  #holes(words: BlockWords): void {
    const points = this.options.dialect === 'mazak' ? mazakHoles(this, words) : haasHoles(this, words);
    if (points && !this.state.cycle)
      this.notes.add('wrong', 'holes', 'A pattern of holes needs a cycle that is on: nothing is shown.');
    for (const point of points ?? []) this.drillAt(words, point);
    words.takeAll();
  }

  /** Whether the cycle that is on makes its hole in this block. */
  protected makesHole(): boolean {
    return true;
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

  #drillOver(point: Point, hole: Hole, rotary?: Point): void {
    this.beforeHole(hole);
    drillHole(this.mover, this.drillPlane, this.#over(point), hole, rotary);
  }

  /** At the level where the tool is. */
  #over(point: Point): Point {
    const over: [number, number, number] = [...point];
    over[this.drillPlane[2]] = this.mover.at[this.drillPlane[2]] as number;
    return over;
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
    const [first, second] = this.plane;
    const { at } = this.mover;
    const unknown = Number.isNaN(to[first] + to[second] + at[first] + at[second]);
    if (!unknown && this.mover.doubts.size === 0)
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

  #reportCorners(addresses: readonly Address[]): void {
    for (const { name } of addresses)
      if (name.startsWith(',')) this.notes.add('unsupported', name, `${name} is interpreted behind lines only.`);
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

/** Their word C is the radius. */
const cylinders = new Set(['G7.1', 'G107']);
const moves = new Set<Statement['kind']>(['cycle', 'cycle-call', 'path-function', 'frame', 'tool']);
/** Statements of the block run these. */
const macroCalls = new Set([650, 660, 661, 670]);
/** They choose an offset and move nothing by themselves. */
const harmless = new Set(['D', 'H', 'O', 'N']);
