import type { Call } from '../program/statement.ts';
import { blocksOf, firstAfter } from './call-targets.ts';
import { type Code, codeOf } from './code.ts';
import type { PathOptions, ProgramFile } from './options.ts';

/** What a call runs. */
export type Callee = {
  code: Code;
  program: number;
  entry: number;
  /** The block that is not run any more. */
  stop: number;
  /** Where the target's writing says it. */
  repeats?: number;
};

const keyOf = (target: number | string): number | string =>
  typeof target === 'string' ? target.toUpperCase() : target;

const heidenhainCalls = new Set(['CALL LBL', 'L']);

/** Finds what calls mean: in the program itself, among its labels, or in the package. */
export class Callees {
  readonly #options: PathOptions;
  readonly #programs: string[];
  readonly #codes = new Map<string, Callee>();

  /** `programs` gets the name of each program that is run. */
  constructor(options: PathOptions, programs: string[]) {
    this.#options = options;
    this.#programs = programs;
  }

  load({ name, bytes }: ProgramFile): Callee {
    const known = this.#codes.get(name);
    if (known) return known;
    const code = codeOf(name, bytes, this.#options.dialect);
    const made = { code, program: this.#programs.length, entry: 0, stop: code.count };
    this.#programs.push(name);
    this.#codes.set(name, made);
    return made;
  }

  /** `at`: the block of the call in `from`. */
  find(from: { code: Code; program: number }, at: number, call: Call, target: number | string): Callee | undefined {
    if (call.where === 'label') return this.#label(from, at, call, target);
    return this.#program(from, target) ?? this.#counted(from, call.via, target);
  }

  #program({ code, program }: { code: Code; program: number }, target: number | string): Callee | undefined {
    const entry = code.starts.get(keyOf(target));
    if (entry !== undefined) return { code, program, entry, stop: code.count };
    const file = this.#options.called(target);
    if (!file) return undefined;
    const loaded = this.load(file);
    const start = this.#options.dialect === 'linuxcnc' ? loaded.code.starts.get(keyOf(target)) : undefined;
    return start === undefined ? loaded : { ...loaded, entry: start };
  }

  /** `M98 P00120034`: 12 times program 34. */
  #counted(from: { code: Code; program: number }, via: string, target: number | string): Callee | undefined {
    if (via !== 'M98' || typeof target !== 'number' || target < 10_000) return undefined;
    const found = this.#program(from, target % 10_000);
    return found && { ...found, repeats: Math.floor(target / 10_000) };
  }

  /** A subprogram within the program or, where its label stands above without an end between, a part that runs again. */
  #label(
    { code, program }: Pick<Callee, 'code' | 'program'>,
    at: number,
    { via, repeats }: Call,
    target: number | string,
  ): Callee | undefined {
    const [entry] = blocksOf(code, target, this.#options.dialect);
    if (entry === undefined) return undefined;
    const end = firstAfter(code.ends, entry - 1);
    const again = entry <= at && (end === undefined || end > at);
    const found = { code, program, entry, stop: again ? at : code.count };
    // What Heidenhain runs again has run once already when the call comes.
    return again && heidenhainCalls.has(via) && repeats > 1 ? { ...found, repeats: repeats - 1 } : found;
  }
}
