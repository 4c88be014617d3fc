import type { Dialect } from '../../domain/nc.ts';
import { type Block, letterBits, wordFlag } from '../program/block.ts';
import type { Statement } from '../program/statement.ts';

const code = (letter: string): number => letter.charCodeAt(0);
const [G, I, J, K, R] = [...'GIJKR'].map(code) as [number, number, number, number, number];
const codeBit = letterBits('G');
/** Axes by letter: X 0, Y 1, Z 2, A 3 … -1 for what is no axis. */
export const axisLetters = 'XYZABCUVW';
const axisOf = new Int8Array(128).fill(-1);
for (const [at, letter] of [...axisLetters].entries()) axisOf[code(letter)] = at;

/** Axes of the arc plane and what its centre is written with: G17, G18, G19. */
const planes = [
  { first: 0, second: 1, centreFirst: I, centreSecond: J },
  { first: 2, second: 0, centreFirst: K, centreSecond: I },
  { first: 1, second: 2, centreFirst: J, centreSecond: K },
] as const;

/** Blocks with these G codes say positions in words that are no end points of a move in work coordinates. */
const noMove = new Set([4, 10, 28, 29, 30, 50, 52, 53, 65, 66, 68, 92]);
/** As written with their point: G10.9 is how X is read, G7.1 a cylinder, G68.2 a plane. */
const noMoveExactly = new Set([7.1, 10.9, 51.2, 107]);
/** On lathes: contours, grooves and threads, whose words are depths and allowances too. */
const turningCycles = new Set([70, 71, 72, 73, 74, 75, 76, 77, 78, 85, 86, 87, 88]);
/** U, V and W of a lathe are X, Y and Z from where the tool is. */
const incrementalFrom = 6;
/** After these the written position is not the one that follows from the words before. */
const losesPosition = new Set([28, 29, 30, 50, 52, 53, 65, 66, 68, 92]);

/** G codes that choose or shift the zero: G10, G15 H of Okuma, G50, G52, G54 to G59, G68, G69, G92, G154 P, G500 to G599. */
const isZero = (code: number): boolean =>
  (code >= 50 && code <= 59 && code !== 51 && code !== 53) ||
  code === 10 ||
  code === 15 ||
  code === 68 ||
  code === 69 ||
  code === 92 ||
  code === 154 ||
  (code >= 500 && code <= 599);

/**
 * Follows the written end points of a program without running it: the envelope of what is written, arcs whose ends
 * lie at different distances from their centre, and where rapid moves end. Loops, cycles and offsets are for the
 * interpreter; where the position is not certain from the text, nothing is said.
 */
export class Motion {
  readonly position = new Float64Array(axisLetters.length).fill(Number.NaN);
  readonly lowest = new Float64Array(axisLetters.length).fill(Number.POSITIVE_INFINITY);
  readonly highest = new Float64Array(axisLetters.length).fill(Number.NEGATIVE_INFINITY);
  /** How far the written end points lie apart within one work offset: across two of them nobody can tell. */
  readonly widest = new Float64Array(axisLetters.length);
  readonly #low = new Float64Array(axisLetters.length).fill(Number.POSITIVE_INFINITY);
  readonly #high = new Float64Array(axisLetters.length).fill(Number.NEGATIVE_INFINITY);
  /** 0 to 3 as G0 to G3, 4 a cycle, -1 not said yet. */
  mode = -1;
  absolute = true;
  /** Bits of the axes that the last block names. */
  moved = 0;
  /** Of the last block: an axis in G53, an arc that does not close by so much, 0 where it does. */
  machine = false;
  arcError = 0;
  /** It would close if its centre were absolute. */
  arcAbsolute = false;
  #plane: (typeof planes)[number] = planes[0];
  /** Where the last block that moved began: X, Y, Z. */
  readonly before = new Float64Array(3).fill(Number.NaN);
  /** Blocks that move only through statements, in Klartext. */
  readonly #byFunction: boolean;
  /** G90.1: nothing is said about arcs then. */
  #absoluteCentres = false;

  readonly #turning: boolean;
  readonly #linuxcnc: boolean;

  constructor(dialect: Dialect, turning = false) {
    this.#byFunction = dialect === 'klartext';
    // I and J are the pole of DIN/ISO.
    this.#absoluteCentres = dialect === 'heidenhain-iso';
    this.#turning = turning;
    this.#linuxcnc = dialect === 'linuxcnc';
  }

  /** Call for every block that has words. Returns whether the block moves. */
  block(block: Block): boolean {
    this.moved = 0;
    this.machine = false;
    this.arcError = 0;
    const moves = (block.words.letters & codeBit) === 0 || this.#codes(block);
    const positions =
      moves && (block.statements.length === 0 ? !this.#byFunction : this.#statementsMove(block.statements));
    if (!positions) return false;
    this.#endPoint(block);
    if (this.moved !== 0 && this.mode >= 2 && this.mode <= 3 && !this.#byFunction && !this.#absoluteCentres)
      this.#arc(block);
    return this.moved !== 0;
  }

  /** G codes of the block. False where its axis words are no end point. */
  #codes(block: Block): boolean {
    const { letter, value, count } = block.words;
    let moves = true;
    for (let at = 0; at < count; at++) {
      if (letter[at] !== G) continue;
      const number = value[at] as number;
      if (number <= 3 && number >= 0) this.mode = number | 0;
      else if (number >= 17 && number <= 19) this.#plane = planes[(number | 0) - 17] ?? planes[0];
      else if (number === 90) this.absolute = true;
      else if (number === 91) this.absolute = this.#turning;
      else if (number === 90.1 || number === 91.1) this.#absoluteCentres = number === 90.1;
      else if ((number >= 73 && number <= 89 && number !== 80) || number > 199) this.mode = 4;
      const whole = number | 0;
      if (this.#turning && (turningCycles.has(whole) || whole === 92)) {
        this.mode = 4;
        if (whole === 92 || whole === 90 || whole === 94) continue;
        this.position.fill(Number.NaN);
        moves = false;
      }
      if (this.#linuxcnc && number >= 70 && number < 73) moves = false;
      if (isZero(whole)) this.#newZero();
      if (noMoveExactly.has(number)) moves = false;
      if (noMove.has(whole)) {
        moves = false;
        if (whole === 53) this.machine = true;
        if (losesPosition.has(whole)) this.position.fill(Number.NaN);
      }
    }
    return moves;
  }

  #statementsMove(statements: readonly Statement[]): boolean {
    for (const statement of statements) {
      if (statement.kind === 'path-function') {
        if (statement.name === 'CC' || statement.name === 'RND' || statement.name === 'CHF') return false;
        this.mode = statement.rapid ? 0 : statement.name.startsWith('C') ? 2 : 1;
        return true;
      }
      if (statement.kind === 'frame') this.#newZero();
      if (statement.kind === 'frame' || statement.kind === 'call' || statement.kind === 'blank-form') {
        this.position.fill(Number.NaN);
        return false;
      }
      if (statement.kind === 'tool' || statement.kind === 'cycle') return false;
      if (statement.kind === 'address' && (statement.name === '@' || statement.name === '^')) this.#polar();
    }
    return !this.#byFunction;
  }

  /** X and Y are not in the text. */
  #polar(): void {
    this.position[0] = Number.NaN;
    this.position[1] = Number.NaN;
  }

  #endPoint(block: Block): void {
    const { letter, value, flags, index, count } = block.words;
    const position = this.position;
    const lowest = this.#low;
    const highest = this.#high;
    const { absolute } = this;
    const turning = this.#turning;
    for (let at = 0; at < count; at++) {
      let axis = axisOf[letter[at] as number] as number;
      // X1=10 is another axis.
      if (axis === -1 || index[at] !== -1) continue;
      const from = turning && axis >= incrementalFrom;
      if (from) axis -= incrementalFrom;
      if (this.moved === 0) this.#begin();
      this.moved |= 1 << axis;
      const said = flags[at] as number;
      const incremental = from || said & wordFlag.incremental || (!absolute && !(said & wordFlag.absolute));
      const end = incremental ? (position[axis] as number) + (value[at] as number) : (value[at] as number);
      position[axis] = end;
      if (end < (lowest[axis] as number)) lowest[axis] = end;
      if (end > (highest[axis] as number)) highest[axis] = end;
    }
  }

  /** Arcs and stock lie in the first three axes. */
  #begin(): void {
    const { before, position } = this;
    before[0] = position[0] as number;
    before[1] = position[1] as number;
    before[2] = position[2] as number;
  }

  /** Another zero: what was written before and what follows lie in different places. */
  #newZero(): void {
    this.measure();
    this.#low.fill(Number.POSITIVE_INFINITY);
    this.#high.fill(Number.NEGATIVE_INFINITY);
  }

  /** Brings `lowest`, `highest` and `widest` up to date; call at the end. */
  measure(): void {
    for (let axis = 0; axis < axisLetters.length; axis++) {
      const [low, high] = [this.#low[axis] as number, this.#high[axis] as number];
      if (low < (this.lowest[axis] as number)) this.lowest[axis] = low;
      if (high > (this.highest[axis] as number)) this.highest[axis] = high;
      if (high - low > (this.widest[axis] as number)) this.widest[axis] = high - low;
    }
  }

  /** How much further from the centre one end of an arc is than the other. */
  #arc(block: Block): void {
    const { letter, value, flags, index, count } = block.words;
    const { first, second, centreFirst, centreSecond } = this.#plane;
    let centre1 = 0;
    let centre2 = 0;
    let said = false;
    for (let at = 0; at < count; at++) {
      const is = letter[at];
      if (is === R || (flags[at] as number) & wordFlag.absolute || index[at] !== -1) return;
      if (is === centreFirst) centre1 = value[at] as number;
      else if (is === centreSecond) centre2 = value[at] as number;
      else continue;
      said = true;
    }
    if (!said) return;
    const from1 = this.before[first] as number;
    const from2 = this.before[second] as number;
    const to1 = this.position[first] as number;
    const to2 = this.position[second] as number;
    const error = Math.abs(Math.hypot(centre1, centre2) - Math.hypot(to1 - from1 - centre1, to2 - from2 - centre2));
    if (error <= 0) return;
    this.arcError = error;
    const absolute = Math.hypot(from1 - centre1, from2 - centre2) - Math.hypot(to1 - centre1, to2 - centre2);
    this.arcAbsolute = Math.abs(absolute) < error / 100;
  }
}
