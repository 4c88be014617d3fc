import type { Dialect } from '../../domain/nc.ts';
import type { Block } from '../program/block.ts';
import type { Expression } from '../program/expression.ts';
import { readProgram } from '../program/read-program.ts';
import type { Statement } from '../program/statement.ts';
import type { ProgramIndex } from './program-index.ts';

export type Word = {
  letter: number;
  index: number;
  /** NaN where it is computed. */
  value: number;
  flags: number;
  text: string;
  expression: Expression | undefined;
};

/** Everything that one block says, copied. */
export type BlockDetail = {
  words: Word[];
  statements: readonly Statement[];
  skip: number;
  label: string | undefined;
  /** Something in it was not understood, or is read differently by different controls. */
  doubtful: boolean;
};

/**
 * Reads neighbouring blocks again, on their own. Undefined where the reader now sees other blocks than before, which the
 * caller must take as unknown.
 */
export function readDetails(
  { bytes, dialect, count, start }: ProgramIndex,
  from: number,
  to: number,
): BlockDetail[] | undefined {
  const details: BlockDetail[] = [];
  const first = start[from] as number;
  // With the line end of the last one, or an empty line would be no block.
  const behind = to < count ? (start[to] as number) : bytes.length;
  read(bytes.subarray(first, behind), dialect, (block) => details.push(detailOf(block)));
  return details.length === to - from ? details : undefined;
}

function read(bytes: Uint8Array, dialect: Dialect, block: (block: Block) => void): void {
  readProgram(bytes, dialect, { block });
}

function detailOf(block: Block): BlockDetail {
  const { words, statements, skip, label, unrecognised, ambiguous, base } = block;
  const copied = Array.from({ length: words.count }, (_, i): Word => {
    const [from, to] = [words.start[i] as number, words.end[i] as number];
    return {
      letter: words.letter[i] as number,
      index: words.index[i] as number,
      value: words.value[i] as number,
      flags: words.flags[i] as number,
      text: latin1(block.bytes, from - base, to - base).trim(),
      expression: words.expression(i),
    };
  });
  return {
    words: copied,
    statements: [...statements],
    skip,
    label,
    doubtful: unrecognised >= 0 || ambiguous !== undefined,
  };
}

const shownCharacters = 120;

/** For people: one line, bounded. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  const stop = Math.min(end, start + shownCharacters);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, Math.max(0, stop - start)).toString('latin1');
  return stop < end ? `${text}…` : text;
}
