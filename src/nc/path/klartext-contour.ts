import { type Arc, arcAround, arcOfRadius } from './arc.ts';
import { arcOfSweep, arcTangent } from './arc-forms.ts';
import type { Corner } from './corner.ts';
import { type PlaneAxes, type Point, sineCosine } from './frame.ts';
import type { Mover } from './mover.ts';

/** One path function with its coordinates, in millimetres. */
export type Contour = {
  name: string;
  plane: PlaneAxes;
  to: Point;
  rotary: Point;
  /** The axes that are programmed. */
  given: readonly number[];
  radius: number | undefined;
  rotation: 1 | -1 | 0;
  rapid: boolean;
  /** Of this block alone. */
  feed?: number | undefined;
  /** Takes an address of several letters: `PA`, `IPR`. */
  address(name: string): number | undefined;
};

/** Lines, circles and poles of Klartext. */
export class KlartextContour {
  readonly #mover: Mover;
  #pole: [number, number, number] = [Number.NaN, Number.NaN, Number.NaN];
  #rotation: 1 | -1 = 1;

  constructor(mover: Mover) {
    this.#mover = mover;
  }

  run(contour: Contour): void {
    if (contour.rotation !== 0) this.#rotation = contour.rotation;
    switch (contour.name) {
      case 'L':
      case 'LN':
      case 'POS':
        this.#line(contour, contour.to);
        return;
      case 'LP':
        this.#line(contour, this.#polar(contour));
        return;
      case 'CC':
        this.#setPole(contour);
        return;
      case 'C':
        this.#arc(contour, this.#around(contour, contour.to));
        return;
      case 'CR':
        this.#arc(contour, this.#ofRadius(contour));
        return;
      case 'CP':
        this.#arc(contour, this.#polarArc(contour));
        return;
      case 'CT':
        this.#tangent(contour, contour.to);
        return;
      case 'CTP':
        this.#tangent(contour, this.#polar(contour));
        return;
      case 'RND':
        this.#corner(contour, 'radius', contour.radius);
        return;
      case 'CHF':
        this.#corner(contour, 'leg', contour.address('CHF') ?? contour.radius);
        return;
      default:
        this.#notDrawn(contour);
        return;
    }
  }

  get #clockwise(): boolean {
    return this.#rotation === -1;
  }

  #line({ rapid, rotary }: Contour, to: Point): void {
    if (rapid) this.#mover.rapid(to, rotary);
    else this.#mover.line(to, rotary);
  }

  /** Without coordinates the pole is where the tool stands. */
  #setPole({ plane, to, given }: Contour): void {
    for (const axis of plane.slice(0, 2)) {
      if (given.length === 0) this.#pole[axis] = this.#mover.at[axis] as number;
      else if (given.includes(axis)) this.#pole[axis] = to[axis] as number;
    }
  }

  #centre([first, second]: PlaneAxes): readonly [number, number] {
    return [this.#pole[first] as number, this.#pole[second] as number];
  }

  #around({ plane }: Contour, to: Point): Arc {
    return arcAround(plane, this.#mover.at, to, this.#centre(plane), this.#clockwise);
  }

  #ofRadius({ plane, to, radius }: Contour): Arc | undefined {
    return arcOfRadius(plane, this.#mover.at, to, radius ?? Number.NaN, this.#clockwise);
  }

  /** The end of a polar block: what it does not say stays as it is. */
  #polar(contour: Contour): Point {
    const { plane, to } = contour;
    const [first, second] = plane;
    const [x, y] = this.#centre(plane);
    const [dx, dy] = [(this.#mover.at[first] as number) - x, (this.#mover.at[second] as number) - y];
    const [radius, angle] = [Math.hypot(dx, dy), (Math.atan2(dy, dx) * 180) / Math.PI];
    const [more, turned] = [contour.address('IPR'), contour.address('IPA')];
    const pr = contour.address('PR') ?? radius + (more ?? 0);
    const pa = contour.address('PA') ?? angle + (turned ?? 0);
    const [sine, cosine] = sineCosine(pa);
    const point: [number, number, number] = [...to];
    point[first] = x + pr * cosine;
    point[second] = y + pr * sine;
    return point;
  }

  /** CP turns about the pole: to an angle, or by one, which may be several turns of a helix. */
  #polarArc(contour: Contour): Arc {
    const { plane, to } = contour;
    const turned = contour.address('IPA');
    if (turned === undefined) return this.#around(contour, this.#polar(contour));
    const degrees = contour.rotation === 0 ? turned : Math.abs(turned) * contour.rotation;
    return arcOfSweep(plane, this.#mover.at, this.#centre(plane), degrees, to[plane[2]]);
  }

  #arc({ to, rotary }: Contour, arc: Arc | undefined): void {
    if (arc) {
      if (Math.abs(arc.startRadius - arc.endRadius) > 0.016 + arc.startRadius * 0.001)
        this.#mover.notes.add('wrong', 'arc end', 'The end of this arc is not on its circle: the control refuses it.');
      this.#mover.arc(arc, arc.sweep < 0, rotary);
      return;
    }
    this.#mover.notes.add('wrong', 'arc', 'This radius does not reach the end of its arc: a line is drawn.');
    this.#mover.line(to, rotary);
  }

  #tangent({ plane, rotary }: Contour, to: Point): void {
    const { at, heading } = this.#mover;
    const tangent = heading && arcTangent(plane, at, heading, to);
    if (tangent) this.#mover.arc(tangent[0], tangent[1], rotary);
    else this.#mover.line(to, rotary);
  }

  /** Between the line before and the one that follows. Its feed holds for the corner alone. */
  #corner({ name, plane, feed }: Contour, by: Corner['by'], size = Number.NaN): void {
    this.#mover.breakCorner({ what: name, plane, by, size, feed });
  }

  /** APPR, DEP and free contours: said, and drawn as far as their end is written. */
  #notDrawn(contour: Contour): void {
    const { name, to, given } = contour;
    for (const key of ['LEN', 'CCA', 'CHF', 'PR', 'PA', 'IPR', 'IPA']) contour.address(key);
    const text = `${name} is not interpreted: a line is drawn to its end where one is written.`;
    this.#mover.notes.add('unsupported', name, text);
    // FPOL sets the pole of a free contour.
    if (given.length > 0 && name !== 'FPOL') this.#line(contour, to);
  }
}
