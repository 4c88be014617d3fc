import type { Expression } from '../program/expression.ts';

/** An expression for people, with every bracket that its tree has; two trees have one text only if they are equal. */
export function expressionText(expression: Expression): string {
  switch (expression.kind) {
    case 'number':
      return String(expression.value);
    case 'text':
      return JSON.stringify(expression.value);
    case 'variable': {
      const { system, name, index } = expression;
      const indices = index.map(expressionText);
      if (system === 'name') return indices.length === 0 ? name : `${name}[${indices.join(',')}]`;
      const only = index.length === 1 && index[0]?.kind === 'number';
      return `${system}${name}${only ? indices[0] : indices.length === 0 ? '' : `[${indices.join(',')}]`}`;
    }
    case 'unary':
      return `${expression.operator}${expression.operator === 'NOT' ? ' ' : ''}${inner(expression.operand)}`;
    case 'binary':
      return `${inner(expression.left)} ${expression.operator} ${inner(expression.right)}`;
    case 'call':
      return `${expression.name}[${expression.arguments.map(expressionText).join(', ')}]`;
    case 'unknown':
      return '?';
  }
}

const inner = (expression: Expression): string =>
  expression.kind === 'binary' ? `[${expressionText(expression)}]` : expressionText(expression);
