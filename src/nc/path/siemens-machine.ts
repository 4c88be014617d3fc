import type { Expression } from '../program/expression.ts';
import { synchronous } from '../program/siemens-words.ts';
import type { Statement } from '../program/statement.ts';
import { angledEnd } from './angled-line.ts';
import { type Arc, arcAround, arcOfRadius } from './arc.ts';
import { arcOfSweep, arcTangent, arcThrough } from './arc-forms.ts';
import type { BlockWords } from './block-words.ts';
import type { Address, Flow } from './control.ts';
import type { Corner } from './corner.ts';
import {
  compose,
  type Frame,
  identity,
  type Point,
  planes,
  rotation,
  scaling,
  sineCosine,
  translation,
} from './frame.ts';
import { IsoMachine } from './iso-machine.ts';
import { axisLetters, centreLetters } from './iso-state.ts';
import type { Notes } from './notes.ts';
import type { PathOptions } from './options.ts';
import { SiemensCycles } from './siemens-cycles.ts';
import { movingKeywords, silentAddresses, silentCycles } from './siemens-silence.ts';
import { toNumber, type Value } from './values.ts';

type Compute = (expression: Expression) => Value;
type Polar = { radius: number | undefined; angle: number | undefined; more: boolean };

/** Siemens 840D and ONE. */
export class SiemensMachine extends IsoMachine {
  readonly #cycles: SiemensCycles;
  #pole: Point = [0, 0, 0];
  #polar: Polar | undefined;
  /** ANG of a line; NaN none. */
  #angle = Number.NaN;
  /** RND, CHF or CHR of this block, and RNDM of all corners. */
  #corner: Address | undefined;
  #rounding = 0;
  /** How the arc of this block and of those that follow is written: CIP over a point, CT as a tangent. */
  #form: 'centre' | 'through' | 'tangent' = 'centre';

  constructor(options: PathOptions, notes: Notes) {
    super(options, notes);
    this.#cycles = new SiemensCycles(this.mover);
  }

  override block(words: BlockWords, statements: readonly Statement[], compute: Compute): Flow {
    if (statements.some((one) => one.kind === 'other' && synchronous.has(one.keyword))) {
      words.takeAll();
      this.notes.add('unsupported', 'synchronised action', 'What a synchronised action does, and when, is not shown.');
      return undefined;
    }
    this.#polar = undefined;
    this.#angle = Number.NaN;
    this.#corner = undefined;
    if (words.g.some((code) => motions.has(code))) this.#form = 'centre';
    for (const statement of statements)
      if (statement.kind === 'other') this.#keyword(statement.keyword, words);
      else if (statement.kind === 'assign') this.#assigned(statement, compute);
    const own = this.#setPole(words, statements, compute)
      ? statements.filter(({ kind }) => kind !== 'address')
      : statements;
    for (const statement of statements)
      if (statement.kind === 'frame') this.#frame(statement.name, statement.additive, words, statements, compute);
    for (const name of words.extended.keys()) if ('SMHTD'.includes(name.charAt(0))) words.takeExtended(name);
    const [moves, positions] = [this.mover.path.move, words.hasAny('XYZ') || this.#polarWritten(statements)];
    const flow = super.block(words, own, compute);
    if (this.state.motion === 'line' && this.mover.path.move !== moves) this.#breakCorner();
    if (positions && this.mover.path.move !== moves) this.#cycles.afterMove(this.plane, this.state.scale);
    this.#runCycles(statements, compute);
    return flow;
  }

  protected override statements(statements: readonly Statement[], compute: Compute): Address[] {
    const rest = statements.filter(({ kind }) => kind !== 'cycle' && kind !== 'frame' && kind !== 'tool');
    for (const statement of statements) if (statement.kind === 'tool') this.#tool(`${compute(statement.tool)}`);
    const addresses: Address[] = [];
    for (const address of super.statements(rest, compute)) {
      if (geometry.has(address.name)) addresses.push(address);
      else this.#address(address);
    }
    if (addresses.some(({ name }) => name === 'AP' || name === 'RP')) this.#polar = polarOf(addresses, statements);
    return addresses;
  }

  override end(words: BlockWords): Point {
    if (this.#polar) return this.#polarPoint(words, this.#polar);
    const point = super.end(words);
    if (Number.isNaN(this.#angle)) return point;
    return angledEnd(this.plane, this.mover.at, point, this.#angle, this.notes);
  }

  override arcTo(words: BlockWords, to: Point, clockwise: boolean, addresses: readonly Address[]): Arc | undefined {
    const { at, heading } = this.mover;
    if (this.#form === 'tangent') return heading && arcTangent(this.plane, at, heading, to)?.[0];
    if (this.#form === 'through') return arcThrough(this.plane, at, this.#between(words), to)?.[0];
    // Around the pole, where it ends in polar coordinates.
    if (this.#polar && !words.hasAny(centreLetters) && !addresses.some(({ name }) => name === 'CR' || name === 'AR'))
      return arcAround(this.plane, at, to, [this.#pole[this.plane[0]], this.#pole[this.plane[1]]], clockwise);
    const opening = addresses.find(({ name }) => name === 'AR')?.value;
    return opening === undefined
      ? super.arcTo(words, to, clockwise, addresses)
      : this.#arcOfOpening(words, to, clockwise, opening);
  }

  /** AR: the angle that the arc opens, with its end or with its centre. */
  #arcOfOpening(words: BlockWords, to: Point, clockwise: boolean, degrees: number): Arc | undefined {
    const [first, second, third] = this.plane;
    const { at } = this.mover;
    if (words.hasAny(centreLetters)) {
      const centre = [this.centre(words, first) ?? at[first], this.centre(words, second) ?? at[second]] as const;
      return arcOfSweep(this.plane, at, centre, clockwise ? -degrees : degrees, to[third]);
    }
    const chord = Math.hypot(to[first] - at[first], to[second] - at[second]);
    const radius = chord / 2 / Math.sin((degrees * Math.PI) / 360);
    return arcOfRadius(this.plane, at, to, degrees > 180 ? -radius : radius, clockwise);
  }

  #between(words: BlockWords): Point {
    return [0, 1, 2].map((axis) => {
      const value = words.takeExtended(`${'IJK'[axis]}1`);
      const here = this.mover.at[axis] as number;
      if (value === undefined) return here;
      return this.state.absolute ? value * this.state.scale : here + value * this.state.scale;
    }) as [number, number, number];
  }

  #keyword(keyword: string, words: BlockWords): void {
    const { state, mover } = this;
    if (keyword === 'SUPA') words.g.push(530);
    else if (keyword === 'DIAMON') state.diameter = true;
    else if (keyword === 'DIAMOF' || keyword === 'DIAMOFF') state.diameter = false;
    else if (keyword === 'DIAM90') state.diameter = state.absolute;
    else if (keyword === 'MCALL') this.#cycles.endModal();
    else if (keyword === 'TRAFOOF') for (const name of transformations) mover.doubts.delete(name);
    else if (keyword === 'CIP' || keyword === 'CT') {
      this.#form = keyword === 'CT' ? 'tangent' : 'through';
      state.motion = 'clockwise';
    } else if (movingKeywords.has(keyword)) {
      // A spline is a motion of its own: what follows is no arc.
      if (splines.has(keyword)) state.motion = 'line';
      this.notes.add('unsupported', keyword, `${keyword} is not interpreted: what it moves is not shown.`);
    }
  }

  #assigned({ target, value }: Extract<Statement, { kind: 'assign' }>, compute: Compute): void {
    if (target.name !== '$P_UIFR') return;
    const [frame, axis, part] = target.index;
    const number = frame?.kind === 'number' ? frame.value : Number.NaN;
    const place = axis?.kind === 'variable' ? axisLetters.indexOf(axis.name) : -1;
    if (part?.kind !== 'variable' || part.name !== 'TR' || place === -1 || Number.isNaN(number)) {
      this.notes.add('unsupported', '$P_UIFR=', 'Only translations of $P_UIFR are followed.');
      return;
    }
    const name = number === 0 ? 'G500' : number <= 4 ? `G${53 + number}` : `G${500 + number}`;
    this.setOffset(name, place, toNumber(compute(value)) * this.state.scale);
  }

  #tool(name: string): void {
    if (this.options.lathe) this.changeTool(name);
    else this.state.nextTool = name;
  }

  #address({ name, value }: Address): void {
    if (name === 'ANG') this.#angle = value;
    else if (name === 'LIMS') this.mover.speedLimit = value;
    else if (name === 'RNDM') this.#rounding = value;
    else if (name in cornersBy) this.#corner = { name, value };
    else if (!silentAddresses.has(name.replace(/\[.*/, '')) && !name.startsWith('ACC') && !name.startsWith('VELOLIM'))
      this.notes.add('unsupported', name, `The address ${name} is not interpreted.`);
  }

  #breakCorner(): void {
    const corner = this.#corner ?? (this.#rounding > 0 ? { name: 'RNDM', value: this.#rounding } : undefined);
    if (!corner) return;
    const { name, value } = corner;
    const size = value * this.state.scale;
    this.mover.breakCorner({ what: name, plane: this.plane, by: cornersBy[name] ?? 'radius', size });
  }

  /** G111 sets the pole in the workpiece, G110 from where the tool stands, G112 from the last pole. */
  #setPole(words: BlockWords, statements: readonly Statement[], compute: Compute): boolean {
    const code = words.g.find((g) => g === 1100 || g === 1110 || g === 1120);
    if (code === undefined) return false;
    words.g.splice(words.g.indexOf(code), 1);
    const from: Point = code === 1110 ? [0, 0, 0] : code === 1100 ? this.mover.at : this.#pole;
    if (this.#polarWritten(statements)) {
      const addresses = super.statements(statements, compute);
      const { radius = 0, angle = 0 } = polarOf(addresses, statements);
      const [sine, cosine] = sineCosine(angle);
      const pole: [number, number, number] = [...from];
      pole[this.plane[0]] = (pole[this.plane[0]] as number) + radius * this.state.scale * cosine;
      pole[this.plane[1]] = (pole[this.plane[1]] as number) + radius * this.state.scale * sine;
      this.#pole = pole;
    } else {
      const value = (axis: number): number => this.length(words, axisLetters[axis] as string) ?? 0;
      this.#pole = [from[0] + value(0), from[1] + value(1), from[2] + value(2)];
    }
    words.takeAll();
    words.hideAxes();
    return true;
  }

  #polarWritten(statements: readonly Statement[]): boolean {
    return statements.some((one) => one.kind === 'address' && (one.name === 'AP' || one.name === 'RP'));
  }

  #polarPoint(words: BlockWords, { radius, angle, more }: Polar): Point {
    const [first, second, third] = this.plane;
    const [px, py] = [this.#pole[first], this.#pole[second]];
    const [dx, dy] = [(this.mover.at[first] as number) - px, (this.mover.at[second] as number) - py];
    const here = (Math.atan2(dy, dx) * 180) / Math.PI;
    const turned = angle === undefined ? here : more ? here + angle : angle;
    const size = radius === undefined ? Math.hypot(dx, dy) : radius * this.state.scale;
    const [sine, cosine] = sineCosine(turned);
    const point: [number, number, number] = [0, 0, 0];
    point[first] = px + size * cosine;
    point[second] = py + size * sine;
    point[third] = this.target(words, third);
    return point;
  }

  #frame(name: string, additive: boolean, words: BlockWords, statements: readonly Statement[], compute: Compute): void {
    if (transformations.has(name) || name.includes('ROTS')) {
      this.mover.doubts.add(name);
      this.notes.add(
        'unsupported',
        name,
        `${name} is not interpreted: from here on the path is not where the machine goes.`,
      );
    } else {
      const made = this.#programmed(name.replace(/^A(?=TRANS|ROT|SCALE|MIRROR)/, ''), words, statements, compute);
      this.state.rotation = additive ? compose(this.state.rotation, made) : made;
      this.rebuildFrame();
    }
    words.takeAll();
    words.hideAxes();
  }

  #programmed(name: string, words: BlockWords, statements: readonly Statement[], compute: Compute): Frame {
    const value = (axis: number): number | undefined => words.take(axisLetters[axis] as string);
    if (name === 'TRANS') {
      const length = (axis: number): number => (value(axis) ?? 0) * this.state.scale;
      return translation([length(0) / (this.state.diameter ? 2 : 1), length(1), length(2)]);
    }
    if (name === 'SCALE') return scaling([value(0) ?? 1, value(1) ?? 1, value(2) ?? 1]);
    if (name === 'MIRROR') return scaling([words.has('X') ? -1 : 1, words.has('Y') ? -1 : 1, words.has('Z') ? -1 : 1]);
    const inPlane = statements.find((one) => one.kind === 'address' && one.name === 'RPL');
    if (inPlane?.kind === 'address') return rotation(this.plane, toNumber(compute(inPlane.value)));
    // Several angles turn about Z first, then about the new Y, then about the new X.
    const parts = [rotation(planes[17], value(2) ?? 0), rotation(planes[18], value(1) ?? 0)];
    return [...parts, rotation(planes[19], value(0) ?? 0)].reduce(compose, identity);
  }

  #runCycles(statements: readonly Statement[], compute: Compute): void {
    for (const statement of statements) {
      if (statement.kind !== 'cycle') continue;
      const { name, modal } = statement;
      const values = statement.parameters.map((parameter) => toNumber(compute(parameter.value)));
      if (name === 'CYCLE800') this.#swivel(values);
      else if (!this.#cycles.isKnown(name)) this.#unknownCycle(name);
      else if (modal) this.#cycles.setModal(name, values);
      else this.#cycles.run(name, values, this.plane, this.state.scale);
    }
  }

  #unknownCycle(name: string): void {
    if (silentCycles.has(name)) return;
    this.notes.add('unsupported', name, `${name} is not interpreted: what it moves is not shown.`);
  }

  /** CYCLE800() takes the tilt back. */
  #swivel(values: readonly number[]): void {
    const angles = values.slice(7, 10);
    if (angles.every((angle) => angle === 0 || Number.isNaN(angle))) {
      this.mover.doubts.delete('CYCLE800');
      return;
    }
    this.mover.doubts.add('CYCLE800');
    this.notes.add(
      'unsupported',
      'CYCLE800',
      'A tilted plane is not interpreted: from here on the path is not where the machine goes.',
    );
  }
}

function polarOf(addresses: readonly Address[], statements: readonly Statement[]): Polar {
  const more = statements.some(
    (one) => one.kind === 'address' && one.name === 'AP' && one.value.kind === 'call' && one.value.name === 'IC',
  );
  return {
    radius: addresses.find(({ name }) => name === 'RP')?.value,
    angle: addresses.find(({ name }) => name === 'AP')?.value,
    more,
  };
}

/** CHF is the length of the chamfer, CHR what it takes off each line. */
const cornersBy: Readonly<Record<string, Corner['by']>> = { RND: 'radius', CHF: 'chord', CHR: 'leg' };
const splines = new Set(['BSPLINE', 'CSPLINE', 'ASPLINE', 'POLY', 'INVCW', 'INVCCW']);
const motions = new Set([0, 10, 20, 30, 330]);
const geometry = new Set(['AP', 'RP', 'CR', 'TURN', 'AR']);
const transformations = new Set(['TRAORI', 'TRANSMIT', 'TRACYL', 'TRAANG', 'TRACON']);
