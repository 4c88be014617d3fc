import { tokenKind as kind } from '../syntax/token.ts';
import type { BinaryOperator } from './expression.ts';
import type { Grammar } from './expression-reader.ts';

const compares = 1;
const sum = 2;
const product = 3;

/** FANUC custom macro B: comparisons bind least, OR and XOR like a sum, AND and MOD like a product. */
export const isoGrammar: Grammar = {
  open: kind.openBracket,
  close: kind.closeBracket,
  operators: new Map<string, readonly [BinaryOperator, number]>([
    ['EQ', ['EQ', compares]],
    ['NE', ['NE', compares]],
    ['GT', ['GT', compares]],
    ['GE', ['GE', compares]],
    ['LT', ['LT', compares]],
    ['LE', ['LE', compares]],
    ['OR', ['OR', sum]],
    ['XOR', ['XOR', sum]],
    ['AND', ['AND', product]],
    ['MOD', ['MOD', product]],
  ]),
  counted: new Map(),
  countedNames: new Map(),
  names: false,
  power: { sum, product },
};
