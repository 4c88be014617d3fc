import { wordFlag } from '../program/block.ts';
import type { Expression } from '../program/expression.ts';
import type { Parameter, Statement } from '../program/statement.ts';
import type { BlockWords } from './block-words.ts';
import type { Control, Flow } from './control.ts';
import { type PlaneAxes, type PlaneCode, type Point, planes } from './frame.ts';
import { heidenhainCode, heidenhainMachineMove } from './heidenhain-codes.ts';
import { cycleValues, feedScale, HeidenhainCycles } from './heidenhain-cycles.ts';
import { HeidenhainFrame } from './heidenhain-frame.ts';
import { axisLetters, rotaryLetters } from './iso-state.ts';
import { type Contour, KlartextContour } from './klartext-contour.ts';
import { klartextPattern } from './klartext-patterns.ts';
import { KlartextShifts } from './klartext-shifts.ts';
import { Mover } from './mover.ts';
import { compensated, type Notes } from './notes.ts';
import type { PathOptions } from './options.ts';
import { toNumber, type Value } from './values.ts';

type Compute = (expression: Expression) => Value;
type Of<K extends Statement['kind']> = Extract<Statement, { kind: K }>;

/** A Heidenhain TNC that reads Klartext. */
export class KlartextMachine implements Control {
  readonly mover: Mover;
  readonly #notes: Notes;
  readonly #frame = new HeidenhainFrame();
  readonly #cycles: HeidenhainCycles;
  readonly #contour: KlartextContour;
  readonly #shifts: KlartextShifts;
  #plane: PlaneCode = 17;
  #scale: number;
  /** M89: the cycle runs after every positioning block. */
  #callsAlways = false;
  #pattern: readonly Point[] = [];
  /** F of the tool call, for F AUTO. */
  #toolFeed = Number.NaN;
  #cornerFeed: number | undefined;

  constructor(options: PathOptions, notes: Notes) {
    this.#notes = notes;
    this.mover = new Mover(options, notes);
    this.#scale = options.unitAtStart === 'inch' ? 25.4 : 1;
    this.#cycles = new HeidenhainCycles(this.mover);
    this.#contour = new KlartextContour(this.mover);
    this.#shifts = new KlartextShifts(this.mover, this.#frame);
  }

  block(words: BlockWords, statements: readonly Statement[], compute: Compute): Flow {
    const addresses = new Map<string, number>();
    for (const statement of statements)
      if (statement.kind === 'address') addresses.set(statement.name, toNumber(compute(statement.value)));
    if (!statements.some(({ kind }) => kind === 'cycle')) this.#technology(words, statements, addresses);
    for (const statement of statements) this.#statement(statement, words, addresses, compute);
    this.#report(words, addresses);
    return undefined;
  }

  /** Klartext has no variables that stand for the control's own values. */
  readSystem(): undefined {
    return undefined;
  }

  writeSystem(): boolean {
    return false;
  }

  get #axes(): PlaneAxes {
    return planes[this.#plane];
  }

  #technology(words: BlockWords, statements: readonly Statement[], addresses: Map<string, number>): void {
    const { mover } = this;
    mover.path.isInch = this.#scale !== 1;
    const speed = words.take('S');
    if (speed !== undefined) mover.speed = speed;
    const feed = scaled(words.take('F'), feedScale(this.#scale));
    const corner = statements.some((one) => one.kind === 'path-function' && (one.name === 'RND' || one.name === 'CHF'));
    this.#cornerFeed = corner ? feed : undefined;
    if (feed !== undefined && !corner) mover.feed = feed;
    if (statements.some(({ kind }) => kind === 'tool')) this.#toolFeed = feed ?? this.#toolFeed;
    if (addresses.delete('FAUTO')) mover.feed = this.#toolFeed;
    const turn = addresses.get('FU');
    if (turn !== undefined) mover.feed = turn * this.#scale * mover.speed;
    addresses.delete('FU');
    // How many teeth a tool has stands in a table of the control.
    if (addresses.has('FZ')) mover.feed = Number.NaN;
    for (const code of words.m) heidenhainCode(code, mover, this.#axes);
  }

  #doubt(what: string): void {
    this.mover.doubts.add(what);
    this.#notes.add(
      'unsupported',
      what,
      `${what} is not interpreted: from here on the path is not where the machine goes.`,
    );
  }

  #statement(statement: Statement, words: BlockWords, addresses: Map<string, number>, compute: Compute): void {
    switch (statement.kind) {
      case 'program-start':
        if (statement.units) this.#scale = statement.units === 'inch' ? 25.4 : 1;
        return;
      case 'tool':
        this.#tool(statement, compute);
        return;
      case 'path-function':
        this.#path(statement, words, addresses);
        return;
      case 'cycle':
        this.#cycle(statement, words, compute);
        return;
      case 'cycle-call':
        this.#call(statement.via, words);
        return;
      case 'frame':
        this.#transformation(statement.name, words, addresses);
        return;
      case 'blank-form':
        words.takeAll();
        return;
      case 'other':
        this.#other(statement);
        return;
      default:
        return;
    }
  }

  #tool({ via, tool, axis }: Of<'tool'>, compute: Compute): void {
    if (via !== 'TOOL CALL') return;
    if (axis === 'X' || axis === 'Y' || axis === 'Z') this.#plane = axis === 'Z' ? 17 : axis === 'Y' ? 18 : 19;
    const name = `${compute(tool) ?? ''}`;
    if (name !== '') this.mover.toolChange(name === 'NaN' ? '?' : name);
  }

  #path(statement: Of<'path-function'>, words: BlockWords, addresses: Map<string, number>): void {
    const { mover } = this;
    const { compensation, name } = statement;
    if (compensation !== undefined) mover.compensation = compensation === 'R0' ? 0 : compensation === 'RL' ? 1 : 2;
    if (mover.compensation !== 0) compensated(this.#notes);
    if (words.m.includes(91) || words.m.includes(92)) {
      heidenhainMachineMove(words, this.mover, this.#scale, statement.rapid);
      return;
    }
    const contour: Contour = {
      name,
      plane: this.#axes,
      to: this.#end(words),
      rotary: this.#rotary(words),
      given: [0, 1, 2].filter((axis) => words.has(axisLetters[axis] as string)),
      radius: scaled(words.take('R'), this.#scale),
      rotation: statement.rotation,
      rapid: statement.rapid,
      feed: this.#cornerFeed,
      address: (key) => this.#address(addresses, key),
    };
    this.#contour.run(contour);
    if (this.#callsAlways && positions.has(name) && !words.m.includes(99)) this.#cycles.call(this.#axes);
  }

  /** Takes it, so that what nobody took can be reported. Angles stay, lengths become millimetres. */
  #address(addresses: Map<string, number>, key: string): number | undefined {
    const value = addresses.get(key);
    addresses.delete(key);
    return value === undefined || key.endsWith('PA') ? value : value * this.#scale;
  }

  #end(words: BlockWords): Point {
    return [0, 1, 2].map((axis) => this.#coordinate(words, axisLetters[axis] as string, this.mover.at[axis])) as [
      number,
      number,
      number,
    ];
  }

  #coordinate(words: BlockWords, letter: string, here = Number.NaN): number {
    const value = scaled(words.take(letter), this.#scale);
    if (value === undefined) return here;
    return words.flags(letter) & wordFlag.incremental ? here + value : value;
  }

  #rotary(words: BlockWords): Point {
    const { rotary } = this.mover;
    if (!words.hasAny(rotaryLetters)) return rotary;
    return [0, 1, 2].map((axis) => {
      const letter = rotaryLetters[axis] as string;
      const value = words.take(letter);
      const here = rotary[axis] as number;
      if (value === undefined) return here;
      return words.flags(letter) & wordFlag.incremental ? here + value : value;
    }) as [number, number, number];
  }

  #cycle({ name, parameters }: Of<'cycle'>, words: BlockWords, compute: Compute): void {
    const [, kind, number = '', part = ''] = /^(CYCL DEF|TCH PROBE) (\d+)(?:\.(\d))?$/.exec(name) ?? [];
    if (kind !== 'CYCL DEF')
      this.#notes.add('unsupported', name, `${name} is not interpreted: what it moves is not shown.`);
    else if (this.#shifts.takes(number))
      this.#shifts.cycle(number, part, words, parameters, compute, this.#scale, this.#axes);
    else if (number === '9') this.#dwell(parameters, compute);
    else if (part !== '') this.#oldCycle(number, words, parameters, compute);
    else if (!harmless.has(number))
      this.#cycles.define(number, cycleValues(parameters, compute, this.#scale), this.#axes);
    words.takeAll();
  }

  #dwell(parameters: readonly Parameter[], compute: Compute): void {
    for (const { value } of parameters) this.mover.dwell(toNumber(compute(value)));
  }

  #oldCycle(number: string, words: BlockWords, parameters: readonly Parameter[], compute: Compute): void {
    if (harmless.has(number)) return;
    const values = cycleValues(parameters, compute, this.#scale);
    const feed = words.take('F');
    if (feed !== undefined) values.set('F', feed * feedScale(this.#scale));
    this.#cycles.add(number, values);
  }

  #call(via: string, words: BlockWords): void {
    if (via === 'M89') {
      this.#callsAlways = true;
      this.#cycles.call(this.#axes);
    } else if (via === 'CYCL CALL PAT') this.#callPattern();
    else if (via === 'CYCL CALL POS') this.#callAt(this.#end(words));
    else {
      this.#callsAlways = false;
      this.#cycles.call(this.#axes);
    }
  }

  #callAt(point: Point): void {
    const third = this.#axes[2];
    const over: [number, number, number] = [...point];
    over[third] = this.mover.at[third] as number;
    this.mover.rapid(over);
    const lift = point[third] === this.mover.at[third] ? 0 : (point[third] as number);
    this.#cycles.call(this.#axes, lift);
  }

  #callPattern(): void {
    if (this.#pattern.length === 0)
      this.#notes.add(
        'unsupported',
        'CYCL CALL PAT',
        'The points of this pattern are not read: its holes are not shown.',
      );
    for (const point of this.#pattern) this.#callAt(point);
  }

  #transformation(name: string, words: BlockWords, addresses: Map<string, number>): void {
    if (name === 'PLANE RESET') this.mover.doubts.delete('PLANE');
    else if (name.startsWith('PLANE')) {
      const angles = ['SPA', 'SPB', 'SPC'].map((key) => addresses.get(key) ?? 0);
      if (name !== 'PLANE SPATIAL' || angles.some((angle) => angle !== 0)) this.#doubt('PLANE');
      else this.mover.doubts.delete('PLANE');
      addresses.clear();
    } else if (name.startsWith('TRANS')) this.#shifts.trans(name, words, addresses, this.#scale, this.#axes);
  }

  #other({ keyword, parameters }: Of<'other'>): void {
    const [first] = parameters;
    const text = first?.value.kind === 'text' ? first.value.value : '';
    if (keyword === 'PATTERN') {
      this.#pattern = klartextPattern(text, this.#scale, this.mover.at);
      if (this.#pattern.length > 0) return;
    }
    if (keyword === 'FUNCTION' && /^MODE\s+TURN/i.test(text)) this.#doubt('FUNCTION MODE TURN');
    else if (/^MODE\s+MILL/i.test(text)) this.mover.doubts.delete('FUNCTION MODE TURN');
    else if (keyword === 'POLARKIN') this.#doubt(keyword);
    else if (/^RESET\s+TCPM/i.test(text)) this.mover.doubts.delete('FUNCTION TCPM');
    else if (/^TCPM/i.test(text)) this.#doubt('FUNCTION TCPM');
    else if (keyword !== 'STOP')
      this.#notes.add('unsupported', keyword, `${keyword} is not interpreted: what it changes is not shown.`);
  }

  #report(words: BlockWords, addresses: ReadonlyMap<string, number>): void {
    for (const name of addresses.keys())
      if (!silent.has(name)) this.#notes.add('unsupported', name, `The word ${name} of this block is not interpreted.`);
    for (const letter of words.untaken())
      this.#notes.add('unsupported', `word ${letter}`, `The word ${letter} of this block is not interpreted.`);
  }
}

const scaled = (value: number | undefined, scale: number): number | undefined => value && value * scale;

/** Path functions after which M89 runs the cycle. */
const positions = new Set(['L', 'LP', 'POS']);
/** Cycles that move nothing: orientation, tolerance, preset by the table is noted by itself. */
const harmless = new Set(['13', '32', '239']);
/** Oversizes and surface normals: they change where the centre runs, not the programmed path. */
const silent = new Set(['DL', 'DR', 'DR2', 'NX', 'NY', 'NZ', 'TX', 'TY', 'TZ']);
