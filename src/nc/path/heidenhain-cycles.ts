import { limits } from '../../domain/limits.ts';
import type { Expression } from '../program/expression.ts';
import type { Parameter } from '../program/statement.ts';
import { drillHole, type Hole } from './drilling.ts';
import { type PlaneAxes, sineCosine } from './frame.ts';
import type { DrillCycle } from './iso-codes.ts';
import type { Mover } from './mover.ts';
import { toNumber, type Value } from './values.ts';

/** What drilling cycles of a TNC are called in Klartext and in DIN/ISO, and what they do. */
const drilling: Record<string, DrillCycle> = {
  200: 'peck',
  201: 'bore-dwell',
  202: 'bore-dwell',
  203: 'peck',
  204: 'back-bore',
  205: 'peck',
  206: 'tap',
  207: 'tap',
  209: 'tap',
  240: 'dwell',
  241: 'peck',
};
const patterns = new Set(['220', '221']);

/** Parameters that are no lengths: times, angles, counts and choices; and feeds, of which inch programs count tenths. */
const plain = new Set('Q210 Q211 Q213 Q224 Q241 Q242 Q243 Q245 Q246 Q247 Q301 Q343 Q365 DWELL'.split(' '));
const feeds = new Set('Q206 Q207 Q208 F'.split(' '));

/** `scale`: millimetres of a programmed length. */
export function cycleValues(
  parameters: readonly Parameter[],
  compute: (expression: Expression) => Value,
  scale: number,
): Map<string, number> {
  const values = new Map<string, number>();
  for (const { name, value } of parameters) {
    const factor = plain.has(name) ? 1 : feeds.has(name) ? feedScale(scale) : scale;
    values.set(name, toNumber(compute(value)) * factor);
  }
  return values;
}

/** An inch program of a TNC counts feeds in tenths of an inch a minute. */
export const feedScale = (scale: number): number => (scale === 1 ? 1 : scale / 10);

type Values = ReadonlyMap<string, number>;
type Defined = { number: string; values: Map<string, number> };

/** The cycle that is defined, and the holes that it makes where it is called. Lengths in millimetres. */
export class HeidenhainCycles {
  readonly #mover: Mover;
  #defined: Defined | undefined;

  constructor(mover: Mover) {
    this.#mover = mover;
  }

  /** A cycle by its Q parameters; a pattern runs at once, with the cycle that was defined before. */
  define(number: string, values: Map<string, number>, plane: PlaneAxes): void {
    if (patterns.has(number)) this.#pattern(number, values, plane);
    else this.#defined = { number, values };
  }

  /** One more value of a cycle that is defined line by line: `1.2 DEPTH`. */
  add(number: string, values: Map<string, number>): void {
    if (this.#defined?.number !== number) this.#defined = { number, values: new Map() };
    for (const [name, value] of values) this.#defined?.values.set(name, value);
  }

  /** Where the tool stands. `surface` lifts the workpiece's surface: the depth axis of `CYCL CALL POS`. */
  call(plane: PlaneAxes, surface = 0): void {
    const { notes } = this.#mover;
    const defined = this.#defined;
    if (!defined) {
      notes.add('wrong', 'cycle call', 'A cycle is called and none was defined.');
      return;
    }
    const hole = defined.number === '1' ? this.#oldPecking(defined.values, plane) : this.#hole(defined, surface);
    if (!hole) {
      notes.add('unsupported', `cycle ${defined.number}`, `Cycle ${defined.number} is shown as its positions only.`);
      return;
    }
    const before = this.#mover.feed;
    this.#mover.feed = this.#feed(defined.values, before);
    drillHole(this.#mover, plane, this.#mover.at, hole);
    this.#mover.feed = before;
  }

  /** Of the cycle: its own, for tapping its pitch at the spindle's speed, or the one before. */
  #feed(values: Values, before: number): number {
    const pitch = values.get('Q239');
    if (pitch !== undefined) return Math.abs(pitch) * this.#mover.speed;
    return values.get('Q206') ?? values.get('F') ?? before;
  }

  #hole({ number, values }: Defined, lift: number): Hole | undefined {
    const cycle = drilling[number];
    if (cycle === undefined) return undefined;
    const value = (name: string, otherwise = 0): number => values.get(name) ?? otherwise;
    const surface = value('Q203') + lift;
    const clearance = surface + value('Q200');
    this.#assumptions(number, value);
    return {
      cycle: cycle === 'peck' && value('Q213') > 0 ? 'chip-break' : cycle,
      bottom: surface + value('Q201', Number.NaN),
      clearance,
      surface,
      retract: Math.max(clearance, surface + value('Q204')),
      peck: value('Q202'),
      lessPeck: value('Q212'),
      leastPeck: value('Q205'),
      dwell: value('Q211'),
      advance: number === '205' ? value('Q258') : value('Q213') > 0 ? value('Q256', 0.2) : value('Q200'),
      outFeed: values.get('Q208'),
    };
  }

  #assumptions(number: string, value: (name: string) => number): void {
    const { notes } = this.#mover;
    if (number === '240' && value('Q343') === 1)
      notes.add('unknown', 'cycle 240', 'The depth of this centring follows from the angle of the tool.');
    if (number === '205' && value('Q379') !== 0)
      notes.add('assumed', 'cycle 205', 'The deepened starting point is not shown.');
    if (number === '203' && value('Q213') > 0)
      notes.add('assumed', 'cycle 203', 'Full retracts between the chip breaks are not shown.');
  }

  /** Cycle 1, still met: its depths count from where the tool stands. */
  #oldPecking(values: Values, plane: PlaneAxes): Hole | undefined {
    const start = this.#mover.at[plane[2]];
    const value = (name: string): number => values.get(name) ?? Number.NaN;
    const setUp = Math.abs(value('UP'));
    return {
      cycle: 'peck',
      bottom: start - setUp - Math.abs(value('DEPTH')),
      clearance: start,
      surface: start - setUp,
      retract: start,
      peck: Math.abs(value('PECKG')),
      lessPeck: 0,
      leastPeck: 0,
      dwell: values.get('DWELL') ?? 0,
      advance: 0.6,
      outFeed: undefined,
    };
  }

  /** 220 and 221 call the last cycle at each of their points, with their own clearances. */
  #pattern(number: string, values: Values, plane: PlaneAxes): void {
    const defined = this.#defined;
    if (!defined) {
      this.call(plane);
      return;
    }
    for (const name of ['Q200', 'Q203', 'Q204']) {
      const value = values.get(name);
      if (value !== undefined) defined.values.set(name, value);
    }
    const points = number === '220' ? circleOf(values) : gridOf(values);
    for (const [first, second] of points) {
      const over: [number, number, number] = [...this.#mover.at];
      over[plane[0]] = first;
      over[plane[1]] = second;
      this.#mover.inCycle = true;
      this.#mover.rapid(over);
      this.#mover.inCycle = false;
      this.call(plane);
    }
  }
}

function* circleOf(values: Values): Generator<[number, number]> {
  const value = (name: string): number => values.get(name) ?? 0;
  const count = Math.min(value('Q241'), limits.ncPathPieces);
  const whole = value('Q246') - value('Q245');
  const step = value('Q247') !== 0 ? value('Q247') : whole / (whole % 360 === 0 ? count : count - 1);
  for (let at = 0; at < count; at++) {
    const [sine, cosine] = sineCosine(value('Q245') + at * step);
    yield [value('Q216') + (value('Q244') / 2) * cosine, value('Q217') + (value('Q244') / 2) * sine];
  }
}

/** Row by row, there and back. */
function* gridOf(values: Values): Generator<[number, number]> {
  const value = (name: string): number => values.get(name) ?? 0;
  const [sine, cosine] = sineCosine(value('Q224'));
  const columns = Math.min(value('Q242'), limits.ncPathPieces);
  const rows = Math.min(value('Q243'), limits.ncPathPieces / Math.max(1, columns));
  for (let row = 0; row < rows; row++)
    for (let at = 0; at < columns; at++) {
      const along = (row % 2 === 0 ? at : columns - 1 - at) * value('Q237');
      const up = row * value('Q238');
      yield [value('Q225') + along * cosine - up * sine, value('Q226') + along * sine + up * cosine];
    }
}
