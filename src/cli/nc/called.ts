import { basename, dirname } from 'node:path';
import { limits } from '../../domain/limits.ts';
import { calledIn, type ProgramFile } from '../../nc/path/options.ts';
import { filesIn, readWhole } from './program-files.ts';

/** Finds what a program calls among the files of its folder, each read when it is first called. */
export function calledBeside(path: string): (target: number | string) => ProgramFile | undefined {
  let find: ReturnType<typeof calledIn> | undefined;
  const read = new Map<string, ProgramFile>();
  return (target) => {
    const beside = () => filesIn(dirname(path)).slice(0, limits.ncCliFiles);
    find ??= calledIn(beside().map((file) => ({ name: basename(file), bytes: new Uint8Array() })));
    const name = find(target)?.name;
    if (name === undefined) return undefined;
    const held = read.get(name) ?? { name, bytes: readWhole(`${dirname(path)}/${name}`) };
    read.set(name, held);
    return held;
  };
}
