import type { Expression } from '../program/expression.ts';
import type { Code } from './code.ts';
import type { Notes } from './notes.ts';

/** Where a program goes on at the blocks of IF, ELSE and loops. */
export class Structure {
  readonly #notes: Notes;
  readonly #holds: (condition: Expression) => boolean;

  constructor(notes: Notes, holds: (condition: Expression) => boolean) {
    this.#notes = notes;
    this.#holds = holds;
  }

  /** Behind the partner of a block that has one; else the program goes on. */
  behind({ partner }: Code, at: number): number {
    const other = partner.get(at);
    if (other !== undefined) return other + 1;
    this.#notes.add('wrong', 'structure', 'An IF, WHILE or END here has no partner.');
    return at + 1;
  }

  /** Behind the ELSE of an IF that does not hold, or an ELSEIF that does; behind the end where there is none. */
  branch(code: Code, at: number): number {
    for (let next = code.partner.get(at); next !== undefined; next = code.partner.get(next)) {
      const other = code.statements.get(next)?.find((one) => one.kind === 'else');
      if (other?.condition === undefined || this.#holds(other.condition)) return next + 1;
    }
    return this.behind(code, at);
  }

  /** From the end of a branch: the other ones do not run. */
  behindIf(code: Code, at: number): number {
    const { partner, statements } = code;
    let last = at;
    while (statements.get(partner.get(last) ?? -1)?.some((one) => one.kind === 'else'))
      last = partner.get(last) as number;
    return this.behind(code, last);
  }

  /** Where `break` and `continue` lead. */
  exit(code: Code, at: number, via: 'break' | 'continue'): number {
    const end = code.partner.get(code.partner.get(at) ?? -1);
    if (end === undefined) return this.behind(code, at);
    return via === 'continue' ? end : end + 1;
  }
}
