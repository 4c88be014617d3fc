import type { Dialect } from '../../domain/nc.ts';
import { readProgram } from '../program/read-program.ts';
import { IndexBuilder, type ProgramIndex } from './program-index.ts';

/** A short block with its line end; where blocks are shorter the arrays grow. */
const bytesOfBlock = 14;

export function indexProgram(bytes: Uint8Array, dialect: Dialect, seed: number): ProgramIndex {
  const builder = new IndexBuilder(dialect, seed, Math.ceil(bytes.length / bytesOfBlock) + 16);
  readProgram(bytes, dialect, builder);
  return builder.end(bytes, dialect);
}
