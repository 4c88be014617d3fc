import { limits } from '../../domain/limits.ts';
import { tokenKind as kind } from '../syntax/token.ts';
import type { Cursor } from './cursor.ts';
import type { Expression, Variable } from './expression.ts';
import { constantOf, type ExpressionReader } from './expression-reader.ts';
import type { Parameter, Statement } from './statement.ts';

type OWord = number | string | undefined;

/** What stands behind an O: `o100 while [#1 LT 5]`, `o<holes> call [3]`, `O100`. */
export class LinuxcncFlow {
  readonly #cursor: Cursor;
  readonly #expressions: ExpressionReader;
  /** `o1 while [..]` ends the loop that `o1 do` began, and begins one elsewhere. */
  readonly #begun = new Set<number | string>();
  /** Offset of what was not understood in the statement that was read last; -1 nothing. */
  failedAt = -1;

  constructor(cursor: Cursor, expressions: ExpressionReader) {
    this.#cursor = cursor;
    this.#expressions = expressions;
  }

  /** Undefined where this is no O-word. */
  statement(): Statement | undefined {
    this.failedAt = -1;
    const cursor = this.#cursor;
    const word = this.#oWord();
    if (cursor.kind() !== kind.name) return this.#number(word);
    const keyword = cursor.name();
    cursor.next();
    // A word that is computed may only name what is called.
    if (keyword === 'CALL') return this.#call(word);
    return word === undefined ? undefined : this.#keyword(keyword, word);
  }

  #oWord(): OWord {
    const cursor = this.#cursor;
    if (cursor.kind() === kind.angleName) {
      const name = cursor.name().slice(1, -1).replaceAll(/[ \t]/g, '');
      cursor.next();
      return name;
    }
    const number = constantOf(this.#operand());
    return Number.isInteger(number) ? number : undefined;
  }

  /** `O100` alone: the subprogram that M98 P100 calls and M99 ends. */
  #number(word: OWord): Statement | undefined {
    if (typeof word !== 'number' || this.#cursor.kind() !== -1) return undefined;
    return { kind: 'program-start', name: undefined, number: word, units: undefined };
  }

  #keyword(keyword: string, id: number | string): Statement | undefined {
    switch (keyword) {
      case 'SUB':
        return { kind: 'subprogram', name: id };
      case 'ENDSUB':
        return { kind: 'subprogram-end', name: id, value: this.#maybe() };
      case 'RETURN':
        return this.#return();
      case 'IF':
        return { kind: 'if', condition: this.#operand(), body: [] };
      case 'ELSEIF':
        return { kind: 'else', condition: this.#operand() };
      case 'ELSE':
        return { kind: 'else' };
      case 'ENDIF':
        return { kind: 'end-if' };
      case 'BREAK':
      case 'CONTINUE':
        return { kind: 'loop-exit', id, via: keyword === 'BREAK' ? 'break' : 'continue' };
      default:
        return this.#loop(keyword, id);
    }
  }

  #loop(keyword: string, id: number | string): Statement | undefined {
    switch (keyword) {
      case 'DO':
        if (this.#begun.size < limits.ncLabels) this.#begun.add(id);
        return { kind: 'loop', via: 'REPEAT', condition: undefined, id, counter: undefined };
      case 'WHILE':
        if (this.#begun.delete(id)) return { kind: 'loop-end', id, condition: not(this.#operand()) };
        return { kind: 'loop', via: 'WHILE', condition: this.#operand(), id, counter: undefined };
      case 'REPEAT':
        return { kind: 'loop', via: 'FOR', condition: undefined, id, counter: counterTo(id, this.#operand()) };
      case 'ENDWHILE':
      case 'ENDREPEAT':
        return { kind: 'loop-end', id, condition: undefined };
      default:
        return undefined;
    }
  }

  #return(): Statement {
    const value = this.#maybe();
    const made = { kind: 'return', via: 'RETURN', target: undefined } as const;
    return value ? { ...made, value } : made;
  }

  /** Arguments one after the other: `[1] [#2] [SIN[30]]`. */
  #call(target: OWord): Statement {
    const values: Parameter[] = [];
    while (this.#cursor.kind() === kind.openBracket && this.failedAt === -1 && values.length < argumentsAtMost)
      values.push({ name: `${values.length + 1}`, value: this.#operand() });
    return { kind: 'call', via: 'O-call', target, where: 'program', repeats: 1, modal: false, arguments: values };
  }

  #maybe(): Expression | undefined {
    return this.#cursor.kind() === kind.openBracket ? this.#operand() : undefined;
  }

  #operand(): Expression {
    const read = this.#expressions.operand();
    if (this.#expressions.failedAt !== -1) {
      this.failedAt = this.#expressions.failedAt;
      this.#cursor.at = Math.max(this.#cursor.at, this.#expressions.failedToken);
    }
    return read;
  }
}

/** #1 to #30. */
const argumentsAtMost = 30;

const not = (condition: Expression): Expression => ({ kind: 'unary', operator: 'NOT', operand: condition });

/** A counter that no program can name, as its own names have no blanks. */
function counterTo(id: number | string, to: Expression) {
  const variable: Variable = { kind: 'variable', system: '#', name: `<REPEAT ${id}>`, index: [] };
  return { variable, from: { kind: 'number', value: 1 }, to } as const;
}
