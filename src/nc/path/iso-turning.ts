import type { BlockWords } from './block-words.ts';
import type { Point } from './frame.ts';
import type { IsoCoordinates } from './iso-coordinates.ts';
import { segmentFlag } from './toolpath.ts';

/** Cycles and threads of FANUC's lathes. */
export class IsoTurning {
  readonly #machine: IsoCoordinates;

  constructor(machine: IsoCoordinates) {
    this.#machine = machine;
  }

  /** G90, G92, G94 of a lathe: four moves, back to where they began. */
  cycle(words: BlockWords): void {
    const machine = this.#machine;
    const { mover, state } = machine;
    const { turning } = state;
    if (!turning) return;
    const from = mover.at;
    if (words.hasAny('XU')) turning.x = machine.target(words, 0);
    if (words.hasAny('ZW')) turning.z = machine.target(words, 2);
    const r = machine.length(words, 'R');
    if (r !== undefined) turning.taper = r;
    words.take('F');
    const y = from[1];
    const first: Point =
      turning.cycle === 'face' ? [from[0], y, turning.z + turning.taper] : [turning.x + turning.taper, y, from[2]];
    const flags = turning.cycle === 'thread' ? segmentFlag.synchronous : 0;
    mover.inCycle = true;
    mover.rapid(first);
    mover.line([turning.x, y, turning.z], undefined, flags);
    const third: Point = turning.cycle === 'face' ? [turning.x, y, from[2]] : [from[0], y, turning.z];
    if (flags) mover.rapid(third);
    else mover.line(third);
    mover.rapid(from);
    mover.inCycle = false;
  }

  /** G32, G33: F is the lead. */
  thread(words: BlockWords): void {
    const { mover } = this.#machine;
    const mode = mover.feedMode;
    const lead = this.#machine.length(words, 'K') ?? this.#machine.length(words, 'I');
    if (lead !== undefined && lead > 0) mover.feed = lead;
    mover.feedMode = 'per-revolution';
    mover.line(this.#machine.end(words), undefined, segmentFlag.synchronous);
    mover.feedMode = mode;
  }
}
