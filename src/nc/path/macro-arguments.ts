import type { Expression, Variable } from '../program/expression.ts';
import type { Parameter } from '../program/statement.ts';
import type { Value, Variables } from './values.ts';

/** FANUC's first way of arguments: a letter each. */
const numbers: Record<string, number> = {
  A: 1,
  B: 2,
  C: 3,
  I: 4,
  J: 5,
  K: 6,
  D: 7,
  E: 8,
  F: 9,
  H: 11,
  M: 13,
  Q: 17,
  R: 18,
  S: 19,
  T: 20,
  U: 21,
  V: 22,
  W: 23,
  X: 24,
  Y: 25,
  Z: 26,
};

/**
 * What `#1` to `#33` are in a called macro. I, J and K that come again are the second way: #4 #5 #6, then #7 #8 #9, each
 * triple begun by a letter that is not behind the last one.
 */
export function macroArguments(
  parameters: readonly Parameter[],
  compute: (expression: Expression) => Value,
): Map<string, Value> {
  const own = new Map<string, Value>();
  let triple = 0;
  let last = -1;
  for (const { name, value } of parameters) {
    const place = 'IJK'.indexOf(name);
    // LinuxCNC gives them in their order.
    let number = numbers[name] ?? (/^\d+$/.test(name) ? Number(name) : undefined);
    if (place !== -1) {
      if (place <= last) triple++;
      last = place;
      number = 4 + triple * 3 + place;
    }
    if (number !== undefined && number <= 33) own.set(`#${number}`, compute(value));
  }
  return own;
}

/** What a LinuxCNC subprogram returns stands in `#<_value>`. */
export function giveBack(value: Value, variables: Variables): void {
  variables.write(named('<_VALUE>'), [], value ?? 0);
  variables.write(named('<_VALUE_RETURNED>'), [], value === undefined ? 0 : 1);
}

const named = (name: string): Variable => ({ kind: 'variable', system: '#', name, index: [] });
