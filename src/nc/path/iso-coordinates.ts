import { wordFlag } from '../program/block.ts';
import { type Arc, arcAround, arcOfRadius } from './arc.ts';
import type { BlockWords } from './block-words.ts';
import type { Address } from './control.ts';
import { compose, type PlaneAxes, type Point, planes, sineCosine } from './frame.ts';
import { axisLetters, centreLetters, IsoState, rotaryLetters } from './iso-state.ts';
import { Mover, stacked } from './mover.ts';
import type { Notes } from './notes.ts';
import type { PathOptions } from './options.ts';

/** Reads the words of ISO-like blocks as points and lengths, in the frame of their offsets. */
export class IsoCoordinates {
  readonly mover: Mover;
  readonly notes: Notes;
  readonly options: PathOptions;
  readonly state = new IsoState();
  readonly workOffsets: Map<string, Point>;
  readonly toolLengths: Map<number, number>;

  constructor(options: PathOptions, notes: Notes) {
    this.options = options;
    this.notes = notes;
    this.mover = new Mover(options, notes);
    this.workOffsets = new Map(options.workOffsets);
    this.toolLengths = new Map(options.toolLengths);
  }

  get plane(): PlaneAxes {
    return planes[this.state.plane];
  }

  /** Holes: on a lathe along Z whatever the plane of its arcs is. */
  get drillPlane(): PlaneAxes {
    return this.options.lathe && this.options.dialect !== 'siemens' ? planes[17] : this.plane;
  }

  changeTool(name: string): void {
    this.mover.toolChange(name);
    this.state.nextTool = undefined;
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
    const turned = this.#turned(words);
    if (!words.hasAny(rotaryLetters) && turned === undefined) return rotary;
    return [0, 1, 2].map((axis) => {
      const letter = rotaryLetters[axis] as string;
      if (axis === 2 && turned !== undefined) return rotary[2] + turned;
      const value = words.take(letter);
      const here = rotary[axis] as number;
      if (value === undefined) return here;
      return this.isAbsolute(words, letter) ? value : here + value;
    }) as [number, number, number];
  }

  hasAxes(words: BlockWords): boolean {
    return words.hasAny(this.options.lathe ? 'XYZABCUVW' : 'XYZABC') || this.#turned(words) !== undefined;
  }

  /** H of a FANUC lathe: degrees of C from where it is. */
  #turned(words: BlockWords): number | undefined {
    const { lathe, dialect } = this.options;
    if (!lathe || dialect !== 'iso' || words.g.includes(430) || words.g.includes(440)) return undefined;
    return words.take('H');
  }

  /** From a radius or from a centre, as the dialect writes them. */
  arcTo(words: BlockWords, to: Point, clockwise: boolean, addresses: readonly Address[]): Arc | undefined {
    const { plane } = this;
    const radius = addresses.find(({ name }) => name === 'CR');
    const turns = addresses.find(({ name }) => name === 'TURN')?.value ?? this.#turns(words);
    const r = radius
      ? radius.value * this.state.scale
      : ((this.options.dialect === 'okuma' ? this.length(words, 'L') : undefined) ?? this.length(words, 'R'));
    if (r !== undefined) return arcOfRadius(plane, this.mover.at, to, r, clockwise);
    const [first, second] = [plane[0], plane[1]].map((axis) => this.centre(words, axis));
    if (first === undefined && second === undefined) return undefined;
    // The rise for each turn of a helix, which its end says too.
    words.take(centreLetters[plane[2]] as string);
    const here = this.mover.at;
    const centre = [first ?? here[plane[0]], second ?? here[plane[1]]] as const;
    return arcAround(plane, here, to, centre, clockwise, Math.max(0, turns));
  }

  /** Where a centre word points: from the start of the arc, or absolute by its writing. */
  centre(words: BlockWords, axis: number): number | undefined {
    const letter = centreLetters[axis] as string;
    const value = this.length(words, letter);
    if (value === undefined) return undefined;
    const absolute = this.state.absoluteCentres || words.flags(letter) & wordFlag.absolute;
    return absolute ? value : (this.mover.at[axis] as number) + value;
  }

  #turns(words: BlockWords): number {
    const { dialect } = this.options;
    return (dialect === 'iso' || dialect === 'linuxcnc') && words.has('P') ? (words.take('P') ?? 1) - 1 : 0;
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
}

function workNameOf(number: number): string | undefined {
  if (number >= 5201 && number <= 5203) return 'external';
  if (number < 5221 || number > 5326 || number % 20 < 1 || number % 20 > 3) return undefined;
  return `G${54 + Math.floor((number - 5221) / 20)}`;
}
