import { basename } from 'node:path';
import type { Dialect } from '../../domain/nc.ts';
import { detectDialect } from '../../nc/facts/dialect.ts';
import type { MachineProfile } from '../../nc/profile/profile.ts';
import type { ReadingOptions } from './reading.ts';

/** What the person says comes first, then the machine's profile, then what the program looks like. */
export function dialectOf(
  path: string,
  head: Uint8Array,
  options: ReadingOptions,
  profile: MachineProfile | undefined,
): Dialect {
  return options.dialect ?? profile?.dialect ?? detectDialect(basename(path), head).dialect;
}
