import { limits } from '../../domain/limits.ts';
import type { Dialect } from '../../domain/nc.ts';
import type { Variable } from '../program/expression.ts';
import type { Notes } from './notes.ts';
import { type Arithmetic, linuxcncArithmetic, usualArithmetic, type Value, type Variables } from './values.ts';

/** Variables that stand for something in the control: positions, offsets, modal codes. */
export interface SystemVariables {
  /** `undefined` where this is no system variable that the path knows. */
  readSystem(number: number): number | undefined;
  /** False where writing it does what the path does not follow. */
  writeSystem(number: number, value: number): boolean;
  /** LinuxCNC's own named parameters: `<_X>`, `<_METRIC>`. */
  readNamed?(name: string): number | undefined;
}

const firstSystem = 1000;
/** Of LinuxCNC's numbered parameters. */
const lastLocal = 30;
/** Results of probing, offsets, positions. */
const firstOfLinuxcnc = 5061;
/** Siemens' frames that the control's model writes itself. */
const followed = new Set(['$P_UIFR']);

/** They make frames, of which whoever takes them speaks. */
const frames = new Set(['CTRANS', 'CROT', 'CROTS', 'CRPL', 'CSCALE', 'CMIRROR', 'CFINE']);

const truth: Readonly<Record<string, number>> = { TRUE: 1, FALSE: 0 };

const isAxis = /^[A-CU-Z]\d?$/;

/** What programs computed so far. A level is a call's own variables; what outlives the call is shared. */
export class VariableStore implements Variables {
  readonly #shared = new Map<string, Value>();
  #levels: Map<string, Value>[] = [new Map()];
  readonly #notes: Notes;
  readonly #system: SystemVariables;
  readonly #linuxcnc: boolean;
  readonly arithmetic: Arithmetic;

  constructor(notes: Notes, system: SystemVariables, dialect: Dialect) {
    this.#notes = notes;
    this.#system = system;
    this.#linuxcnc = dialect === 'linuxcnc';
    this.arithmetic = this.#linuxcnc ? linuxcncArithmetic : usualArithmetic;
  }

  enter(own: ReadonlyMap<string, Value>): void {
    this.#levels.push(new Map(own));
  }

  leave(): void {
    if (this.#levels.length > 1) this.#levels.pop();
  }

  read(variable: Variable, index: readonly number[]): Value {
    const key = keyOf(variable, index);
    if (variable.system === 'name' && variable.name in truth) return truth[variable.name];
    const place = this.#place(variable, index);
    const system = this.#linuxcnc && variable.name === '' ? this.#system.readSystem(index[0] ?? Number.NaN) : undefined;
    if (system !== undefined) return system;
    if (place.has(key)) return place.get(key);
    if (variable.system === '#')
      return this.#linuxcnc ? this.#unsetIn(variable, index, key) : this.#unset(index[0] ?? Number.NaN, key);
    // The axes in CTRANS(X,10) are names.
    if (variable.system !== 'name' || !isAxis.test(variable.name)) this.#unknown(key);
    return Number.NaN;
  }

  exists(variable: Variable, index: readonly number[]): boolean {
    return (
      this.#place(variable, index).has(keyOf(variable, index)) || this.#system.readNamed?.(variable.name) !== undefined
    );
  }

  unknownFunction(name: string): void {
    if (!frames.has(name)) this.#notes.add('unsupported', name, `The function ${name} is not interpreted.`);
  }

  write(variable: Variable, index: readonly number[], value: Value): void {
    const key = keyOf(variable, index);
    const number = index[0] ?? Number.NaN;
    if (variable.system === '#' && number >= (this.#linuxcnc ? firstOfLinuxcnc : firstSystem) && number < 100_000) {
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

  /** LinuxCNC's numbered parameters begin as 0, or with what its parameter file kept; a name has to be given a value. */
  #unsetIn({ name }: Variable, [number = Number.NaN]: readonly number[], key: string): Value {
    const system = name === '' ? undefined : this.#system.readNamed?.(name);
    if (system !== undefined) return system;
    if (name !== '' || Number.isNaN(number)) {
      this.#unknown(key);
      return Number.NaN;
    }
    if (number > lastLocal) this.#notes.add('assumed', key, `${key} was given no value here and is taken as 0.`);
    return 0;
  }

  #unknown(key: string): void {
    this.#notes.add('unknown', key, `${key} has a value that only the machine knows.`);
  }

  #place(variable: Variable, index: readonly number[]): Map<string, Value> {
    const own = this.#levels[this.#levels.length - 1] as Map<string, Value>;
    const number = index[0] ?? Number.NaN;
    if (variable.system === '#') {
      const last = this.#linuxcnc ? lastLocal : 33;
      const local = variable.name === '' ? number >= 1 && number <= last : !/^<?_/.test(variable.name);
      return local ? own : this.#shared;
    }
    if (variable.system === 'QL') return own;
    return this.#shared;
  }
}

export function keyOf(variable: Variable, index: readonly number[]): string {
  const { system, name } = variable;
  // The axes in $P_UIFR[1,X,TR] are names.
  const names = index.map((value, at) => {
    const part = variable.index[at];
    return Number.isNaN(value) && part?.kind === 'variable' ? part.name : value;
  });
  if (name !== '') return index.length > 0 ? `${name}[${names.join(',')}]` : system === '#' ? `#${name}` : name;
  return system === '#' || system.startsWith('Q') || system === 'R'
    ? `${system}${index.join(',')}`
    : `${system}[${index.join(',')}]`;
}
