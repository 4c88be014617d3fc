import { type Words, wordFlag } from './block.ts';
import type { Expression } from './expression.ts';

/** The words of the block that is being read. */
export class WordList implements Words {
  count = 0;
  letter = new Uint8Array(64);
  index = new Int32Array(64);
  value = new Float64Array(64);
  start = new Uint32Array(64);
  end = new Uint32Array(64);
  flags = new Uint8Array(64);
  readonly #expressions: (Expression | undefined)[] = [];

  clear(): void {
    this.count = 0;
  }

  add(letter: number, value: number, start: number, end: number, flags: number): void {
    const at = this.count++;
    if (at === this.letter.length) this.#grow();
    this.letter[at] = letter;
    this.index[at] = -1;
    this.value[at] = value;
    this.start[at] = start;
    this.end[at] = end;
    this.flags[at] = flags;
  }

  /** `value` is NaN where the expression has variables. */
  addComputed(letter: number, value: number, expression: Expression, start: number, end: number, flags: number): void {
    this.add(letter, value, start, end, flags | wordFlag.computed);
    this.#expressions[this.count - 1] = expression;
  }

  /** The address extension of the last word. */
  extend(index: number): void {
    this.index[this.count - 1] = index;
  }

  expression(at: number): Expression | undefined {
    return at < this.count && (this.flags[at] ?? 0) & wordFlag.computed ? this.#expressions[at] : undefined;
  }

  /** The value of the first word with this letter (ASCII), undefined where there is none; NaN where it is computed. */
  first(letter: number): number | undefined {
    for (let at = 0; at < this.count; at++) if (this.letter[at] === letter) return this.value[at];
    return undefined;
  }

  #grow(): void {
    const size = this.letter.length * 2;
    const bigger = <T extends { set(from: T): void }>(made: T, from: T): T => {
      made.set(from);
      return made;
    };
    this.letter = bigger(new Uint8Array(size), this.letter);
    this.index = bigger(new Int32Array(size), this.index);
    this.value = bigger(new Float64Array(size), this.value);
    this.start = bigger(new Uint32Array(size), this.start);
    this.end = bigger(new Uint32Array(size), this.end);
    this.flags = bigger(new Uint8Array(size), this.flags);
  }
}
