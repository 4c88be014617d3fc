import { hash } from 'node:crypto';
import type { Dialect } from '../../domain/nc.ts';
import { writings } from '../canon/writing.ts';
import type { Block, BlockVisitor } from '../program/block.ts';
import { BlockKeys, blockKinds } from './block-key.ts';
import { BlockReferences, type Reference } from './block-references.ts';
import type { Keys } from './intern.ts';
import { type ToolChange, ToolChanges } from './tool-changes.ts';
import { VariableUses } from './variable-uses.ts';

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
  variables: VariableUses;
  references: readonly Reference[];
  /** Blocks that jump to a number that is computed. */
  computedJumps: readonly number[];
};

const [g, m, t] = [0x47, 0x4d, 0x54];
/** Shapes of blocks without words. */
const shapes = { blank: 1, comment: 2 };

/** Fills a `ProgramIndex` from the blocks of one program. */
export class IndexBuilder implements BlockVisitor {
  readonly #keys: BlockKeys;
  readonly #tools = new ToolChanges();
  readonly #variables = new VariableUses();
  readonly #references = new BlockReferences();
  #count = 0;
  #start = new Uint32Array(1024);
  #end = new Uint32Array(1024);
  #line = new Uint32Array(1024);
  #number = new Int32Array(1024);
  #kind = new Uint8Array(1024);
  #low = new Uint32Array(1024);
  #high = new Uint32Array(1024);
  #shape = new Uint32Array(1024);

  constructor(dialect: Dialect, seed: number) {
    this.#keys = new BlockKeys(writings[dialect], seed);
  }

  block(block: Block): void {
    if (this.#count === this.#start.length) this.#grow();
    const at = this.#count;
    const keys = this.#keys;
    keys.of(block.bytes, block.start - block.base, block.end - block.base);
    this.#start[at] = block.start;
    this.#end[at] = block.end;
    this.#line[at] = block.line;
    this.#number[at] = block.number;
    this.#kind[at] = keys.kind;
    this.#low[at] = keys.low;
    this.#high[at] = keys.high;
    this.#shape[at] =
      keys.kind === blockKinds.code
        ? this.#shapeOf(block)
        : keys.kind === blockKinds.comment
          ? shapes.comment
          : shapes.blank;
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
      variables: this.#variables,
      references: this.#references.references,
      computedJumps: this.#references.computedJumps,
    };
  }

  #shapeOf(block: Block): number {
    const { count, letter, value, index } = block.words;
    let shape = 0x811c9dc5;
    let refers = false;
    for (let i = 0; i < count; i++) {
      const address = letter[i] as number;
      shape = Math.imul(shape ^ address, 0x01000193);
      if (address === g || address === m) shape = Math.imul(shape ^ ((value[i] as number) * 10), 0x01000193);
      if (mayRefer(address, value[i] as number)) refers = true;
      if (address === t) this.#tools.word(this.#count, value[i] as number, index[i] as number);
      else if (address === m && value[i] === 6) this.#tools.change(this.#count);
      if (Number.isNaN(value[i])) this.#variables.word(block, i);
    }
    if (refers) this.#references.words(this.#count, block);
    return shape >>> 0;
  }

  #statements(block: Block, at: number): void {
    let shape = this.#shape[at] as number;
    for (const statement of block.statements) {
      for (const character of statement.kind) shape = Math.imul(shape ^ character.charCodeAt(0), 0x01000193);
      if (statement.kind === 'tool') this.#tools.statement(at, statement);
      this.#variables.statement(statement);
      this.#references.statement(at, statement);
    }
    this.#shape[at] = shape;
  }

  #grow(): void {
    const [start, end, line] = [grown(this.#start), grown(this.#end), grown(this.#line)];
    [this.#start, this.#end, this.#line] = [start, end, line];
    [this.#low, this.#high, this.#shape] = [grown(this.#low), grown(this.#high), grown(this.#shape)];
    const number = new Int32Array(this.#number.length * 2);
    number.set(this.#number);
    this.#number = number;
    const kind = new Uint8Array(this.#kind.length * 2);
    kind.set(this.#kind);
    this.#kind = kind;
  }
}

const mayRefer = (address: number, value: number): boolean =>
  address === m ? value === 97 || value === 99 : address === g && value >= 70 && value <= 73;

function grown(array: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}

/** For the keys of both programs: nobody can choose bytes whose keys collide under a seed that hangs on these bytes. */
export function seedOf(before: Uint8Array, after: Uint8Array): number {
  const digests = hash('sha256', before, 'hex') + hash('sha256', after, 'hex');
  return Number.parseInt(hash('sha256', digests, 'hex').slice(0, 8), 16) | 0;
}
