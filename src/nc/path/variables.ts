import { limits } from '../../domain/limits.ts';
import type { Variable } from '../program/expression.ts';
import type { Notes } from './notes.ts';
import type { Value, Variables } from './values.ts';

/** Variables that stand for something in the control: positions, offsets, modal codes. */
export interface SystemVariables {
  /** `undefined` where this is no system variable that the path knows. */
  readSystem(number: number): number | undefined;
  /** False where writing it does what the path does not follow. */
  writeSystem(number: number, value: number): boolean;
}

const firstSystem = 1000;
/** Siemens' frames that the control's model writes itself. */
const followed = new Set(['$P_UIFR']);

const isAxis = /^[A-CU-Z]\d?$/;

/** What programs computed so far. A level is a call's own variables; what outlives the call is shared. */
export class VariableStore implements Variables {
  readonly #shared = new Map<string, Value>();
  #levels: Map<string, Value>[] = [new Map()];
  readonly #notes: Notes;
  readonly #system: SystemVariables;

  constructor(notes: Notes, system: SystemVariables) {
    this.#notes = notes;
    this.#system = system;
  }

  enter(own: ReadonlyMap<string, Value>): void {
    this.#levels.push(new Map(own));
  }

  leave(): void {
    if (this.#levels.length > 1) this.#levels.pop();
  }

  read(variable: Variable, index: readonly number[]): Value {
    const key = keyOf(variable, index);
    const place = this.#place(variable, index);
    if (place.has(key)) return place.get(key);
    if (variable.system === '#') return this.#unset(index[0] ?? Number.NaN, key);
    // The axes in CTRANS(X,10) are names.
    if (variable.system !== 'name' || !isAxis.test(variable.name)) this.#unknown(key);
    return Number.NaN;
  }

  write(variable: Variable, index: readonly number[], value: Value): void {
    const key = keyOf(variable, index);
    const number = index[0] ?? Number.NaN;
    if (variable.system === '#' && number >= firstSystem && number < 100_000) {
      const known = this.#system.writeSystem(number, typeof value === 'number' ? value : Number.NaN);
      if (!known) this.#notes.add('unsupported', `${key}=`, `Writing ${key} changes something in the control.`);
    }
    if (variable.name.startsWith('$') && !followed.has(variable.name))
      this.#notes.add('unsupported', `${variable.name}=`, `Writing ${variable.name} changes something in the control.`);
    const place = this.#place(variable, index);
    if (place.size >= limits.ncPathVariables && !place.has(key)) this.#unknown(key);
    else place.set(key, value);
  }

  /** FANUC's are vacant until they are written, as far as the control does not keep them over the night. */
  #unset(number: number, key: string): Value {
    if (number === 0) return undefined;
    if (number >= 1 && number <= 199) return undefined;
    const system = number >= firstSystem ? this.#system.readSystem(number) : undefined;
    if (system !== undefined && !Number.isNaN(system)) return system;
    this.#unknown(key);
    return Number.NaN;
  }

  #unknown(key: string): void {
    this.#notes.add('unknown', key, `${key} has a value that only the machine knows.`);
  }

  #place(variable: Variable, index: readonly number[]): Map<string, Value> {
    const own = this.#levels[this.#levels.length - 1] as Map<string, Value>;
    const number = index[0] ?? Number.NaN;
    if (variable.system === '#') {
      const local = variable.name === '' ? number >= 1 && number <= 33 : !variable.name.startsWith('_');
      return local ? own : this.#shared;
    }
    if (variable.system === 'QL') return own;
    return this.#shared;
  }
}

export function keyOf(variable: Variable, index: readonly number[]): string {
  const { system, name } = variable;
  if (name !== '') return index.length > 0 ? `${name}[${index.join(',')}]` : system === '#' ? `#<${name}>` : name;
  return system === '#' || system.startsWith('Q') || system === 'R'
    ? `${system}${index.join(',')}`
    : `${system}[${index.join(',')}]`;
}
