import { limits } from '../../domain/limits.ts';
import type { Dialect } from '../../domain/nc.ts';
import { type Block, type BlockVisitor, type Words, wordFlag } from '../program/block.ts';
import type { Expression } from '../program/expression.ts';
import { readProgram } from '../program/read-program.ts';
import type { Statement } from '../program/statement.ts';

/** One program's blocks, kept so that they can be run in any order. A block's words are `first[i]` to `first[i + 1] - 1`. */
export type Code = {
  name: string;
  count: number;
  line: Uint32Array;
  skip: Uint8Array;
  first: Uint32Array;
  letter: Uint8Array;
  index: Int32Array;
  value: Float64Array;
  flags: Uint8Array;
  /** By word. */
  expressions: ReadonlyMap<number, Expression>;
  /** By block. */
  statements: ReadonlyMap<number, readonly Statement[]>;
  unread: ReadonlySet<number>;
  /** Blocks by N-number and by label, in their order. */
  numbers: { get(number: number): readonly number[] | undefined };
  labels: ReadonlyMap<string, readonly number[]>;
  /** Programs that begin in this file, by number or by name in upper case. */
  starts: ReadonlyMap<number | string, number>;
  /** Blocks that return or end the program. */
  ends: readonly number[];
  /** Where an `if`, `else`, `loop` or `loop-end` belongs together with another block. */
  partner: ReadonlyMap<number, number>;
};

export function codeOf(name: string, bytes: Uint8Array, dialect: Dialect): Code {
  const recorder = new Recorder(bytes.length);
  readProgram(bytes, dialect, recorder);
  return recorder.code(name);
}

const bytesOfBlock = 14;
const bytesOfWord = 5;

class Recorder implements BlockVisitor {
  #count = 0;
  #words = 0;
  #line: Uint32Array<ArrayBuffer>;
  #skip: Uint8Array<ArrayBuffer>;
  #first: Uint32Array<ArrayBuffer>;
  #letter: Uint8Array<ArrayBuffer>;
  #index: Int32Array<ArrayBuffer>;
  #value: Float64Array<ArrayBuffer>;
  #flags: Uint8Array<ArrayBuffer>;
  readonly #expressions = new Map<number, Expression>();
  readonly #statements = new Map<number, readonly Statement[]>();
  readonly #unread = new Set<number>();
  #number: Int32Array<ArrayBuffer>;
  readonly #labels = new Map<string, number[]>();

  /** So much of it as programs usually have; where blocks or words are shorter, the arrays grow. */
  constructor(bytes: number) {
    const [blocks, words] = [Math.ceil(bytes / bytesOfBlock) + 16, Math.ceil(bytes / bytesOfWord) + 16];
    this.#line = new Uint32Array(blocks);
    this.#skip = new Uint8Array(blocks);
    this.#number = new Int32Array(blocks);
    this.#first = new Uint32Array(blocks + 1);
    this.#letter = new Uint8Array(words);
    this.#index = new Int32Array(words);
    this.#value = new Float64Array(words);
    this.#flags = new Uint8Array(words);
  }

  block(block: Block): void {
    if (block.words.count === 0 && block.statements.length === 0 && block.label === undefined && !this.#marks(block))
      return;
    const at = this.#count++;
    if (at === this.#line.length) this.#growBlocks();
    this.#line[at] = block.line;
    this.#skip[at] = Math.min(block.skip, 255);
    if (block.statements.length > 0) this.#statements.set(at, [...block.statements]);
    if (block.unrecognised !== -1 || block.ambiguous !== undefined) this.#unread.add(at);
    this.#number[at] = block.number;
    if (block.label !== undefined) listed(this.#labels, block.label.toUpperCase(), at);
    this.#copyWords(block);
    this.#first[at + 1] = this.#words;
  }

  code(name: string): Code {
    return {
      name,
      count: this.#count,
      line: this.#line,
      skip: this.#skip,
      first: this.#first,
      letter: this.#letter,
      index: this.#index,
      value: this.#value,
      flags: this.#flags,
      expressions: this.#expressions,
      statements: this.#statements,
      unread: this.#unread,
      numbers: new BlocksByNumber(this.#number.subarray(0, this.#count)),
      labels: this.#labels,
      starts: startsIn(this.#statements),
      ends: [...this.#statements].filter(([, list]) => list.some(isEnd)).map(([at]) => at),
      partner: partnersIn(this.#statements),
    };
  }

  /** An empty block is kept where something may jump to it or where it was not understood. */
  #marks(block: Block): boolean {
    return block.number !== -1 || block.unrecognised !== -1 || block.ambiguous !== undefined;
  }

  #copyWords({ words }: Block): void {
    const { count } = words;
    while (this.#words + count > this.#letter.length) this.#growWords();
    for (let from = 0; from < count; from++) {
      const to = this.#words++;
      this.#letter[to] = words.letter[from] as number;
      this.#index[to] = words.index[from] as number;
      this.#value[to] = words.value[from] as number;
      this.#flags[to] = words.flags[from] as number;
    }
    if (words.anyFlags & wordFlag.computed) this.#copyExpressions(words, this.#words - count);
  }

  #copyExpressions(words: Words, first: number): void {
    for (let at = 0; at < words.count; at++) {
      const expression = words.expression(at);
      if (expression) this.#expressions.set(first + at, expression);
    }
  }

  #growBlocks(): void {
    const size = this.#line.length * 2;
    this.#line = copied(new Uint32Array(size), this.#line);
    this.#skip = copied(new Uint8Array(size), this.#skip);
    this.#number = copied(new Int32Array(size), this.#number);
    this.#first = copied(new Uint32Array(size + 1), this.#first);
  }

  #growWords(): void {
    const size = this.#letter.length * 2;
    this.#letter = copied(new Uint8Array(size), this.#letter);
    this.#index = copied(new Int32Array(size), this.#index);
    this.#value = copied(new Float64Array(size), this.#value);
    this.#flags = copied(new Uint8Array(size), this.#flags);
  }
}

/** Sorted out when somebody first asks: most programs number every block and jump to none. */
class BlocksByNumber {
  readonly #numbers: Int32Array;
  #blocks: Map<number, number[]> | undefined;

  /** Of each block, -1 where it has none. */
  constructor(numbers: Int32Array) {
    this.#numbers = numbers;
  }

  get(number: number): readonly number[] | undefined {
    this.#blocks ??= this.#sorted();
    return this.#blocks.get(number);
  }

  #sorted(): Map<number, number[]> {
    const blocks = new Map<number, number[]>();
    for (const [at, number] of this.#numbers.entries()) if (number !== -1) listed(blocks, number, at);
    return blocks;
  }
}

function copied<T extends Uint8Array | Uint32Array | Int32Array | Float64Array>(to: T, from: T): T {
  to.set(from);
  return to;
}

function listed<K>(map: Map<K, number[]>, key: K, at: number): void {
  const known = map.get(key);
  if (known) known.push(at);
  else map.set(key, [at]);
}

const isEnd = ({ kind }: Statement): boolean => kind === 'return' || kind === 'program-end';

function startsIn(statements: ReadonlyMap<number, readonly Statement[]>): Map<number | string, number> {
  const starts = new Map<number | string, number>();
  for (const [at, list] of statements)
    for (const statement of list) {
      const key = nameOfStart(statement);
      if (key !== undefined && !starts.has(key)) starts.set(key, at);
    }
  return starts;
}

function nameOfStart(statement: Statement): number | string | undefined {
  if (statement.kind === 'subprogram') return statement.name;
  return statement.kind === 'program-start' ? (statement.number ?? statement.name?.toUpperCase()) : undefined;
}

type Open = { kind: 'if' | 'else' | 'loop' | 'subprogram'; id: number | string; at: number };

/**
 * Pairs each `if` with its `else` or `end-if`, `else` with `end-if`, and loops with their ends. What has no partner is left
 * out. FANUC's DO and END find one another by their number. What leaves a loop belongs together with its begin.
 */
function partnersIn(statements: ReadonlyMap<number, readonly Statement[]>): Map<number, number> {
  const partner = new Map<number, number>();
  const open: Open[] = [];
  for (const [at, list] of statements)
    for (const statement of list) {
      if (statement.kind === 'if' && statement.body.length === 0) open.push({ kind: 'if', id: 0, at });
      else if (statement.kind === 'loop') open.push({ kind: 'loop', id: statement.id, at });
      else if (statement.kind === 'subprogram') open.push({ kind: 'subprogram', id: statement.name, at });
      else if (statement.kind === 'else' || statement.kind === 'end-if') closeIf(statement.kind, at, open, partner);
      else if (statement.kind === 'loop-end') close('loop', statement.id, at, open, partner);
      else if (statement.kind === 'subprogram-end') close('subprogram', statement.name, at, open, partner);
      else if (statement.kind === 'loop-exit') leaveLoop(statement.id, at, open, partner);
    }
  return partner;
}

function closeIf(kind: 'else' | 'end-if', at: number, open: Open[], partner: Map<number, number>): void {
  const last = open.at(-1);
  if (last?.kind !== 'if' && last?.kind !== 'else') return;
  open.pop();
  partner.set(last.at, at);
  if (kind === 'else') open.push({ kind: 'else', id: 0, at });
}

function close(kind: Open['kind'], id: number | string, at: number, open: Open[], partner: Map<number, number>): void {
  const last = open.at(-1);
  if (last?.kind !== kind || last.id !== id) return;
  open.pop();
  partner.set(last.at, at);
  partner.set(at, last.at);
}

/** Only as deep as calls may go: a hostile program opens thousands of loops and leaves them as often. */
function leaveLoop(id: number | string, at: number, open: readonly Open[], partner: Map<number, number>): void {
  const loop = open.slice(-limits.ncPathDepth).findLast((one) => one.kind === 'loop' && one.id === id);
  if (loop) partner.set(at, loop.at);
}
