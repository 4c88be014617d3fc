import type { ChangeClass } from '../../domain/nc-difference.ts';
import type { Block } from '../program/block.ts';
import type { Expression, Variable } from '../program/expression.ts';
import type { Statement } from '../program/statement.ts';
import { wordClass } from './word-class.ts';

/** A hostile program has a million variables; beyond this many their consequence is unknown. */
const variablesAtMost = 20_000;

/** What variables steer in one program, so that a changed assignment can be classed by what it leads to. */
export class VariableUses {
  readonly #classes = new Map<string, Set<ChangeClass>>();
  /** From a variable to those that are worked out from it. */
  readonly #feeds = new Map<string, Set<string>>();
  /** Some index is computed: any variable may be meant. */
  #indirect = false;

  word(block: Block, at: number): void {
    const expression = block.words.expression(at);
    if (expression === undefined) return;
    this.#use(expression, wordClass(block.words.letter[at] as number, Number.NaN, contextOf(block)));
  }

  statement(statement: Statement): void {
    switch (statement.kind) {
      case 'assign':
        this.#assign(statement.target, statement.value);
        break;
      case 'if':
        this.#use(statement.condition, 'flow');
        for (const one of statement.body) this.statement(one);
        break;
      case 'loop':
        if (statement.condition !== undefined) this.#use(statement.condition, 'flow');
        if (statement.counter !== undefined) {
          this.#use(statement.counter.from, 'flow');
          this.#use(statement.counter.to, 'flow');
        }
        break;
      case 'else':
      case 'loop-end':
        if (statement.condition !== undefined) this.#use(statement.condition, 'flow');
        break;
      case 'goto':
      case 'return':
        if (typeof statement.target === 'object') this.#use(statement.target, 'flow');
        if (statement.kind === 'return' && statement.value) this.#use(statement.value, 'unknown');
        break;
      case 'subprogram-end':
        if (statement.value) this.#use(statement.value, 'unknown');
        break;
      case 'address':
        this.#use(statement.value, 'geometry');
        break;
      case 'cycle':
        for (const { value } of statement.parameters) this.#use(value, 'geometry');
        break;
      case 'call':
        // What the called program does with them is not known here.
        for (const { value } of statement.arguments) this.#use(value, 'unknown');
        break;
      case 'tool':
        this.#use(statement.tool, 'tool');
        break;
    }
  }

  /** Everything that `variable` leads to. Empty: nothing in this program uses it. */
  consequences(variable: Variable): ReadonlySet<ChangeClass> {
    const found = new Set<ChangeClass>(this.#indirect ? ['unknown'] : []);
    const seen = new Set<string>();
    const open = [nameOf(variable)];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      if (seen.has(name)) continue;
      seen.add(name);
      for (const one of this.#classes.get(name) ?? []) found.add(one);
      open.push(...(this.#feeds.get(name) ?? []));
    }
    return found;
  }

  #assign(target: Variable, value: Expression): void {
    if (target.index.some(({ kind }) => kind !== 'number')) this.#indirect = true;
    for (const variable of variablesOf(value)) this.#add(this.#feeds, nameOf(variable), nameOf(target));
  }

  #use(expression: Expression, one: ChangeClass): void {
    for (const variable of variablesOf(expression)) this.#add(this.#classes, nameOf(variable), one);
  }

  #add<T>(to: Map<string, Set<T>>, name: string, what: T): void {
    const held = to.get(name);
    if (held !== undefined) held.add(what);
    else if (to.size < variablesAtMost) to.set(name, new Set([what]));
    else this.#indirect = true;
  }
}

export const contextOf = (block: Block) => ({
  has: (letter: number, ...values: number[]): boolean => {
    const { count, letter: letters, value } = block.words;
    for (let i = 0; i < count; i++) if (letters[i] === letter && values.includes(value[i] as number)) return true;
    return false;
  },
});

export const nameOf = ({ system, name, index }: Variable): string =>
  `${system}${name}${index.map((one) => (one.kind === 'number' ? one.value : '?')).join(',')}`;

function* variablesOf(expression: Expression): Generator<Variable> {
  switch (expression.kind) {
    case 'variable':
      yield expression;
      for (const one of expression.index) yield* variablesOf(one);
      break;
    case 'unary':
      yield* variablesOf(expression.operand);
      break;
    case 'binary':
      yield* variablesOf(expression.left);
      yield* variablesOf(expression.right);
      break;
    case 'call':
      for (const one of expression.arguments) yield* variablesOf(one);
      break;
  }
}
