import { limits } from '../../domain/limits.ts';
import { type Arc, arcLength, arcOfRadius, chordCount, pointOfArc } from './arc.ts';
import { headingOf } from './arc-forms.ts';
import { type Corner, cornerBetween } from './corner.ts';
import { apply, compose, type Frame, identity, inverse, origin, type Point, stretch, translation } from './frame.ts';
import type { Notes } from './notes.ts';
import type { PathOptions } from './options.ts';
import { type SegmentKind, segmentFlag, segmentKind, ToolpathBuilder } from './toolpath.ts';
import { between, chordsOf, direction, distanceOf } from './ways.ts';

const nowhere: Point = [Number.NaN, Number.NaN, Number.NaN];

export type FeedMode = 'per-minute' | 'per-revolution' | 'inverse-time';

/**
 * Where the machine is, in which frame it reads coordinates, and how fast it goes: turns programmed motion into segments.
 *
 * The cycle-time model: rapids run straight, each axis at the same rate, so that the longest axis counts; feeds run at the
 * programmed feed without acceleration; a move of rotary axes alone runs its feed in degrees.
 */
export class Mover {
  readonly path: ToolpathBuilder;
  readonly notes: Notes;
  readonly #options: PathOptions;
  /** In program coordinates, unlike what the path holds. */
  at: Point;
  rotary: Point = nowhere;
  /** Where the last line or arc pointed as it ended, in program coordinates; what is tangent runs on from it. */
  heading: Point | undefined;
  #rotaryUsed = false;
  #frame: Frame = identity;
  #stretch = 1;
  #length = 0;

  feedMode: FeedMode = 'per-minute';
  /** mm/min, mm per revolution, or moves a minute. NaN: none was programmed. */
  feed = Number.NaN;
  /** rpm; NaN where none was programmed. */
  speed = Number.NaN;
  /** m/min of G96, and its speed limit. */
  surfaceSpeed: number | undefined;
  speedLimit = Number.POSITIVE_INFINITY;
  compensation: 0 | 1 | 2 = 0;
  /** What is on and not interpreted. */
  readonly doubts = new Set<string>();
  inCycle = false;
  /** While a contour is read for a cycle: its points in program coordinates, instead of motion. */
  #contour: Point[] | undefined;
  #contourFrom: { at: Point; feed: number; heading: Point | undefined } | undefined;
  /** Where the last motion began, if it was a line. */
  #lineFrom: Point | undefined;
  /** What the corner at its end shall be, and the line of the program that says so. */
  #corner: (Corner & { line: number }) | undefined;

  constructor(options: PathOptions, notes: Notes) {
    this.#options = options;
    this.notes = notes;
    this.path = new ToolpathBuilder(options.start);
    this.at = options.start;
  }

  get frame(): Frame {
    return this.#frame;
  }

  get toolLength(): number {
    return this.#length;
  }

  /** In the coordinates of the path. */
  get position(): Point {
    return this.path.last;
  }

  /** Coordinates are read in another frame from now on; the machine stands where it stood. */
  setFrame(frame: Frame): void {
    this.#lineFrom = undefined;
    const back = inverse(frame);
    if (!back) {
      this.notes.add('wrong', 'scale', 'A scale of zero makes every point the same.');
      return;
    }
    this.#frame = frame;
    this.#stretch = stretch(frame) || 1;
    this.at = apply(back, this.position);
  }

  /** From here on a contour is only read. */
  beginContour(): void {
    this.#contour = [];
    this.#contourFrom = { at: this.at, feed: this.feed, heading: this.heading };
  }

  /** The points of the contour; the machine stands where it stood before it was read. */
  endContour(): Point[] {
    const points = this.#contour ?? [];
    if (this.#contourFrom) ({ at: this.at, feed: this.feed, heading: this.heading } = this.#contourFrom);
    this.#contour = undefined;
    this.#contourFrom = undefined;
    return points;
  }

  /** Whether the move became a part of a contour. */
  #read(...points: readonly Point[]): boolean {
    if (!this.#contour) return false;
    if (this.#contour.length + points.length > limits.ncPathPieces) return true;
    this.#contour.push(...points);
    return true;
  }

  rapid(to: Point, rotary: Point = this.rotary): void {
    this.leaveSharp();
    if (!this.#read(to)) {
      this.#startMove(rotary);
      const target = apply(this.#frame, to);
      this.#add(segmentKind.rapid, target, 0, this.#rapidSeconds(target, rotary), 0, rotary);
    }
    this.#arrive(to, rotary, direction(this.at, to));
  }

  line(to: Point, rotary: Point = this.rotary, extraFlags = 0): void {
    if (this.#corner) this.#cutCorner(to);
    const from = this.at;
    if (!this.#read(to)) {
      this.#startMove(rotary);
      const target = apply(this.#frame, to);
      const distance = distanceOf(this.position, target, this.rotary, rotary);
      const feed = this.#feedOver(distance);
      this.#add(segmentKind.feed, target, extraFlags, distance / (feed / 60), feed, rotary);
    }
    this.#arrive(to, rotary, direction(from, to));
    this.#lineFrom = from;
  }

  /** The corner where the tool stands now is rounded or broken, as soon as the line behind it is known. */
  breakCorner(corner: Corner): void {
    this.leaveSharp();
    this.#corner = { ...corner, line: this.notes.line };
  }

  /** A corner that was to be cut stays as it is, and that is said. */
  leaveSharp(): void {
    const corner = this.#corner;
    if (!corner) return;
    this.#corner = undefined;
    const { line } = this.notes;
    this.notes.line = corner.line;
    this.notes.add('unsupported', corner.what, `${corner.what}: the corner is drawn sharp.`);
    this.notes.line = line;
  }

  #cutCorner(to: Point): void {
    const corner = this.#corner;
    const from = this.#lineFrom;
    const cut = corner && from && cornerBetween(corner, from, this.at, to);
    if (!corner || !from || !cut) {
      this.leaveSharp();
      return;
    }
    this.#corner = undefined;
    const { feed } = this;
    if (corner.feed !== undefined) this.feed = corner.feed;
    this.#shorten(from, cut.start);
    const arc =
      corner.by === 'radius' ? arcOfRadius(corner.plane, cut.start, cut.end, corner.size, cut.clockwise) : undefined;
    if (arc) this.arc(arc, cut.clockwise);
    else this.line(cut.end);
    this.feed = feed;
  }

  /** The line that was drawn last ends before its end. */
  #shorten(from: Point, end: Point): void {
    if (this.#contour) this.#contour[this.#contour.length - 1] = end;
    else {
      const whole = Math.hypot(...direction(from, this.at));
      this.path.shortenLast(apply(this.#frame, end), Math.hypot(...direction(from, end)) / whole);
    }
    this.at = end;
  }

  /** A curve as its chords: one move. */
  chords(points: readonly Point[]): void {
    const { path } = this;
    const move = path.move + 1;
    for (const point of points) {
      path.move = move - 1;
      this.line(point);
    }
  }

  arc(arc: Arc, clockwise: boolean, rotary: Point = this.rotary): void {
    this.leaveSharp();
    if (this.#contour && this.#read(...chordsOf(arc, this.#options.tolerance))) {
      this.#arrive(arc.to, rotary, headingOf(arc));
      return;
    }
    this.#startMove(rotary);
    const kind = clockwise ? segmentKind.clockwise : segmentKind.counterClockwise;
    const length = arcLength(arc) * this.#stretch;
    const feed = this.#feedOver(length);
    const known = Number.isFinite(length);
    const pieces = known ? chordCount(arc, this.#options.tolerance / this.#stretch, limits.ncPathPieces) : 1;
    const seconds = length / pieces / (feed / 60);
    for (let piece = 1; piece <= pieces; piece++)
      this.#add(
        kind,
        apply(this.#frame, pointOfArc(arc, piece / pieces)),
        0,
        seconds,
        feed,
        between(this.rotary, rotary, piece / pieces),
      );
    this.#arrive(arc.to, rotary, headingOf(arc));
  }

  dwell(seconds: number): void {
    this.path.move++;
    this.#add(segmentKind.dwell, this.position, 0, seconds);
  }

  toolChange(tool: string): void {
    this.path.move++;
    this.path.tool = this.path.toolIndex(tool);
    this.#add(segmentKind.toolChange, this.position, 0, this.#options.toolChangeSeconds);
  }

  /** A move to machine coordinates, of the axes that are not undefined. NaN: there, wherever that is. */
  machineMove(target: readonly (number | undefined)[], rapid: boolean): void {
    this.leaveSharp();
    this.#lineFrom = undefined;
    const here = this.position;
    const z = target[2];
    const to: Point = [target[0] ?? here[0], target[1] ?? here[1], z === undefined ? here[2] : z - this.#length];
    this.path.move++;
    const feed = rapid ? 0 : this.#feedOver(distanceOf(here, to, origin, origin));
    const seconds = rapid ? this.#rapidSeconds(to, this.rotary) : distanceOf(here, to, origin, origin) / (feed / 60);
    this.#add(rapid ? segmentKind.rapid : segmentKind.feed, to, 0, seconds, feed);
    this.at = apply(inverse(this.#frame) ?? identity, to);
  }

  /** The tool's tip stands for the spindle's nose from now on, or the other way round. */
  setToolLength(length: number): void {
    const change = this.#length - length;
    this.#length = length;
    if (change === 0) return;
    const [x, y, z] = this.position;
    this.path.move++;
    this.#add(segmentKind.shift, [x, y, z + change], 0, 0);
    this.at = apply(inverse(this.#frame) ?? identity, this.position);
  }

  #startMove(rotary: Point): void {
    this.path.move++;
    if (rotary !== this.rotary) this.#rotaryUsed = true;
  }

  #arrive(to: Point, rotary: Point, heading: Point): void {
    this.heading = heading;
    this.at = to;
    this.rotary = rotary;
    this.#lineFrom = undefined;
  }

  #add(kind: SegmentKind, to: Point, extra: number, seconds: number, feed = 0, rotary: Point = this.rotary): void {
    let flags = extra | this.compensation;
    if (this.inCycle) flags |= segmentFlag.cycle;
    if (this.doubts.size > 0) flags |= segmentFlag.doubtful;
    this.path.add(kind, to, this.#rotaryUsed ? rotary : undefined, flags, feed, seconds);
  }

  #rapidSeconds(to: Point, rotary: Point): number {
    const from = this.position;
    let longest = 0;
    for (let axis = 0; axis < 3; axis++) {
      const linear = Math.abs((to[axis] as number) - (from[axis] as number));
      const turn = Math.abs((rotary[axis] as number) - (this.rotary[axis] as number));
      if (linear > longest) longest = linear;
      if (turn > longest) longest = turn;
    }
    return Number.isNaN(to[0] + to[1] + to[2] + from[0] + from[1] + from[2])
      ? Number.NaN
      : longest / (this.#options.rapidPerMinute / 60);
  }

  /** mm/min on a way of this length. */
  #feedOver(length: number): number {
    if (this.feedMode === 'per-minute') return this.feed > 0 ? this.feed : Number.NaN;
    if (this.feedMode === 'inverse-time') return this.feed > 0 ? length * this.feed : Number.NaN;
    const feed = this.feed * this.#revolutions();
    return feed > 0 ? feed : Number.NaN;
  }

  /** rpm now: at constant surface speed by the diameter at the start of the move. */
  #revolutions(): number {
    if (this.surfaceSpeed === undefined) return this.speed;
    const diameter = 2 * Math.abs(this.position[0]);
    return Math.min(this.speedLimit, (this.surfaceSpeed * 1000) / (Math.PI * diameter));
  }
}

/** Work offset, G92 and G52 add up; what the program turns, mirrors and scales stands inside of them. */
export const stacked = (offsets: readonly Point[], inner: Frame): Frame =>
  compose(
    translation(offsets.reduce<Point>((sum, add) => [sum[0] + add[0], sum[1] + add[1], sum[2] + add[2]], origin)),
    inner,
  );
