import type { Expression } from './expression.ts';
import type { Statement } from './statement.ts';

/** Bits of `Words.flags`. */
export const wordFlag = {
  /** Written with a decimal point. */
  point: 1,
  /** Written with a sign. */
  sign: 2,
  /** The value is an expression: `value` is NaN, or its value where it has no variables. */
  computed: 4,
  /** Incremental by its writing: Klartext `IX+10`, Siemens `X=IC(10)`. */
  incremental: 8,
  /** Absolute by its writing: Siemens `X=AC(10)`. */
  absolute: 16,
} as const;

/** The address words of a block as a struct of arrays, grown and reused. */
export type Words = {
  count: number;
  /** Upper-case ASCII code of the address. */
  letter: Uint8Array;
  /** Address extension: 2 of `S2=1000`, 1 of `X1=10`; -1 where there is none. */
  index: Int32Array;
  /** NaN where it is computed from variables. */
  value: Float64Array;
  /** Byte offsets in the file. */
  start: Uint32Array;
  end: Uint32Array;
  flags: Uint8Array;
  /** The expression of a computed word. */
  expression(at: number): Expression | undefined;
  /** The value of the first word with this letter (ASCII), undefined where there is none; NaN where it is computed. */
  first(letter: number): number | undefined;
};

/** One block: a line, in Klartext with its `~` continuations. ONE object, reused for every block: copy what you keep. */
export type Block = {
  /** 1-based, its first line. */
  line: number;
  /** Byte offsets in the file, without the line end. */
  start: number;
  end: number;
  /** Where its bytes are: the byte at file offset `o` is `bytes[o - base]`. Valid during the visit. */
  bytes: Uint8Array;
  base: number;
  /** Block skip: 0 none, 1 for `/`, 2 and up for `/2`. */
  skip: number;
  /** How many skip marks the block has. */
  skips: number;
  /** N-word or Klartext's block number; -1 none. */
  number: number;
  /** Siemens `LABEL:`, Klartext `LBL 1` and `LBL "NAME"`, Okuma `NLAP1`, DIN/ISO `G98 L1`; upper case. */
  label: string | undefined;
  /** Byte offsets of the first comment with its brackets; equal where there is none. */
  commentStart: number;
  commentEnd: number;
  /** In the order of the text. N-words and O-words are not among them. */
  words: Words;
  /** What is more than words, in the order of the text. Empty for most blocks. */
  statements: readonly Statement[];
  /** File offset of the first byte that the reader does not understand; -1 none. */
  unrecognised: number;
  /** A comment that does not open and close once, or stands where controls differ; what follows it was not read. */
  ambiguous: 'nested' | 'not closed' | 'not opened' | 'skip inside' | undefined;
  /** Sum of `mark` of the syntax, over the whole line. */
  marks: number;
  /** One of `lineEnding` of the syntax. */
  ending: number;
};

export interface BlockVisitor {
  /** Every line, also an empty one. */
  block(block: Block): void;
}

/** What the end of a program tells. */
export type ReadEnd = {
  bytes: number;
  lines: number;
  lf: number;
  crlf: number;
  cr: number;
  lfcrcr: number;
  openLine: boolean;
};
