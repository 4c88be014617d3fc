import { wordFlag } from '../program/block.ts';
import type { Expression } from '../program/expression.ts';
import type { Statement } from '../program/statement.ts';
import type { BlockWords } from './block-words.ts';
import type { Control, Flow } from './control.ts';
import { type PlaneCode, type Point, planes } from './frame.ts';
import { heidenhainCode, heidenhainMachineMove } from './heidenhain-codes.ts';
import { cycleValues, feedScale, HeidenhainCycles } from './heidenhain-cycles.ts';
import { HeidenhainFrame } from './heidenhain-frame.ts';
import { axisLetters, rotaryLetters } from './iso-state.ts';
import { type Contour, KlartextContour } from './klartext-contour.ts';
import { Mover } from './mover.ts';
import { compensated, type Notes } from './notes.ts';
import type { PathOptions } from './options.ts';
import { toNumber, type Value } from './values.ts';

type Compute = (expression: Expression) => Value;
/** What Klartext calls it, and which way it turns. */
type Motion = { name: string; rapid: boolean; rotation: 1 | -1 | 0 };

const motion = (name: string, rotation: Motion['rotation'] = 0, rapid = false): Motion => ({ name, rotation, rapid });
const motions: Record<number, Motion> = {
  0: motion('L', 0, true),
  10: motion('L'),
  20: motion('C', -1),
  30: motion('C', 1),
  50: motion('C'),
  60: motion('CT'),
  70: motion('L'),
  100: motion('LP', 0, true),
  110: motion('LP'),
  120: motion('CP', -1),
  130: motion('CP', 1),
  150: motion('CP'),
  160: motion('CTP'),
  240: motion('CHF'),
  250: motion('RND'),
  260: motion('APPR'),
  270: motion('DEP'),
};
/** For one block only. */
const once = new Set([70, 240, 250, 260, 270]);
/** They change no path: plane, stop, orientation, tolerance, cycle call, label, tool. */
const silent = new Set([170, 180, 190, 300, 310, 360, 380, 400, 410, 420, 430, 440, 510, 620, 790, 900, 910, 980, 990]);

/** A Heidenhain TNC that reads DIN/ISO: the motion of Klartext in other words. */
export class HeidenhainIsoMachine implements Control {
  readonly mover: Mover;
  readonly #notes: Notes;
  readonly #frame = new HeidenhainFrame();
  readonly #cycles: HeidenhainCycles;
  readonly #contour: KlartextContour;
  #motion = motion('L', 0, true);
  #plane: PlaneCode = 17;
  #absolute = true;
  #scale: number;

  constructor(options: PathOptions, notes: Notes) {
    this.#notes = notes;
    this.mover = new Mover(options, notes);
    this.#scale = options.unitAtStart === 'inch' ? 25.4 : 1;
    this.#cycles = new HeidenhainCycles(this.mover);
    this.#contour = new KlartextContour(this.mover);
  }

  block(words: BlockWords, statements: readonly Statement[], compute: Compute): Flow {
    this.#statements(words, statements, compute);
    this.mover.path.isInch = this.#scale !== 1;
    this.#technology(words);
    if (this.#frames(words)) return undefined;
    this.#pole(words);
    this.#oldCycle(words, statements, compute);
    if (words.m.includes(91) || words.m.includes(92))
      heidenhainMachineMove(words, this.mover, this.#scale, this.#motion.rapid || words.g.includes(0));
    else this.#move(words);
    if (words.m.includes(99) || statements.some(({ kind }) => kind === 'cycle-call'))
      this.#cycles.call(planes[this.#plane]);
    for (const letter of words.untaken())
      if (!'DLTH'.includes(letter))
        this.#notes.add('unsupported', `word ${letter}`, `The word ${letter} of this block is not interpreted.`);
    return undefined;
  }

  readSystem(): undefined {
    return undefined;
  }

  writeSystem(): boolean {
    return false;
  }

  #statements(words: BlockWords, statements: readonly Statement[], compute: Compute): void {
    for (const statement of statements) {
      if (statement.kind === 'program-start' && statement.units) this.#scale = statement.units === 'inch' ? 25.4 : 1;
      if (statement.kind === 'blank-form') words.hideAxes();
      if (statement.kind === 'tool') this.mover.toolChange(`${compute(statement.tool)}`);
      if (statement.kind !== 'cycle') continue;
      this.#cycles.define(
        statement.name.slice(1),
        cycleValues(statement.parameters, compute, this.#scale),
        planes[this.#plane],
      );
      words.takeAll();
    }
  }

  /** G83 P01 2 P02 -20 … of older controls; their other cycles are not followed. */
  #oldCycle(words: BlockWords, statements: readonly Statement[], compute: Compute): void {
    const code = words.g.find((g) => oldCycles.has(g));
    if (code === undefined) return;
    words.hideAxes();
    const values = new Map<string, number>();
    for (const statement of statements) {
      const name = statement.kind === 'address' ? oldNames[statement.name] : undefined;
      if (statement.kind !== 'address' || name === undefined) continue;
      const factor = name === 'DWELL' ? 1 : name === 'F' ? feedScale(this.#scale) : this.#scale;
      values.set(name, toNumber(compute(statement.value)) * factor);
    }
    if (code === 830) this.#cycles.add('1', values);
    else this.#cycles.define(`${code / 10}`, new Map(), planes[this.#plane]);
    words.takeAll();
  }

  #technology(words: BlockWords): void {
    const { mover } = this;
    for (const code of words.g) {
      if (code === 170 || code === 180 || code === 190) this.#plane = (code / 10) as PlaneCode;
      else if (code === 900 || code === 910) this.#absolute = code === 900;
      else if (code === 400 || code === 410 || code === 420) mover.compensation = ((code - 400) / 10) as 0 | 1 | 2;
    }
    if (mover.compensation !== 0) compensated(this.#notes);
    const dwells = words.g.includes(40);
    const feed = words.g.includes(720) ? undefined : words.take('F');
    if (feed !== undefined && dwells) mover.dwell(feed);
    else if (feed !== undefined) mover.feed = feed * feedScale(this.#scale);
    const speed = words.take('S');
    if (speed !== undefined) mover.speed = speed;
    // G62's T is a tolerance.
    const tool = words.take('T');
    if (tool !== undefined && !words.g.some((code) => namesTool.has(code)))
      mover.toolChange(Number.isNaN(tool) ? '?' : `${tool}`);
    for (const code of words.m) heidenhainCode(code, mover, planes[this.#plane]);
  }

  /** G54 shifts, G28 mirrors, G73 turns, G72 scales. True where the block is one of these. */
  #frames(words: BlockWords): boolean {
    const code = words.g.find((g) => frames.has(g));
    if (code === undefined) return false;
    if (code === 540) this.#shift(words);
    else if (code === 280)
      this.#frame.mirror = [words.has('X') ? -1 : 1, words.has('Y') ? -1 : 1, words.has('Z') ? -1 : 1];
    else if (code === 730) this.#frame.degrees = (this.#absolute ? 0 : this.#frame.degrees) + (words.take('H') ?? 0);
    else if (code === 720) this.#frame.scale = scales(words.take('F') ?? 1);
    else this.#tilted(code);
    words.takeAll();
    this.mover.setFrame(this.#frame.frame(planes[this.#plane]));
    return true;
  }

  #tilted(code: number): void {
    this.mover.doubts.add(`G${code / 10}`);
    this.#notes.add(
      'unsupported',
      `G${code / 10}`,
      'This datum or tilted plane is not interpreted: the path is not where the machine goes.',
    );
  }

  #shift(words: BlockWords): void {
    const shift: [number, number, number] = [...this.#frame.shift];
    for (const axis of [0, 1, 2]) {
      const value = words.take(axisLetters[axis] as string);
      if (value !== undefined) shift[axis] = (this.#absolute ? 0 : (shift[axis] as number)) + value * this.#scale;
    }
    this.#frame.shift = shift;
  }

  /** I, J and K set the pole; G29 sets it where the tool stands. */
  #pole(words: BlockWords): void {
    const given = [0, 1, 2].filter((axis) => words.has('IJK'[axis] as string));
    const here = words.g.includes(290);
    if (given.length === 0 && !here) return;
    const to = [0, 1, 2].map((axis) => this.#coordinate(words, 'IJK'[axis] as string, this.mover.at[axis])) as [
      number,
      number,
      number,
    ];
    this.#contour.run({ ...this.#part(words, motion('CC')), to: here ? this.mover.at : to, given: here ? [] : given });
  }

  #move(words: BlockWords): void {
    let named = this.#motion;
    for (const code of words.g) {
      const found = motions[code];
      if (found && !once.has(code)) this.#motion = found;
      if (found) named = found;
      else if (!silent.has(code) && !oldCycles.has(code) && code !== 40 && code !== 290 && !(code >= 2000))
        this.#notes.add('unsupported', `G${code / 10}`, `G${code / 10} is not interpreted.`);
    }
    const polar = named.name === 'LP' || named.name === 'CP' || named.name === 'CTP';
    const corner = named.name === 'RND' || named.name === 'CHF';
    if (!words.hasAny('XYZABC') && !(polar && words.hasAny('RH')) && !corner) return;
    const radius = !polar && named.name === 'C' && words.has('R');
    this.#contour.run(this.#part(words, radius ? { ...named, name: 'CR' } : named));
  }

  #part(words: BlockWords, { name, rapid, rotation }: Motion): Contour {
    const polar = name === 'LP' || name === 'CP' || name === 'CTP';
    const centre = name === 'CC';
    const length = (letter: string): number | undefined => {
      const value = words.take(letter);
      return value === undefined ? undefined : value * this.#scale;
    };
    return {
      name,
      plane: planes[this.#plane],
      to: centre ? this.mover.at : this.#end(words),
      rotary: centre ? this.mover.rotary : this.#rotary(words),
      given: [0, 1, 2].filter((axis) => words.has(axisLetters[axis] as string)),
      radius: polar || centre ? undefined : length('R'),
      rotation,
      rapid,
      address: (key) => {
        const more = key.startsWith('I');
        if (!polar || more === this.#absolute) return undefined;
        return key.endsWith('PA') ? words.take('H') : key.endsWith('PR') ? length('R') : undefined;
      },
    };
  }

  #end(words: BlockWords): Point {
    return [0, 1, 2].map((axis) => this.#coordinate(words, axisLetters[axis] as string, this.mover.at[axis])) as [
      number,
      number,
      number,
    ];
  }

  #coordinate(words: BlockWords, letter: string, here = Number.NaN): number {
    const value = words.take(letter);
    if (value === undefined) return here;
    const more = !this.#absolute || (words.flags(letter) & wordFlag.incremental) !== 0;
    return (more ? here : 0) + value * this.#scale;
  }

  #rotary(words: BlockWords): Point {
    const { rotary } = this.mover;
    if (!words.hasAny(rotaryLetters)) return rotary;
    return [0, 1, 2].map((axis) => {
      const value = words.take(rotaryLetters[axis] as string);
      const here = rotary[axis] as number;
      return value === undefined ? here : (this.#absolute ? 0 : here) + value;
    }) as [number, number, number];
  }
}

/** They name a tool without changing to it, or have a T of another kind. */
const namesTool = new Set([510, 620, 990]);
const oldCycles = new Set([370, 560, 570, 580, 590, 740, 750, 760, 770, 780, 830, 840, 850, 860]);
const oldNames: Readonly<Record<string, string>> = { P01: 'UP', P02: 'DEPTH', P03: 'PECKG', P04: 'DWELL', P05: 'F' };
const frames = new Set([280, 530, 540, 720, 730, 800]);
const scales = (factor: number): Point => [factor, factor, factor];
