import type { Expression, Variable } from '../program/expression.ts';
import { constantOf } from '../program/expression-reader.ts';
import type { Statement } from '../program/statement.ts';

/** How a variable is named in a list: `#101`, `R5`, `Q200`, `$P_UIFR[1,X,TR]`, `#[…]` where its number is computed. */
export function variableName({ system, name, index }: Variable): string {
  if (system === 'name') return index.length === 0 ? name : `${name}[${index.map(indexText).join(',')}]`;
  const [first] = index;
  if (!first) return system + name;
  const number = constantOf(first);
  return Number.isNaN(number) ? `${system}[…]` : `${system}${name}${number}`;
}

const indexText = (index: Expression): string => {
  if (index.kind === 'variable') return variableName(index);
  if (index.kind === 'text') return index.value;
  const number = constantOf(index);
  return Number.isNaN(number) ? '…' : String(number);
};

/** Calls `seen` for every variable of an expression, those of indices too. */
export function eachVariable(expression: Expression, seen: (variable: Variable) => void): void {
  switch (expression.kind) {
    case 'variable':
      seen(expression);
      for (const index of expression.index) if (expression.system !== 'name') eachVariable(index, seen);
      return;
    case 'unary':
      eachVariable(expression.operand, seen);
      return;
    case 'binary':
      eachVariable(expression.left, seen);
      eachVariable(expression.right, seen);
      return;
    case 'call':
      for (const argument of expression.arguments) eachVariable(argument, seen);
      return;
    default:
  }
}

/** A statement and those inside of it: what an IF does. */
export function* nested(statements: readonly Statement[]): Generator<Statement> {
  for (const statement of statements) {
    yield statement;
    if (statement.kind === 'if') yield* nested(statement.body);
  }
}
