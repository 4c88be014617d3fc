import { tokenKind as kind } from '../syntax/token.ts';
import type { BinaryOperator, VariableSystem } from './expression.ts';
import type { Grammar } from './expression-reader.ts';

type Operators = Grammar['operators'];
const operators = (...rows: [power: number, ...words: [written: string, operator: BinaryOperator][]][]): Operators =>
  new Map(
    rows.flatMap(([power, ...words]) => words.map(([written, operator]) => [written, [operator, power] as const])),
  );
const letters = (...pairs: [string, VariableSystem][]): ReadonlyMap<number, VariableSystem> =>
  new Map(pairs.map(([letter, system]) => [letter.charCodeAt(0), system]));

/** FANUC custom macro B: comparisons bind least, OR and XOR like a sum, AND and MOD like a product. */
export const isoGrammar: Grammar = {
  open: kind.openBracket,
  close: kind.closeBracket,
  operators: operators(
    [1, ['EQ', 'EQ'], ['NE', 'NE'], ['GT', 'GT'], ['GE', 'GE'], ['LT', 'LT'], ['LE', 'LE']],
    [2, ['OR', 'OR'], ['XOR', 'XOR']],
    [3, ['AND', 'AND'], ['MOD', 'MOD']],
  ),
  counted: new Map(),
  countedNames: new Map(),
  names: false,
  power: { sum: 2, product: 3 },
};

export const okumaGrammar: Grammar = {
  ...isoGrammar,
  counted: letters(['V', 'VC']),
  countedNames: new Map([['VC', 'VC']]),
  names: true,
};

/** Siemens: comparisons bind least, then `<<`, OR, XOR, AND, the bitwise ones, sums, products. */
export const siemensGrammar: Grammar = {
  open: kind.openRound,
  close: kind.closeRound,
  operators: operators(
    [1, ['==', 'EQ'], ['<>', 'NE'], ['>', 'GT'], ['>=', 'GE'], ['<', 'LT'], ['<=', 'LE']],
    [2, ['<<', 'CONCAT']],
    [3, ['OR', 'OR']],
    [4, ['XOR', 'XOR']],
    [5, ['AND', 'AND']],
    [6, ['B_OR', 'OR']],
    [7, ['B_XOR', 'XOR']],
    [8, ['B_AND', 'AND']],
    [10, ['DIV', 'DIV'], ['MOD', 'MOD']],
  ),
  counted: letters(['R', 'R']),
  countedNames: new Map(),
  names: true,
  power: { sum: 9, product: 10 },
};

const heidenhainFunctions = new Set('SIN COS TAN ASIN ACOS ATAN SQRT SQ LN LOG EXP NEG INT ABS FRAC SGN PI'.split(' '));

export const heidenhainGrammar: Grammar = {
  open: kind.openRound,
  close: kind.closeRound,
  operators: operators(
    [1, ['EQU', 'EQ'], ['NE', 'NE'], ['GT', 'GT'], ['LT', 'LT'], ['==', 'EQ'], ['<>', 'NE'], ['<', 'LT'], ['>', 'GT']],
    [2, ['||', 'CONCAT']],
    [4, ['DIV', 'DIV'], ['MOD', 'MOD'], ['%', 'MOD']],
    [5, ['^', '**']],
  ),
  counted: letters(['Q', 'Q']),
  countedNames: new Map([
    ['QL', 'QL'],
    ['QR', 'QR'],
    ['QS', 'QS'],
  ]),
  prefix: heidenhainFunctions,
  names: false,
  power: { sum: 3, product: 4 },
};

/** LinuxCNC: AND, OR and XOR bind least, then comparisons, sums, products, powers. */
export const linuxcncGrammar: Grammar = {
  ...isoGrammar,
  operators: operators(
    [1, ['AND', 'AND'], ['OR', 'OR'], ['XOR', 'XOR']],
    [2, ['EQ', 'EQ'], ['NE', 'NE'], ['GT', 'GT'], ['GE', 'GE'], ['LT', 'LT'], ['LE', 'LE']],
    [4, ['MOD', 'MOD']],
    [5, ['**', '**']],
  ),
  power: { sum: 3, product: 4 },
};
