import { type CodeTable, haas, lathe, mazak, mill } from './iso-codes.ts';
import { okuma, okumaLathe } from './okuma-codes.ts';
import type { PathOptions } from './options.ts';
import { siemens } from './siemens-codes.ts';

/** The G codes of a machine. */
export function codesOf({ dialect, lathe: turning }: Pick<PathOptions, 'dialect' | 'lathe'>): CodeTable {
  if (dialect === 'siemens') return new Map(siemens);
  if (dialect === 'okuma') return new Map(turning ? okumaLathe : okuma);
  if (dialect === 'mazak') return new Map(turning ? lathe : [...mill, ...mazak]);
  return new Map(turning ? lathe : [...mill, ...haas]);
}
