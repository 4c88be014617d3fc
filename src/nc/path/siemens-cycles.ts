import { limits } from '../../domain/limits.ts';
import { drillHole, type Hole } from './drilling.ts';
import { type PlaneAxes, sineCosine } from './frame.ts';
import type { DrillCycle } from './iso-codes.ts';
import type { Mover } from './mover.ts';

/** A cycle's values by their place; NaN where one is left out. Lengths and feeds still in the program's unit. */
type Values = readonly number[];

const drilling: Record<string, DrillCycle> = {
  CYCLE81: 'drill',
  CYCLE82: 'dwell',
  CYCLE83: 'peck',
  CYCLE84: 'tap',
  CYCLE840: 'tap',
  CYCLE85: 'bore-dwell',
  CYCLE86: 'fine-bore',
  CYCLE87: 'bore-stop',
  CYCLE88: 'bore-stop',
  CYCLE89: 'bore-dwell',
};
const patterns = new Set(['HOLES1', 'HOLES2', 'CYCLE801']);

/** Where CYCLE84 and CYCLE840 have a thread's size, its pitch and the speed. */
const threads: Record<string, readonly [size: number, pitch: number, speed: number]> = {
  CYCLE84: [7, 8, 10],
  CYCLE840: [9, 10, -1],
};
/** Coarse pitches of metric threads by their size. */
const coarse: Record<number, number> = {
  3: 0.5,
  4: 0.7,
  5: 0.8,
  6: 1,
  8: 1.25,
  10: 1.5,
  12: 1.75,
  14: 2,
  16: 2,
  18: 2.5,
  20: 2.5,
  22: 2.5,
  24: 3,
  27: 3,
  30: 3.5,
  33: 3.5,
  36: 4,
  39: 4,
  42: 4.5,
  45: 4.5,
  48: 5,
};

/** Drilling cycles and patterns of holes of an 840D. */
export class SiemensCycles {
  readonly #mover: Mover;
  /** MCALL: runs after every block that moves. */
  #modal: { name: string; values: Values } | undefined;

  constructor(mover: Mover) {
    this.#mover = mover;
  }

  isKnown(name: string): boolean {
    return name in drilling || patterns.has(name);
  }

  setModal(name: string, values: Values): void {
    this.#modal = { name, values };
  }

  endModal(): void {
    this.#modal = undefined;
  }

  /** At the point where the tool stands, if a modal cycle is on. */
  afterMove(plane: PlaneAxes, scale: number): void {
    if (this.#modal) this.#drill(this.#modal.name, this.#modal.values, plane, scale);
  }

  run(name: string, values: Values, plane: PlaneAxes, scale: number): void {
    if (!patterns.has(name)) this.#drill(name, values, plane, scale);
    else if (this.#modal) this.#pattern(name, values, plane, scale);
    else this.#mover.notes.add('assumed', name, `${name} without a modal cycle makes no holes.`);
  }

  #drill(name: string, values: Values, plane: PlaneAxes, scale: number): void {
    const cycle = drilling[name];
    if (cycle === undefined) return;
    const before = this.#mover.feed;
    this.#mover.feed = this.#feed(name, values, scale, before);
    drillHole(this.#mover, plane, this.#mover.at, this.#hole(name, cycle, values, scale));
    this.#mover.feed = before;
  }

  #hole(name: string, cycle: DrillCycle, values: Values, scale: number): Hole {
    const length = (place: number): number => (values[place] ?? Number.NaN) * scale;
    const [retract, surface] = [length(0), length(1)];
    const down = retract < surface ? 1 : -1;
    const relative = surface + down * Math.abs(length(4));
    const first = known(length(5), surface + down * Math.abs(length(6)));
    const [less, share] = degression(values, length(7));
    const pecks = name === 'CYCLE83';
    return {
      cycle: pecks && known(values[11], 0) === 0 ? 'chip-break' : cycle,
      bottom: known(length(3), relative),
      clearance: surface - down * Math.abs(known(length(2), 0)),
      surface,
      retract,
      peck: pecks ? Math.abs(first - surface) : 0,
      lessPeck: pecks ? less : 0,
      peckShare: pecks ? share : undefined,
      leastPeck: pecks ? known(length(13), less) : 0,
      // In CYCLE87 the direction of the spindle stands there.
      dwell: name === 'CYCLE87' ? 0 : known(values[pecks ? 8 : 5], 0),
      advance: known(length(pecks ? (known(values[11], 0) === 0 ? 14 : 16) : -1), scale === 1 ? 1 : 0.04 * scale),
      outFeed: name === 'CYCLE85' ? length(7) : undefined,
    };
  }

  #feed(name: string, values: Values, scale: number, before: number): number {
    if (name === 'CYCLE85') return known((values[6] ?? Number.NaN) * scale, before);
    const places = threads[name];
    if (!places) return before;
    const [size, pitch, speed] = places;
    const rise = known((values[pitch] ?? Number.NaN) * scale, coarse[Math.abs(values[size] ?? 0)] ?? Number.NaN);
    const revolutions = known(values[speed], this.#mover.speed);
    return known(Math.abs(rise) * revolutions, before);
  }

  #pattern(name: string, values: Values, plane: PlaneAxes, scale: number): void {
    for (const [first, second] of pointsOf(name, values)) {
      const over: [number, number, number] = [...this.#mover.at];
      over[plane[0]] = first * scale;
      over[plane[1]] = second * scale;
      this.#mover.inCycle = true;
      this.#mover.rapid(over);
      this.#mover.inCycle = false;
      this.afterMove(plane, scale);
    }
  }
}

const known = (value: number | undefined, otherwise: number): number =>
  value === undefined || Number.isNaN(value) ? otherwise : value;

/** DAM of CYCLE83: how much less each peck is, or, below 0 and where AMODE says so as a percentage, a share of the one before. */
function degression(values: Values, less: number): [less: number, share: number] {
  const written = known(values[7], 0);
  const percent = Math.floor(known(values[19], 0) / 100_000) % 10 === 2;
  if (written < 0) return [0, -written];
  return percent && written > 0 ? [0, written / 100] : [known(less, 0), 1];
}

function* pointsOf(name: string, values: Values): Generator<[number, number]> {
  const at = (place: number): number => known(values[place], 0);
  const most = limits.ncPathPieces;
  if (name === 'HOLES2') {
    const step = at(4) === 0 ? 360 / at(5) : at(4);
    for (let hole = 0; hole < Math.min(at(5), most); hole++) {
      const [sine, cosine] = sineCosine(at(3) + hole * step);
      yield [at(0) + at(2) * cosine, at(1) + at(2) * sine];
    }
    return;
  }
  const [sine, cosine] = sineCosine(at(2));
  const [columns, rows] = name === 'HOLES1' ? [at(5), 1] : [at(5), at(6)];
  for (let row = 0; row < Math.min(rows, most / Math.max(1, columns)); row++)
    for (let hole = 0; hole < Math.min(columns, most); hole++) {
      const along = name === 'HOLES1' ? at(3) + hole * at(4) : hole * at(3);
      const up = row * at(4);
      yield [at(0) + along * cosine - up * sine, at(1) + along * sine + up * cosine];
    }
}
