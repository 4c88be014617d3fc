import { wordFlag } from '../program/block.ts';
import type { Expression } from '../program/expression.ts';
import type { Statement } from '../program/statement.ts';
import type { BlockWords } from './block-words.ts';
import type { Address, Flow } from './control.ts';
import type { Hole } from './drilling.ts';
import { apply, compose, type Point, planes, rotation, sineCosine, translation } from './frame.ts';
import { IsoMachine } from './iso-machine.ts';
import type { IsoOnce } from './iso-once.ts';
import { linuxcncCodes } from './linuxcnc-codes.ts';
import { LinuxcncCurves } from './linuxcnc-curves.ts';
import { LinuxcncModes } from './linuxcnc-modes.ts';
import { LinuxcncOnce } from './linuxcnc-once.ts';
import { LinuxcncParameters } from './linuxcnc-parameters.ts';
import type { Notes } from './notes.ts';
import type { PathOptions } from './options.ts';
import { toNumber, type Value } from './values.ts';

type Polar = { distance: number | undefined; angle: number | undefined };
const letterX = 88;
const letterY = 89;

/** LinuxCNC's interpreter, as its `rs274` answers. */
export class LinuxcncMachine extends IsoMachine {
  readonly #parameters: LinuxcncParameters;
  readonly #modes: LinuxcncModes;
  readonly #curves: LinuxcncCurves;
  #polar: Polar | undefined;

  constructor(options: PathOptions, notes: Notes) {
    super(options, notes, linuxcncCodes);
    // Without G98 a hole is left to its R level.
    this.state.returnsToInitial = false;
    this.state.diameter = false;
    this.mover.feedMode = 'per-minute';
    [this.state.home, this.state.secondHome] = [options.home, options.secondHome];
    this.#parameters = new LinuxcncParameters(this);
    this.#modes = new LinuxcncModes(this);
    this.#curves = new LinuxcncCurves(this);
  }

  protected override onceOf(): IsoOnce {
    return new LinuxcncOnce(this);
  }

  override block(
    words: BlockWords,
    statements: readonly Statement[],
    compute: (expression: Expression) => Value,
  ): Flow {
    this.#polar = this.#readPolar(statements, compute);
    if (this.#polar) for (const letter of [letterX, letterY]) words.set(letter, Number.NaN, wordFlag.absolute);
    this.#modes.block(words);
    if (words.m.some((code) => takeWords.has(code) || code >= 100)) for (const letter of 'PQELR') words.take(letter);
    if (words.m.includes(61)) this.changeTool(`${words.take('Q') ?? '?'}`);
    if (words.g.includes(640)) for (const letter of 'PQ') words.take(letter);
    if (words.g.includes(960)) this.mover.speedLimit = words.take('D') ?? Number.POSITIVE_INFINITY;
    const flow = super.block(words, statements, compute);
    this.#modes.after(words);
    return flow;
  }

  /** @ and ^ are points of the plane; `$` says which spindle. */
  protected override statements(
    statements: readonly Statement[],
    compute: (expression: Expression) => Value,
  ): Address[] {
    return super.statements(statements, compute).filter(({ name }) => name !== '@' && name !== '^' && name !== '$');
  }

  /** A distance from the origin and an angle. */
  #readPolar(statements: readonly Statement[], compute: (expression: Expression) => Value): Polar | undefined {
    const value = (name: string): number | undefined => {
      const found = statements.find((one) => one.kind === 'address' && one.name === name);
      return found?.kind === 'address' ? toNumber(compute(found.value)) : undefined;
    };
    const [distance, angle] = [value('@'), value('^')];
    return distance === undefined && angle === undefined ? undefined : { distance, angle };
  }

  /** They stand for X and Y; the one that is missing is that of the point where the tool is. Each hole of `L5` adds up. */
  override end(words: BlockWords): Point {
    const polar = this.#polar;
    if (!polar) return super.end(words);
    const { scale, absolute, diameter } = this.state;
    const [x, y] = this.mover.at;
    const [far, turned] = [Math.hypot(x, y), (Math.atan2(y, x) * 180) / Math.PI];
    const radius = polar.distance === undefined ? far : polar.distance * scale + (absolute ? 0 : far);
    const degrees = polar.angle === undefined ? turned : polar.angle + (absolute ? 0 : turned);
    const [sine, cosine] = sineCosine(degrees);
    const flags = wordFlag.absolute | wordFlag.computed;
    words.set(letterX, (radius * cosine * (diameter ? 2 : 1)) / scale, flags);
    words.set(letterY, (radius * sine) / scale, flags);
    return super.end(words);
  }

  protected override beforeHole({ clearance }: Hole): void {
    const axis = this.drillPlane[2];
    if (!((this.mover.at[axis] as number) < clearance)) return;
    const up: [number, number, number] = [...this.mover.at];
    up[axis] = clearance;
    this.mover.rapid(up);
  }

  protected override curve(words: BlockWords, motion: 'cubic' | 'quadratic' | 'nurbs'): void {
    this.#curves.block(words, motion);
  }

  /** Ends a curve of G5.2. */
  endCurve(): void {
    this.#curves.end();
  }

  /** Each coordinate system has a rotation about its own zero; G92 shifts inside of it. */
  override rebuildFrame(): void {
    const { work, turns, workName, shift } = this.state;
    const turn = rotation(planes[17], turns.get(workName) ?? 0);
    this.mover.setFrame(compose(translation(work), compose(turn, translation(shift))));
  }

  /** The zero with which the machine stands where `wanted` says, in the axes that it names. */
  originFor(name: string, wanted: readonly (number | undefined)[]): Point {
    const { shift, turns } = this.state;
    const place = (axis: 0 | 1 | 2): number => (wanted[axis] ?? this.mover.at[axis]) + shift[axis];
    const turned = apply(rotation(planes[17], turns.get(name) ?? 0), [place(0), place(1), place(2)]);
    const { position } = this.mover;
    return [position[0] - turned[0], position[1] - turned[1], position[2] - turned[2]];
  }

  override readSystem(number: number): number | undefined {
    return this.#parameters.read(number);
  }

  override writeSystem(number: number, value: number): boolean {
    return this.#parameters.write(number, value);
  }

  readNamed(name: string): number | undefined {
    return this.#parameters.named(name);
  }

  /** Where a probe is taken to stop, in the program's coordinates. */
  probed(at: Point): void {
    this.#parameters.probe(at);
  }

  entered(): void {
    this.#modes.enter();
  }

  left(): void {
    this.#modes.leave();
  }
}

/** M codes whose words set something else than motion. */
const takeWords = new Set([3, 4, 5, 19, 48, 49, 50, 51, 52, 53, 62, 63, 64, 65, 66, 67, 68]);
