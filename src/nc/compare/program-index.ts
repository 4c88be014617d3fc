import { hash } from 'node:crypto';
import type { Dialect } from '../../domain/nc.ts';
import { writings } from '../canon/writing.ts';
import { type Block, type BlockVisitor, wordFlag } from '../program/block.ts';
import { BlockReferences, type Reference } from './block-references.ts';
import type { Keys } from './intern.ts';
import { TextKeys } from './text-key.ts';
import { type ToolChange, ToolChanges } from './tool-changes.ts';
import { VariableUses } from './variable-uses.ts';
import { WordKeys } from './word-key.ts';

/** What a comparison keeps of each block of a program: numbers only; the text is read again where it matters. */
export type ProgramIndex = {
  bytes: Uint8Array;
  dialect: Dialect;
  count: number;
  start: Uint32Array;
  end: Uint32Array;
  line: Uint32Array;
  /** Sequence numbers, -1 none. */
  number: Int32Array;
  /** Of `blockKinds`. */
  kind: Uint8Array;
  keys: Keys;
  /** The addresses of the block, with the codes of G and M: blocks of one shape differ in values alone. */
  shape: Uint32Array;
  toolChanges: readonly ToolChange[];
  /** It says that its lengths are inches. */
  inch: boolean;
  variables: VariableUses;
  references: readonly Reference[];
  /** Blocks that jump to a number that is computed. */
  computedJumps: readonly number[];
};

const [g, m, t] = [0x47, 0x4d, 0x54];

/** Fills a `ProgramIndex` from the blocks of one program. */
export class IndexBuilder implements BlockVisitor {
  readonly #wordKeys: WordKeys;
  readonly #textKeys: TextKeys;
  readonly #tools = new ToolChanges();
  readonly #variables = new VariableUses();
  readonly #references = new BlockReferences();
  readonly #inchCode: number;
  #inch = false;
  #count = 0;
  #start: Uint32Array<ArrayBuffer>;
  #end: Uint32Array<ArrayBuffer>;
  #line: Uint32Array<ArrayBuffer>;
  #number: Int32Array<ArrayBuffer>;
  #kind: Uint8Array<ArrayBuffer>;
  #low: Uint32Array<ArrayBuffer>;
  #high: Uint32Array<ArrayBuffer>;
  #shape: Uint32Array<ArrayBuffer>;

  /** `blocks`: about as many as there will be. */
  constructor(dialect: Dialect, seed: number, blocks: number) {
    this.#inchCode = dialect === 'siemens' || dialect === 'heidenhain-iso' ? 70 : 20;
    this.#wordKeys = new WordKeys(seed);
    this.#textKeys = new TextKeys(writings[dialect], seed);
    this.#start = new Uint32Array(blocks);
    this.#end = new Uint32Array(blocks);
    this.#line = new Uint32Array(blocks);
    this.#number = new Int32Array(blocks);
    this.#kind = new Uint8Array(blocks);
    this.#low = new Uint32Array(blocks);
    this.#high = new Uint32Array(blocks);
    this.#shape = new Uint32Array(blocks);
  }

  block(block: Block): void {
    if (this.#count === this.#start.length) this.#grow();
    const at = this.#count;
    const keys = this.#wordKeys;
    keys.of(block);
    if (!isWordsOnly(block)) this.#readText(block);
    this.#start[at] = block.start;
    this.#end[at] = block.end;
    this.#line[at] = block.line;
    this.#number[at] = block.number;
    this.#kind[at] = keys.kind;
    this.#low[at] = keys.low;
    this.#high[at] = keys.high;
    this.#shape[at] = keys.shape;
    if (block.words.count > 0) this.#words(block);
    if (block.statements.length > 0) this.#statements(block, at);
    this.#count++;
  }

  end(bytes: Uint8Array, dialect: Dialect): ProgramIndex {
    const count = this.#count;
    return {
      bytes,
      dialect,
      count,
      start: this.#start.subarray(0, count),
      end: this.#end.subarray(0, count),
      line: this.#line.subarray(0, count),
      number: this.#number.subarray(0, count),
      kind: this.#kind.subarray(0, count),
      keys: { count, low: this.#low, high: this.#high },
      shape: this.#shape.subarray(0, count),
      toolChanges: this.#tools.all(),
      inch: this.#inch,
      variables: this.#variables,
      references: this.#references.references,
      computedJumps: this.#references.computedJumps,
    };
  }

  /** What is more than words has its key from its text. */
  #readText({ bytes, base, start, end }: Block): void {
    const [keys, text] = [this.#wordKeys, this.#textKeys];
    text.of(bytes, start - base, end - base);
    keys.low = text.low;
    keys.high = text.high;
    keys.kind = text.kind;
  }

  #words(block: Block): void {
    const { count, letter, value, index } = block.words;
    let refers = false;
    for (let i = 0; i < count; i++) {
      const address = letter[i] as number;
      const code = value[i] as number;
      if (address === t) this.#tools.word(this.#count, code, index[i] as number);
      else if (address === m) {
        if (code === 6) this.#tools.change(this.#count);
        refers ||= code === 97 || code === 99;
      } else if (address === g) {
        refers ||= code >= 70 && code <= 73;
        if (code === this.#inchCode) this.#inch = true;
      }
      if (Number.isNaN(code)) this.#variables.word(block, i);
    }
    if (refers) this.#references.words(this.#count, block);
  }

  #statements(block: Block, at: number): void {
    let shape = this.#shape[at] as number;
    for (const statement of block.statements) {
      for (const character of statement.kind) shape = Math.imul(shape ^ character.charCodeAt(0), 0x01000193);
      if (statement.kind === 'program-start') this.#inch ||= statement.units === 'inch';
      if (statement.kind === 'tool') this.#tools.statement(at, statement);
      this.#variables.statement(statement);
      this.#references.statement(at, statement);
    }
    this.#shape[at] = shape;
  }

  #grow(): void {
    this.#start = grown(this.#start, new Uint32Array(this.#start.length * 2));
    this.#end = grown(this.#end, new Uint32Array(this.#end.length * 2));
    this.#line = grown(this.#line, new Uint32Array(this.#line.length * 2));
    this.#number = grown(this.#number, new Int32Array(this.#number.length * 2));
    this.#kind = grown(this.#kind, new Uint8Array(this.#kind.length * 2));
    this.#low = grown(this.#low, new Uint32Array(this.#low.length * 2));
    this.#high = grown(this.#high, new Uint32Array(this.#high.length * 2));
    this.#shape = grown(this.#shape, new Uint32Array(this.#shape.length * 2));
  }
}

function isWordsOnly({ statements, label, unrecognised, ambiguous, words }: Block): boolean {
  if (statements.length > 0 || label !== undefined || unrecognised >= 0 || ambiguous !== undefined) return false;
  for (let i = 0; i < words.count; i++) if (((words.flags[i] as number) & wordFlag.computed) !== 0) return false;
  return true;
}

function grown<T extends Uint32Array | Int32Array | Uint8Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}

/** The last line of the block before `end`: blocks may have several lines, and a line several blocks. */
export const lastLine = ({ line, count }: ProgramIndex, end: number): number =>
  end < count ? Math.max(line[end - 1] as number, (line[end] as number) - 1) : (line[end - 1] as number);

/** 1 where a block begins the work of a tool. */
export function toolStarts({ count, toolChanges }: ProgramIndex): Uint8Array {
  const marks = new Uint8Array(count);
  for (const { block } of toolChanges) marks[block] = 1;
  return marks;
}

/** For the keys of both programs: nobody can choose bytes whose keys collide under a seed that hangs on these bytes. */
export const seedOf = (digests: readonly string[]): number =>
  Number.parseInt(hash('sha256', digests.join(' '), 'hex').slice(0, 8), 16) | 0;
