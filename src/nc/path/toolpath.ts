import { limits } from '../../domain/limits.ts';
import type { Point } from './frame.ts';

/** What a segment is. */
export const segmentKind = {
  rapid: 0,
  feed: 1,
  /** A chord of an arc, as it was programmed: clockwise (G2) or counter-clockwise (G3). */
  clockwise: 2,
  counterClockwise: 3,
  /** No motion, but time. */
  dwell: 4,
  toolChange: 5,
  /** No motion: the point that is drawn becomes another one, as a tool length of known size comes in. */
  shift: 6,
} as const;
export type SegmentKind = (typeof segmentKind)[keyof typeof segmentKind];

/** Bits of `Toolpath.flags`. */
export const segmentFlag = {
  /** G41 and G42: the drawn path is the programmed one. Where the cutter's centre runs depends on a radius in the control. */
  compensatedLeft: 1,
  compensatedRight: 2,
  /** Of a canned cycle. */
  cycle: 4,
  /** Spindle and feed are coupled: thread, tapping. */
  synchronous: 8,
  /** Its start or its end is not known in every axis. */
  unknown: 16,
  /** Something that is not interpreted (a tilted plane, a vendor's transformation) is on: the machine runs elsewhere. */
  doubtful: 32,
  /** Its time is not known: no feed, no spindle speed. */
  untimed: 64,
  /** The program counts in inches there. */
  inch: 128,
} as const;

/**
 * A program's motion as a struct of arrays. Lengths are in millimetres, angles in degrees, X of a lathe is the radius.
 * Coordinates are the machine's as far as work offsets are known, and the part's where they are not (taken as 0); they
 * are the tool's tip where its length is applied. Segment `i` runs from point `i` to point `i + 1`. NaN is "not known".
 */
export type Toolpath = {
  /** Segments; there is one more point. Arrays may be longer. */
  count: number;
  /** X, Y, Z of each point. */
  points: Float64Array;
  /** A, B, C of each point; undefined where the program moves none of them. */
  rotary: Float64Array | undefined;
  kind: Uint8Array;
  flags: Uint8Array;
  /** mm/min; 0 for rapids and NaN where none is known. */
  feed: Float32Array;
  /** NaN never: 0 where `untimed`. */
  seconds: Float32Array;
  /** 1-based line of `programs[program[i]]`. */
  line: Uint32Array;
  program: Uint16Array;
  /** Index into `tools`. */
  tool: Uint16Array;
  /** Counts programmed motions: the chords of one arc, and nothing else, share a number. */
  move: Uint32Array;
  programs: readonly string[];
  /** `''` before the first tool. */
  tools: readonly string[];
};

/** Programs may have far more blocks than moves. */
const expectedAtMost = 1_000_000;

export class SegmentLimit extends Error {}

/** Grows a toolpath. What every segment of a block shares is set before. */
export class ToolpathBuilder {
  readonly programs: string[] = [];
  readonly tools: string[] = [''];
  readonly #most: number;
  #count = 0;
  #capacity = 1024;
  #points = new Float64Array(3 * 1025);
  #rotary: Float64Array | undefined;
  #kind = new Uint8Array(1024);
  #flags = new Uint8Array(1024);
  #feed = new Float32Array(1024);
  #seconds = new Float32Array(1024);
  #line = new Uint32Array(1024);
  #program = new Uint16Array(1024);
  #tool = new Uint16Array(1024);
  #move = new Uint32Array(1024);

  line = 0;
  program = 0;
  tool = 0;
  move = 0;
  /** The unit of the program; what is kept is in millimetres all the same. */
  isInch = false;

  constructor(start: Point, most: number = limits.ncPathSegments) {
    this.#most = most;
    this.#points.set(start);
  }

  /** Once, before the first one: so many segments are likely. Arrays that double until they are enough copy all twice. */
  expect(segments: number): void {
    if (this.#count === 0 && segments > this.#capacity) this.#grow(Math.min(segments, expectedAtMost));
  }

  get count(): number {
    return this.#count;
  }

  get last(): Point {
    const at = this.#count * 3;
    return [this.#points[at] as number, this.#points[at + 1] as number, this.#points[at + 2] as number];
  }

  add(kind: SegmentKind, to: Point, rotary: Point | undefined, flags: number, feed: number, seconds: number): void {
    if (this.#count === this.#most) throw new SegmentLimit();
    if (this.#count === this.#capacity) this.#grow(2 * this.#capacity);
    const at = this.#count++;
    this.#kind[at] = kind;
    this.#feed[at] = feed;
    this.#seconds[at] = Number.isNaN(seconds) ? 0 : seconds;
    this.#line[at] = this.line;
    this.#program[at] = this.program;
    this.#tool[at] = this.tool;
    this.#move[at] = this.move;
    const points = this.#points;
    for (let axis = 0; axis < 3; axis++) points[(at + 1) * 3 + axis] = to[axis] as number;
    if (rotary) this.#turn(at, rotary);
    const found = (this.#unknown(at) ? segmentFlag.unknown : 0) | (seconds >= 0 ? 0 : segmentFlag.untimed);
    this.#flags[at] = flags | found | (this.isInch ? segmentFlag.inch : 0);
  }

  /** The last segment ends earlier, after a share of its way. */
  shortenLast(to: Point, share: number): void {
    if (this.#count === 0) return;
    this.#points.set(to, this.#count * 3);
    this.#seconds[this.#count - 1] = (this.#seconds[this.#count - 1] as number) * share;
  }

  /** The segments so far; the builder is done with. */
  finish(): Toolpath {
    return {
      count: this.#count,
      points: this.#points,
      rotary: this.#rotary,
      kind: this.#kind,
      flags: this.#flags,
      feed: this.#feed,
      seconds: this.#seconds,
      line: this.#line,
      program: this.#program,
      tool: this.#tool,
      move: this.#move,
      programs: this.programs,
      tools: this.tools,
    };
  }

  toolIndex(name: string): number {
    const known = this.tools.indexOf(name);
    if (known !== -1) return known;
    // A program that counts up through tools without end shares the last place.
    if (this.tools.length < limits.factsPerProgram) this.tools.push(name);
    return this.tools.length - 1;
  }

  #unknown(at: number): boolean {
    for (let k = at * 3; k < at * 3 + 6; k++) if (Number.isNaN(this.#points[k])) return true;
    return false;
  }

  #turn(at: number, rotary: Point): void {
    if (!this.#rotary) {
      this.#rotary = new Float64Array(3 * (this.#capacity + 1)).fill(Number.NaN);
    }
    this.#rotary.set(rotary, (at + 1) * 3);
  }

  #grow(capacity: number): void {
    this.#capacity = capacity;
    const grown = <T extends Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array>(
      made: T,
      old: T,
    ): T => {
      made.set(old);
      return made;
    };
    this.#points = grown(new Float64Array(3 * (capacity + 1)), this.#points);
    if (this.#rotary) this.#rotary = grown(new Float64Array(3 * (capacity + 1)), this.#rotary);
    this.#kind = grown(new Uint8Array(capacity), this.#kind);
    this.#flags = grown(new Uint8Array(capacity), this.#flags);
    this.#feed = grown(new Float32Array(capacity), this.#feed);
    this.#seconds = grown(new Float32Array(capacity), this.#seconds);
    this.#line = grown(new Uint32Array(capacity), this.#line);
    this.#program = grown(new Uint16Array(capacity), this.#program);
    this.#tool = grown(new Uint16Array(capacity), this.#tool);
    this.#move = grown(new Uint32Array(capacity), this.#move);
  }
}
