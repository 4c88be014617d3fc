import { limits } from '../../domain/limits.ts';
import type { BlockWords } from './block-words.ts';
import type { IsoCoordinates } from './iso-coordinates.ts';
import type { IsoState } from './iso-state.ts';
import type { Mover } from './mover.ts';

type Kept = Pick<
  IsoState,
  'plane' | 'absolute' | 'absoluteCentres' | 'scale' | 'returnsToInitial' | 'diameter' | 'workName' | 'lengthOn'
> &
  Pick<Mover, 'feed' | 'feedMode' | 'speed' | 'surfaceSpeed' | 'compensation'>;

/** M70 keeps the modes of the level that runs, M72 brings them back, M71 forgets them, and M73 brings them back at the return. */
export class LinuxcncModes {
  readonly #machine: IsoCoordinates;
  /** By depth of calls. */
  readonly #kept: (Kept | undefined)[] = [undefined];
  readonly #restores: boolean[] = [false];

  constructor(machine: IsoCoordinates) {
    this.#machine = machine;
  }

  block(words: BlockWords): void {
    if (words.m.includes(70) || words.m.includes(73)) this.#kept[this.#depth] = this.#now();
    if (words.m.includes(73)) this.#restores[this.#depth] = true;
    if (words.m.includes(71)) this.#kept[this.#depth] = undefined;
  }

  /** What a block restores holds from the next one on. */
  after(words: BlockWords): void {
    if (words.m.includes(72)) this.#restore();
  }

  enter(): void {
    if (this.#kept.length > limits.ncPathDepth) return;
    this.#kept.push(undefined);
    this.#restores.push(false);
  }

  leave(): void {
    if (this.#restores[this.#depth]) this.#restore();
    if (this.#kept.length === 1) return;
    this.#kept.pop();
    this.#restores.pop();
  }

  get #depth(): number {
    return this.#kept.length - 1;
  }

  #now(): Kept {
    const { state, mover } = this.#machine;
    const { plane, absolute, absoluteCentres, scale, returnsToInitial, diameter, workName, lengthOn } = state;
    const { feed, feedMode, speed, surfaceSpeed, compensation } = mover;
    return {
      plane,
      absolute,
      absoluteCentres,
      scale,
      returnsToInitial,
      diameter,
      workName,
      lengthOn,
      feed,
      feedMode,
      speed,
      surfaceSpeed,
      compensation,
    };
  }

  #restore(): void {
    const kept = this.#kept[this.#depth];
    const { state, mover, notes } = this.#machine;
    if (!kept) {
      notes.add('wrong', 'M72', 'There are no modes that were kept and could be restored.');
      return;
    }
    const { feed, feedMode, speed, surfaceSpeed, compensation, ...modes } = kept;
    Object.assign(state, modes);
    Object.assign(mover, { feed, feedMode, speed, surfaceSpeed, compensation });
    this.#machine.setWork(kept.workName);
  }
}
