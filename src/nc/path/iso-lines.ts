import type { BlockWords } from './block-words.ts';
import type { Address } from './control.ts';
import type { Corner } from './corner.ts';
import type { IsoCoordinates } from './iso-coordinates.ts';

/** What a line is written with beside its end: the angle that it runs in, and what becomes of the corner behind it. */
export type WrittenLine = { angle: number | undefined; corner: Corner | undefined };

const millLetters = ['X', 'Y', 'Z'];
const latheLetters = ['XU', 'YV', 'ZW'];

/** Direct input of drawings: `,R2.`, `,C1.` and `,A30.`, on lathes also as plain words. */
export class IsoLines {
  readonly #machine: IsoCoordinates;

  constructor(machine: IsoCoordinates) {
    this.#machine = machine;
  }

  read(words: BlockWords, addresses: readonly Address[]): WrittenLine {
    const value = (name: string): number | undefined => addresses.find((one) => one.name === name)?.value;
    const written = this.#written(words);
    const angle = value(',A') ?? (written === 1 && this.#turns() ? words.drop('A') : undefined);
    return {
      // Beside the whole end it belongs to the line before.
      angle: written < 2 ? angle : undefined,
      corner: this.#corner(',R', 'radius', value(',R')) ?? this.#corner(',C', 'leg', value(',C')) ?? this.#word(words),
    };
  }

  #corner(what: string, by: Corner['by'], size: number | undefined): Corner | undefined {
    const { plane, state } = this.#machine;
    return size === undefined ? undefined : { what, plane, by, size: Math.abs(size) * state.scale };
  }

  /** How many coordinates of the plane there are. */
  #written(words: BlockWords): number {
    const { plane, options } = this.#machine;
    const letters = options.lathe ? latheLetters : millLetters;
    const isWritten = (axis: number) => (words.hasAny(letters[axis] as string) ? 1 : 0);
    return isWritten(plane[0]) + isWritten(plane[1]);
  }

  /** Whether the word A is an angle. */
  #turns(): boolean {
    const { lathe, dialect } = this.#machine.options;
    return lathe && dialect !== 'siemens' && dialect !== 'linuxcnc';
  }

  /** FANUC's lathes take R as the radius, and I or K as the length, of what becomes of the corner. */
  #word(words: BlockWords): Corner | undefined {
    const machine = this.#machine;
    const { options, plane, mover, notes } = machine;
    if (!options.lathe || (options.dialect !== 'iso' && options.dialect !== 'mazak')) return undefined;
    if (mover.doubts.size === 0 && words.has('C') && words.hasAny('XZUW'))
      notes.add('assumed', 'word C', 'C is read as the rotary axis; controls without one read a chamfer.');
    const radius = machine.length(words, 'R');
    if (radius !== undefined) return { what: 'R', plane, by: 'radius', size: Math.abs(radius) };
    const leg = machine.length(words, 'I') ?? machine.length(words, 'K');
    return leg === undefined ? undefined : { what: 'chamfer', plane, by: 'leg', size: Math.abs(leg) };
  }
}
