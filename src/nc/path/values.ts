import { limits } from '../../domain/limits.ts';
import type { Expression, Variable } from '../program/expression.ts';
import { sineCosine } from './frame.ts';

/** What an expression comes to. NaN: only the machine knows. `undefined`: FANUC's <vacant>, a variable that was given none. */
export type Value = number | string | undefined;

/** Where controls work out expressions in different ways. */
export type Arithmetic = {
  /** AND, OR and XOR of whole numbers: bit by bit, or of what is true. */
  logic: 'bits' | 'truth';
  /** Numbers that are no further apart are equal. */
  equalWithin: number;
  /** FIX, FUP and MOD: towards zero, or down, up and never negative. */
  rounding: 'to-zero' | 'floor';
  /** The two-value arc tangent: from 0 to 360 degrees, or from -180 to 180. */
  arcTangent: 'positive' | 'signed';
};

export const usualArithmetic: Arithmetic = {
  logic: 'bits',
  equalWithin: 0,
  rounding: 'to-zero',
  arcTangent: 'positive',
};
/** As LinuxCNC's own interpreter answers. */
export const linuxcncArithmetic: Arithmetic = {
  logic: 'truth',
  equalWithin: 1e-4,
  rounding: 'floor',
  arcTangent: 'signed',
};

/** Variables of one program level and those that all levels share. */
export interface Variables {
  readonly arithmetic: Arithmetic;
  /** Whether it was given a value. */
  exists(variable: Variable, index: readonly number[]): boolean;
  /** A function that is not known here. */
  unknownFunction(name: string): void;
  read(variable: Variable, index: readonly number[]): Value;
  write(variable: Variable, index: readonly number[], value: Value): void;
}

export const toNumber = (value: Value): number =>
  value === undefined ? 0 : typeof value === 'number' ? value : Number.NaN;

/** Angles are in degrees, as controls have them. */
export function evaluate(expression: Expression, variables: Variables): Value {
  switch (expression.kind) {
    case 'number':
    case 'text':
      return expression.value;
    case 'variable':
      return variables.read(expression, indexOf(expression, variables));
    case 'unary':
      return unary(expression.operator, toNumber(evaluate(expression.operand, variables)));
    case 'binary':
      return (
        fanucArcTangent(expression, variables) ??
        binary(
          expression.operator,
          evaluate(expression.left, variables),
          evaluate(expression.right, variables),
          variables.arithmetic,
        )
      );
    case 'call':
      return call(expression.name, expression.arguments, variables);
    case 'unknown':
      return Number.NaN;
  }
}

/** What stands in the brackets of `$P_UIFR[1,X,TR]` beside numbers are names and no variables. */
export function indexOf(variable: Variable, variables: Variables): number[] {
  if (variable.name.startsWith('$'))
    return variable.index.map((part) => (part.kind === 'number' ? part.value : Number.NaN));
  return variable.index.map((part) => toNumber(evaluate(part, variables)));
}

function unary(operator: '-' | '+' | 'NOT', value: number): number {
  if (operator === '-') return -value;
  if (operator === '+') return value;
  return Number.isNaN(value) ? value : value === 0 ? 1 : 0;
}

/** FANUC writes its arc tangent of two values as `ATAN[y]/[x]`. */
function fanucArcTangent({ operator, left, right }: Binary, variables: Variables): number | undefined {
  if (operator !== '/' || left.kind !== 'call' || left.arguments.length !== 1) return undefined;
  if ((spellings[left.name] ?? left.name) !== 'ATAN') return undefined;
  const [y] = left.arguments.map((part) => toNumber(evaluate(part, variables)));
  const angle = degrees(Math.atan2(y ?? Number.NaN, toNumber(evaluate(right, variables))));
  return angle < 0 && variables.arithmetic.arcTangent === 'positive' ? angle + 360 : angle;
}

type Binary = Extract<Expression, { kind: 'binary' }>;
type Operator = Binary['operator'];

function binary(operator: Operator, left: Value, right: Value, rules: Arithmetic): Value {
  if (operator === 'CONCAT') return `${left ?? ''}${right ?? ''}`.slice(0, limits.textChars);
  // FANUC: a variable without a value is equal to nothing but another such.
  if ((operator === 'EQ' || operator === 'NE') && (left === undefined) !== (right === undefined))
    return operator === 'EQ' ? 0 : 1;
  if (typeof left === 'string' && typeof right === 'string') return comparison(operator, left < right, left === right);
  const [a, b] = [toNumber(left), toNumber(right)];
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.NaN;
  // Only EQ and NE are tolerant, so that [1.00005 EQ 1] and [1.00005 GT 1] both hold in LinuxCNC.
  const equal = operator === 'EQ' || operator === 'NE' ? Math.abs(a - b) <= rules.equalWithin : a === b;
  return calculated(operator, a, b, rules) ?? comparison(operator, a < b, equal);
}

function calculated(operator: Operator, a: number, b: number, { logic, rounding }: Arithmetic): number | undefined {
  const bits = logic === 'bits' && isWholePair(a, b);
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return b === 0 ? Number.NaN : a / b;
    case '**':
      return a ** b;
    case 'MOD':
      return b === 0 ? Number.NaN : remainder(a, b, rounding);
    case 'DIV':
      return b === 0 ? Number.NaN : Math.trunc(a / b);
    case 'AND':
      return bits ? Number(BigInt(a) & BigInt(b)) : Number(a !== 0 && b !== 0);
    case 'OR':
      return bits ? Number(BigInt(a) | BigInt(b)) : Number(a !== 0 || b !== 0);
    case 'XOR':
      return bits ? Number(BigInt(a) ^ BigInt(b)) : Number((a !== 0) !== (b !== 0));
    default:
      return undefined;
  }
}

function remainder(a: number, b: number, rounding: Arithmetic['rounding']): number {
  const rest = a % b;
  return rounding === 'floor' && rest < 0 ? rest + Math.abs(b) : rest;
}

const isWholePair = (a: number, b: number): boolean => Number.isSafeInteger(a) && Number.isSafeInteger(b);

function comparison(operator: Operator, less: boolean, equal: boolean): number {
  const is = { EQ: equal, NE: !equal, LT: less, LE: less || equal, GT: !less && !equal, GE: !less } as const;
  return operator in is ? Number(is[operator as keyof typeof is]) : Number.NaN;
}

const degrees = (radians: number): number => (radians * 180) / Math.PI;
const half = (value: number): number => Math.sign(value) * Math.round(Math.abs(value));

const functions: Record<string, (a: number, b: number) => number> = {
  SIN: (a) => sineCosine(a)[0],
  COS: (a) => sineCosine(a)[1],
  TAN: (a) => Math.tan((a * Math.PI) / 180),
  ASIN: (a) => degrees(Math.asin(a)),
  ACOS: (a) => degrees(Math.acos(a)),
  ATAN: (a, b) => degrees(Number.isNaN(b) ? Math.atan(a) : Math.atan2(a, b)),
  ATAN2: (a, b) => degrees(Math.atan2(a, b)),
  SQRT: (a) => Math.sqrt(a),
  POT: (a) => a * a,
  ABS: (a) => Math.abs(a),
  ROUND: half,
  FIX: (a) => Math.trunc(a),
  INT: (a) => Math.trunc(a),
  TRUNC: (a) => Math.trunc(a),
  FUP: (a) => Math.sign(a) * Math.ceil(Math.abs(a)),
  FRAC: (a) => a - Math.trunc(a),
  SGN: (a) => Math.sign(a),
  NEG: (a) => -a,
  LN: (a) => Math.log(a),
  LOG: (a) => Math.log10(a),
  EXP: (a) => Math.exp(a),
  MINVAL: (a, b) => Math.min(a, b),
  MAXVAL: (a, b) => Math.max(a, b),
  MOD: (a, b) => a % b,
  POW: (a, b) => a ** b,
};

/** Other names for one function. Not `SQ`: the square root on one control and the square on another, so that it stays unknown. */
const spellings: Record<string, string> = {
  SI: 'SIN',
  CO: 'COS',
  TA: 'TAN',
  AT: 'ATAN',
  SQR: 'SQRT',
  AB: 'ABS',
  RO: 'ROUND',
  FI: 'FIX',
  FU: 'FUP',
  ARCSIN: 'ASIN',
  ARCCOS: 'ACOS',
  ARCTAN: 'ATAN',
};

/** Of two sides, from 0 to 360 degrees. */
function angleOf(side: number, along: number): number {
  const angle = degrees(Math.atan2(side, along));
  return angle < 0 ? angle + 360 : angle;
}

/** Where FIX is down and FUP is up. */
const floored: Record<string, (a: number) => number> = { FIX: Math.floor, FUP: Math.ceil };

/** IC, AC and DC say how a coordinate is meant; the word's flags have that, and the value is what stands inside. */
const transparent = new Set(['IC', 'AC', 'DC', 'ACP', 'ACN', 'CAN']);

function call(name: string, parts: readonly Expression[], variables: Variables): Value {
  const [asked] = parts;
  if (name === 'EXISTS')
    return asked?.kind === 'variable' ? Number(variables.exists(asked, indexOf(asked, variables))) : Number.NaN;
  const values = parts.map((part) => toNumber(evaluate(part, variables)));
  const [first = Number.NaN, second = Number.NaN] = values;
  if (transparent.has(name)) return first;
  if (name === 'ANG') return angleOf(first, second);
  if (name === 'LEN') return parts.length === 2 ? Math.hypot(first, second) : Number.NaN;
  const known =
    (variables.arithmetic.rounding === 'floor' ? floored[name] : undefined) ?? functions[spellings[name] ?? name];
  if (!known) variables.unknownFunction(name);
  const result = known ? known(first, second) : Number.NaN;
  return Number.isFinite(result) ? result : Number.NaN;
}
