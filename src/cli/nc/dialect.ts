import { basename } from 'node:path';
import type { Dialect } from '../../domain/nc.ts';
import type { MachineProfile } from '../../nc/profile/profile.ts';
import type { ReadingOptions } from './reading.ts';

/** What the person says comes first, then the machine's profile, then what the program looks like. */
export function dialectOf(
  path: string,
  _head: Uint8Array,
  options: ReadingOptions,
  profile: MachineProfile | undefined,
): Dialect {
  const name = basename(path);
  return (
    options.dialect ??
    profile?.dialect ??
    (/\.(mpf|spf)$/i.test(name) ? 'siemens' : /\.h$/i.test(name) ? 'klartext' : 'iso')
  );
}
