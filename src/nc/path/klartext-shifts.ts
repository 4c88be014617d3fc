import { wordFlag } from '../program/block.ts';
import type { Expression } from '../program/expression.ts';
import type { Parameter } from '../program/statement.ts';
import type { BlockWords } from './block-words.ts';
import type { PlaneAxes } from './frame.ts';
import type { HeidenhainFrame } from './heidenhain-frame.ts';
import { axisLetters } from './iso-state.ts';
import type { Mover } from './mover.ts';
import { toNumber, type Value } from './values.ts';

/** Cycles 7, 8, 10, 11, 19, 26 and 247, and TRANS: what moves, turns, mirrors and scales the datum. */
export class KlartextShifts {
  readonly #mover: Mover;
  readonly #frame: HeidenhainFrame;

  constructor(mover: Mover, frame: HeidenhainFrame) {
    this.#mover = mover;
    this.#frame = frame;
  }

  takes(number: string): boolean {
    return ['7', '8', '10', '11', '19', '26', '247'].includes(number);
  }

  cycle(
    number: string,
    part: string,
    words: BlockWords,
    parameters: readonly Parameter[],
    compute: (expression: Expression) => Value,
    scale: number,
    plane: PlaneAxes,
  ): void {
    if (number === '247') {
      this.#preset();
      return;
    }
    if (part === '' || part === '0') return;
    const values = new Map(parameters.map(({ name, value }) => [name, toNumber(compute(value))]));
    if (number === '7') this.#shift(words, scale);
    else if (number === '8') this.#mirror(words);
    else if (number === '10') this.#turn(values);
    else if (number === '11') this.#scaleAll(values.get('SCL'));
    else if (number === '26') this.#scaleEach(words, values, scale);
    else if (number === '19') this.#tilt(words);
    this.#apply(plane);
  }

  trans(name: string, words: BlockWords, addresses: Map<string, number>, scale: number, plane: PlaneAxes): void {
    if (name === 'TRANS DATUM AXIS') this.#shift(words, scale);
    else if (name === 'TRANS DATUM RESET') this.#frame.shift = [0, 0, 0];
    else if (name.startsWith('TRANS MIRROR')) this.#mirror(words);
    else if (name.startsWith('TRANS ROTATION')) this.#turn(addresses);
    else if (name.startsWith('TRANS SCALE')) this.#scaleAll(addresses.get('SCL'));
    else
      this.#mover.notes.add(
        'unknown',
        name,
        'This datum stands in a table of the control: coordinates are drawn as before.',
      );
    addresses.clear();
    words.takeAll();
    this.#apply(plane);
  }

  #apply(plane: PlaneAxes): void {
    this.#mover.setFrame(this.#frame.frame(plane));
  }

  #preset(): void {
    this.#mover.notes.add('assumed', 'CYCL DEF 247', 'Presets of the control are not known: they are drawn as 0.');
  }

  #shift(words: BlockWords, scale: number): void {
    const shift: [number, number, number] = [...this.#frame.shift];
    for (const axis of [0, 1, 2]) {
      const letter = axisLetters[axis] as string;
      const value = words.take(letter);
      if (value === undefined) continue;
      shift[axis] = (words.flags(letter) & wordFlag.incremental ? (shift[axis] as number) : 0) + value * scale;
    }
    this.#frame.shift = shift;
  }

  /** No axis: the mirror is off. */
  #mirror(words: BlockWords): void {
    this.#frame.mirror = [words.has('X') ? -1 : 1, words.has('Y') ? -1 : 1, words.has('Z') ? -1 : 1];
  }

  #turn(values: ReadonlyMap<string, number>): void {
    const more = values.get('IROT');
    this.#frame.degrees = values.get('ROT') ?? this.#frame.degrees + (more ?? 0);
  }

  #scaleAll(factor = 1): void {
    this.#frame.scale = [factor, factor, factor];
    this.#frame.scaleCentre = [0, 0, 0];
  }

  #scaleEach(words: BlockWords, values: ReadonlyMap<string, number>, scale: number): void {
    this.#frame.scale = [words.take('X') ?? 1, words.take('Y') ?? 1, words.take('Z') ?? 1];
    this.#frame.scaleCentre = [
      (values.get('CCX') ?? 0) * scale,
      (values.get('CCY') ?? 0) * scale,
      (values.get('CCZ') ?? 0) * scale,
    ];
  }

  #tilt(words: BlockWords): void {
    const what = 'CYCL DEF 19';
    const tilted = ['A', 'B', 'C'].some((letter) => (words.take(letter) ?? 0) !== 0);
    if (!tilted) {
      this.#mover.doubts.delete(what);
      return;
    }
    this.#mover.doubts.add(what);
    this.#mover.notes.add(
      'unsupported',
      what,
      'A tilted plane is not interpreted: from here on the path is not where the machine goes.',
    );
  }
}
