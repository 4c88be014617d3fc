import { limits } from '../../domain/limits.ts';
import type { Expression } from '../program/expression.ts';
import type { Call, Statement } from '../program/statement.ts';
import { BlockWords } from './block-words.ts';
import { anotherProgram, calledLater, forTheNextPart, likeACycle, notPackaged, timesOf } from './call-notes.ts';
import { blocksOf, contourBlocks, jumpTo, noteContour } from './call-targets.ts';
import { Callees } from './callees.ts';
import type { Control, Flow } from './control.ts';
import type { Level } from './level.ts';
import { type Holds, Loops } from './loops.ts';
import { giveBack, macroArguments } from './macro-arguments.ts';
import { argumentCalls, endsModalCall } from './modal-calls.ts';
import type { Notes } from './notes.ts';
import type { PathOptions } from './options.ts';
import { Ended, type PathEnd } from './run-end.ts';
import { Structure } from './structure.ts';
import { evaluate, indexOf, toNumber, type Value } from './values.ts';
import { VariableStore } from './variables.ts';

/** Runs a program with its subprograms, block by block, within limits. */
export class Run {
  readonly #options: PathOptions;
  readonly #control: Control;
  readonly #notes: Notes;
  readonly #variables: VariableStore;
  readonly #words = new BlockWords();
  readonly #callees: Callees;
  readonly #structure: Structure;
  readonly #loops: Loops;
  readonly #levels: Level[] = [];
  readonly #compute: (expression: Expression) => Value;
  /** LinuxCNC: what a block assigns holds from the next block on. */
  readonly #late: boolean;
  readonly #assigned: (() => void)[] = [];
  #modal: Call | undefined;
  #steps = 0;
  #blocks = 0;

  constructor(options: PathOptions, control: Control, notes: Notes) {
    this.#options = options;
    this.#control = control;
    this.#notes = notes;
    this.#variables = new VariableStore(notes, control, options.dialect);
    this.#late = options.dialect === 'linuxcnc';
    this.#callees = new Callees(options, control.mover.path.programs);
    this.#compute = (expression) => evaluate(expression, this.#variables);
    const holds: Holds = (condition, otherwise) => this.#holds(condition, otherwise);
    this.#structure = new Structure(notes, holds);
    this.#loops = new Loops(this.#structure, this.#variables, holds);
  }

  run(name: string, bytes: Uint8Array): PathEnd {
    const main = this.#callees.load({ name, bytes });
    this.#control.mover.path.expect(main.code.count);
    this.#push({ ...main, at: 0, left: 1, own: false, modal: false });
    try {
      for (;;) {
        const level = this.#levels.at(-1);
        if (!level) return 'program-end';
        if (level.at >= level.stop) this.#endOfLevel(level);
        else this.#step(level);
      }
    } catch (error) {
      if (error instanceof Ended) return error.end;
      throw error;
    }
  }

  #push(level: Level): void {
    if (this.#levels.length >= limits.ncPathDepth) {
      this.#notes.add('limit', 'depth', `Subprograms call one another more than ${limits.ncPathDepth} deep.`);
      throw new Ended('stopped');
    }
    this.#levels.push(level);
  }

  #endOfLevel(level: Level): void {
    if (level.left > 1) {
      level.left--;
      level.at = level.entry;
      this.#count();
      return;
    }
    if (this.#levels.length === 1) throw new Ended('end-of-file');
    this.#pop();
  }

  #pop(): void {
    const level = this.#levels.pop();
    if (level?.own) {
      this.#variables.leave();
      this.#control.left?.();
    }
    level?.done?.();
  }

  #count(): void {
    if (this.#steps++ < this.#options.steps) return;
    this.#notes.add('limit', 'steps', `The program runs more than ${this.#options.steps} blocks: the path ends here.`);
    throw new Ended('step-limit');
  }

  #step(level: Level): void {
    this.#count();
    const { code } = level;
    const at = level.at++;
    if (this.#options.skipBlocks && (code.skip[at] as number) > 0) return;
    this.#mark(level, at);
    const statements = code.statements.get(at) ?? none;
    if (this.#late) this.#words.load(code, at, this.#variables);
    const goesOn = this.#before(level, at, statements);
    while (this.#assigned.length > 0) this.#assigned.shift()?.();
    if (!goesOn) return;
    if (!this.#late) this.#words.load(code, at, this.#variables);
    const moves = this.#control.mover.path.move;
    if (!statements.some(isMacro)) {
      if (statements.length > 0) this.#takeFlowWords(statements);
      const flow = this.#control.block(this.#words, statements, this.#compute);
      if (flow) this.#profile(level, at, flow);
    }
    if (this.#words.g.includes(670) || statements.some(endsModalCall)) this.#modal = undefined;
    if (this.#modal && this.#control.mover.path.move !== moves && !this.#levels.some(({ modal }) => modal))
      this.#call(level, at, this.#modal);
    for (const statement of statements) this.#after(level, at, statement);
  }

  #mark(level: Level, at: number): void {
    const { path } = this.#control.mover;
    this.#notes.line = level.code.line[at] as number;
    this.#notes.program = level.program;
    path.line = this.#notes.line;
    path.program = level.program;
    if (level.code.unread.has(at))
      this.#notes.add('unsupported', 'not read', 'A part of this block is not understood and was left out.');
  }

  /** Variables and where to go on. False: the rest of the block does not run. */
  #before(level: Level, at: number, statements: readonly Statement[]): boolean {
    for (const statement of statements) {
      switch (statement.kind) {
        case 'assign':
          this.#assign(statement);
          break;
        case 'if':
          if (!this.#if(level, at, statement)) return false;
          break;
        case 'else':
          level.at = this.#structure.behindIf(level.code, at);
          return false;
        case 'loop':
          if (!this.#loops.begin(level, at, statement)) return false;
          break;
        case 'loop-end':
          this.#loops.end(level, at, statement.condition);
          return false;
        case 'loop-exit':
          level.at = this.#structure.exit(level.code, at, statement.via);
          return false;
        case 'subprogram':
          if (at === level.entry && this.#levels.length > 1) break;
          level.at = this.#structure.behind(level.code, at);
          return false;
        case 'subprogram-end':
          this.#return({ via: 'endsub', target: undefined, value: statement.value });
          return false;
        case 'goto':
          this.#goto(level, at, statement.target, statement.direction, statement.orOn);
          return false;
        case 'percent':
          if (this.#blocks > 0 && this.#levels.length === 1) throw new Ended('end-of-file');
          break;
        case 'program-start':
          if (at !== level.entry && this.#blocks > 0 && this.#levels.length === 1 && at > 1) this.#nextProgram();
          break;
        default:
      }
    }
    if (statements.length === 0) this.#blocks++;
    return true;
  }

  /** A main program ends where the next one begins, and a control would go on or stop: that is said. */
  #nextProgram(): never {
    anotherProgram(this.#notes);
    throw new Ended('end-of-file');
  }

  #assign({ target, value }: Extract<Statement, { kind: 'assign' }>): void {
    const [index, now] = [indexOf(target, this.#variables), this.#compute(value)];
    const write = () => this.#variables.write(target, index, now);
    if (this.#late) this.#assigned.push(write);
    else write();
  }

  /** What a condition says. One that only the machine can decide counts as not met, and that is noted. */
  #holds(condition: Expression, otherwise = false): boolean {
    const value = toNumber(this.#compute(condition));
    if (!Number.isNaN(value)) return value !== 0;
    this.#notes.add(
      'unknown',
      'condition',
      `Only the machine can decide this condition; the path takes it as ${otherwise ? '' : 'not '}met.`,
    );
    return otherwise;
  }

  #if(level: Level, at: number, statement: Extract<Statement, { kind: 'if' }>): boolean {
    if (!this.#holds(statement.condition)) {
      if (statement.body.length === 0) level.at = this.#structure.branch(level.code, at);
      return statement.body.length > 0;
    }
    if (statement.body.length === 0) return true;
    const goesOn = this.#before(level, at, statement.body);
    if (goesOn) for (const inner of statement.body) this.#after(level, at, inner);
    return goesOn;
  }

  #goto(
    level: Level,
    at: number,
    target: number | string | Expression,
    direction: 'any' | 'forward' | 'backward',
    orOn = false,
  ): void {
    const where = typeof target === 'object' ? this.#compute(target) : target;
    const blocks = where === undefined ? none : blocksOf(level.code, where, this.#options.dialect);
    const found = jumpTo(blocks, at, direction);
    if (found === undefined && orOn) return;
    if (found === undefined) {
      this.#notes.add('wrong', 'GOTO', `The block ${where ?? ''} that is jumped to is not there: the path ends here.`);
      throw new Ended('stopped');
    }
    level.at = found;
  }

  /** Words that belong to calls and returns move nothing. */
  #takeFlowWords(statements: readonly Statement[]): void {
    for (const statement of statements) {
      if (statement.kind === 'return') this.#words.take('P');
      if (statement.kind !== 'call') continue;
      for (const letter of ['P', 'L', 'H', 'Q']) this.#words.take(letter);
    }
  }

  #after(level: Level, at: number, statement: Statement): void {
    if (statement.kind === 'program-end') this.#end(statement);
    if (statement.kind === 'return') this.#return(statement);
    else if (statement.kind === 'call' && calledLater(statement)) likeACycle(this.#notes, statement);
    else if (statement.kind === 'call') {
      if (statement.modal)
        this.#modal = statement.target === undefined && !this.#words.has('P') ? undefined : statement;
      else this.#call(level, at, statement);
    }
  }

  /** A called program of a TNC returns at its end; M2 and M30 end everything. */
  #end({ via }: Extract<Statement, { kind: 'program-end' }>): void {
    if (this.#levels.length === 1 || (via !== 'END PGM' && via !== '%')) throw new Ended('program-end');
    this.#return({ via, target: undefined });
  }

  #return({ target, via, value }: Returning): void {
    const level = this.#levels.at(-1);
    if (!level) return;
    if (this.#late) giveBack(value === undefined ? undefined : this.#compute(value), this.#variables);
    if (this.#levels.length === 1) this.#returnOfMain(level, target, via);
    else if (level.left > 1) {
      level.left--;
      level.at = level.entry;
    } else {
      this.#pop();
      const caller = this.#levels.at(-1);
      if (caller && target !== undefined) this.#goto(caller, caller.at - 1, target, 'any');
    }
  }

  #returnOfMain(level: Level, target: number | string | Expression | undefined, via: string): void {
    // A TNC goes on over the end of a subprogram that nobody called.
    if (via === 'LBL 0' || via === 'G98 L0') return;
    if (target === undefined) {
      if (via === 'M99' || via === 'GOTOS') forTheNextPart(this.#notes);
      throw new Ended('program-end');
    }
    const from = level.at;
    this.#goto(level, from - 1, target, 'any');
    if (level.at >= from) return;
    forTheNextPart(this.#notes);
    throw new Ended('program-end');
  }

  #call(level: Level, at: number, call: Call): void {
    const target = call.target ?? this.#computedTarget();
    const found = target === undefined ? undefined : this.#callees.find(level, at, call, target);
    const left = found?.repeats ?? timesOf(this.#notes, call, this.#words);
    if (!found) notPackaged(this.#notes, call, target);
    else if (left > 0) {
      const own = argumentCalls.has(call.via);
      if (own) this.#enter(call);
      else if (call.where !== 'label') this.#pass(call);
      this.#push({ ...found, at: found.entry, left, own, modal: call.modal });
    }
  }

  #enter({ arguments: values }: Call): void {
    this.#variables.enter(macroArguments(values, this.#compute));
    this.#control.entered?.();
  }

  /** Okuma's `CALL O1 PX=5` gives variables a value by their names; what is given by its place is not followed. */
  #pass({ via, arguments: values }: Call): void {
    for (const { name, value } of values) {
      const variable = { kind: 'variable', system: 'name', name, index: [] } as const;
      if (via === 'CALL' || via === 'MODIN') this.#variables.write(variable, [], this.#compute(value));
      else this.#notes.add('unsupported', `${via} arguments`, `What ${via} hands over to its program is not followed.`);
    }
  }

  #computedTarget(): number | undefined {
    const value = this.#words.take('P');
    return value === undefined || Number.isNaN(value) ? undefined : value;
  }

  #profile(level: Level, at: number, { from, to, finish, cut }: NonNullable<Flow>): void {
    const found = contourBlocks(level.code, from, to, this.#options.dialect);
    if (!found || this.#levels.some(({ done }) => done)) return;
    const { first, last } = found;
    const across = noteContour(level.code, at, first, this.#notes);
    if (!finish && first > at) level.at = last + 1;
    if (!finish && !cut) return;
    const contour = { ...level, at: first, entry: first, stop: last + 1, left: 1, own: false };
    if (finish || !cut) return void this.#push(contour);
    const { mover } = this.#control;
    mover.beginContour();
    // Cut as the work of the block that asked for it.
    const done = () => {
      const points = mover.endContour();
      this.#mark(level, at);
      cut(points, across);
    };
    this.#push({ ...contour, done });
  }
}

const none: readonly never[] = [];
const isMacro = (statement: Statement): boolean => statement.kind === 'call' && argumentCalls.has(statement.via);
type Returning = Pick<Extract<Statement, { kind: 'return' }>, 'target' | 'via'> & { value?: Expression | undefined };
