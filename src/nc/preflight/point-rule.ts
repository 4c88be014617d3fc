import { limits } from '../../domain/limits.ts';
import type { Dialect } from '../../domain/nc.ts';
import type { MachineProfile } from '../profile/profile.ts';
import type { Tally } from './finding-list.ts';

/**
 * `X100` is 100 units on one control and 100 of its smallest steps on another. Where a program writes points elsewhere,
 * or the control is known to count steps, a length without one is named.
 */
export class PointRule {
  /** The program writes points. */
  pointed = false;
  readonly #tally: Tally;
  readonly #watch: boolean;
  readonly #steps: boolean;
  readonly #smallest: number;
  readonly #missing: { letter: number; value: number; line: number }[] = [];
  #more = 0;

  constructor(tally: Tally, dialect: Dialect, profile: MachineProfile | undefined) {
    this.#tally = tally;
    this.#steps = profile?.withoutPoint === 'smallest-step';
    this.#smallest = profile?.smallestStep ?? 0;
    const tape = dialect === 'iso' || dialect === 'mazak';
    this.#watch = profile ? this.#steps : tape;
  }

  missing(letter: number, value: number, line: number): void {
    if (!this.#watch) return;
    if (this.#missing.length < limits.findingsPerRule) this.#missing.push({ letter, value, line });
    else this.#more++;
  }

  end(): void {
    if (!this.pointed && !this.#steps) return;
    for (const { letter, value, line } of this.#missing) {
      const word = `${String.fromCharCode(letter)}${value}`;
      const reads = this.#steps
        ? `this control reads ${Number((value * this.#smallest).toPrecision(12))}`
        : 'which some controls count in their smallest steps';
      this.#tally.at(line, () => `Line ${line} has ${word} without a decimal point: ${reads}.`);
    }
    for (; this.#more > 0; this.#more--) this.#tally.at(0, () => '');
  }
}
