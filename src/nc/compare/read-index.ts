import type { Dialect } from '../../domain/nc.ts';
import { readProgram } from '../program/read-program.ts';
import { IndexBuilder, type ProgramIndex } from './program-index.ts';

export function indexProgram(bytes: Uint8Array, dialect: Dialect, seed: number): ProgramIndex {
  const builder = new IndexBuilder(dialect, seed);
  readProgram(bytes, dialect, builder);
  return builder.end(bytes, dialect);
}
