import { wordFlag } from '../program/block.ts';
import type { Code } from './code.ts';
import { evaluate, toNumber, type Value, type Variables } from './values.ts';

/** The words of the block that runs, with their values now. One object for a run. What nothing took is reported. */
export class BlockWords {
  /** Tenths: 10 is G1, 541 is G54.1. */
  readonly g: number[] = [];
  readonly m: number[] = [];
  /** Every T. */
  readonly tools: number[] = [];
  readonly #value = new Float64Array(26);
  readonly #flags = new Uint8Array(26);
  #present = 0;
  #taken = 0;
  /** Addresses with an extension, `X1=`, `S2=`, that nothing took. */
  readonly extended = new Map<string, number>();

  load(code: Code, block: number, variables: Variables): void {
    this.clear();
    const end = code.first[block + 1] as number;
    for (let at = code.first[block] as number; at < end; at++) {
      const flags = code.flags[at] as number;
      const letter = code.letter[at] as number;
      const expression = flags & wordFlag.computed ? code.expressions.get(at) : undefined;
      const value = expression ? evaluate(expression, variables) : (code.value[at] as number);
      if (code.index[at] !== -1) this.extended.set(`${String.fromCharCode(letter)}${code.index[at]}`, toNumber(value));
      else this.set(letter, value, flags);
    }
  }

  /** What is empty is left alone: an array that is cut, and a map that is cleared, get a new store each time. */
  clear(): void {
    if (this.g.length > 0) this.g.length = 0;
    if (this.m.length > 0) this.m.length = 0;
    if (this.tools.length > 0) this.tools.length = 0;
    if (this.extended.size > 0) this.extended.clear();
    this.#present = 0;
    this.#taken = 0;
  }

  /** An address whose variable is vacant is as if it was not written (FANUC). A repeated address: the last one counts. */
  set(letter: number, value: Value, flags: number): void {
    if (value === undefined) return;
    const number = typeof value === 'number' ? value : Number.NaN;
    if (letter === 71) this.g.push(Math.round(number * 10));
    else if (letter === 77) this.m.push(number);
    else {
      if (letter === 84) this.tools.push(number);
      const at = letter - 65;
      if (at < 0 || at > 25) return;
      this.#value[at] = number;
      this.#flags[at] = flags;
      this.#present |= 1 << at;
    }
  }

  has(letter: string): boolean {
    return (this.#present & bitOf(letter)) !== 0;
  }

  hasAny(letters: string): boolean {
    for (const letter of letters) if (this.has(letter)) return true;
    return false;
  }

  /** Undefined where it is not written; NaN where only the machine knows. */
  take(letter: string): number | undefined {
    if (!this.has(letter)) return undefined;
    this.#taken |= bitOf(letter);
    return this.#value[letter.charCodeAt(0) - 65];
  }

  /** As `take`; from then on it is as if it was not written. */
  drop(letter: string): number | undefined {
    const value = this.take(letter);
    this.#present &= ~bitOf(letter);
    return value;
  }

  takeExtended(name: string): number | undefined {
    const value = this.extended.get(name);
    this.extended.delete(name);
    return value;
  }

  flags(letter: string): number {
    return this.has(letter) ? (this.#flags[letter.charCodeAt(0) - 65] as number) : 0;
  }

  takeAll(): void {
    this.#taken = this.#present;
    this.extended.clear();
  }

  /** The axis words of this block are no positions, and move nothing. */
  hideAxes(): void {
    for (const letter of 'XYZABCUVWIJK') this.#present &= ~bitOf(letter);
  }

  untaken(): string {
    const bits = this.#present & ~this.#taken;
    let left = '';
    for (let at = 0; bits >>> at > 0; at++) if (bits & (1 << at)) left += String.fromCharCode(65 + at);
    return left;
  }
}

const bitOf = (letter: string): number => 1 << (letter.charCodeAt(0) - 65);
