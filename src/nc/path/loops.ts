import type { Expression } from '../program/expression.ts';
import type { Statement } from '../program/statement.ts';
import type { Level } from './level.ts';
import type { Structure } from './structure.ts';
import { evaluate, indexOf, toNumber, type Variables } from './values.ts';

type Loop = Extract<Statement, { kind: 'loop' }>;

/** Runs loops: by a condition at their begin or their end, by a counter, or for ever. */
export class Loops {
  readonly #structure: Structure;
  readonly #variables: Variables;
  readonly #holds: (condition: Expression) => boolean;

  constructor(structure: Structure, variables: Variables, holds: (condition: Expression) => boolean) {
    this.#structure = structure;
    this.#variables = variables;
    this.#holds = holds;
  }

  /** Whether the block goes on into the loop; where not, the level stands behind it. */
  begin(level: Level, at: number, { counter, condition }: Loop): boolean {
    if (counter) {
      const from = evaluate(counter.from, this.#variables);
      this.#variables.write(counter.variable, indexOf(counter.variable, this.#variables), from);
      if (toNumber(from) <= this.#last(counter)) return true;
    } else if (!condition || this.#holds(condition)) return true;
    level.at = this.#structure.behind(level.code, at);
    return false;
  }

  end(level: Level, at: number, condition: Expression | undefined): void {
    const start = level.code.partner.get(at);
    if (start === undefined) this.#structure.behind(level.code, at);
    else if (condition) {
      if (!this.#holds(condition)) level.at = start + 1;
    } else {
      const loop = level.code.statements.get(start)?.find((statement) => statement.kind === 'loop');
      if (loop?.counter) this.#countUp(level, start, loop.counter);
      else level.at = start;
    }
  }

  #countUp(level: Level, start: number, counter: NonNullable<Loop['counter']>): void {
    const index = indexOf(counter.variable, this.#variables);
    const next = toNumber(this.#variables.read(counter.variable, index)) + 1;
    this.#variables.write(counter.variable, index, next);
    if (next <= this.#last(counter)) level.at = start + 1;
  }

  #last({ to }: NonNullable<Loop['counter']>): number {
    return toNumber(evaluate(to, this.#variables));
  }
}
