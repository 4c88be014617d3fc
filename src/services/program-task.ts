import { comparedTexts } from '../nc/compare/package-difference.ts';
import type { ComparedPaths } from '../nc/path/compared-paths.ts';
import type { PathResult } from '../nc/path/path-of.ts';
import type { MachineProfile } from '../nc/profile/profile.ts';
import { type PathsTask, readSide, type StoredSide, storedPaths, toolpathOf } from './program-paths.ts';
import { packToolpath } from './toolpath-pack.ts';

export type ProgramTask =
  | ({ kind: 'difference' } & PathsTask)
  | { kind: 'toolpath'; of: StoredSide; profile: MachineProfile | undefined };
/** The bytes of the answer: JSON of a difference, or a packed toolpath. */
export type ProgramAnswer = { bytes: Uint8Array<ArrayBuffer> };

/**
 * Pure but for the files, which are held to their digests, and as long as the programs are. Whoever has asked for a difference is
 * shown both its paths next: those of the last one are kept until then, where they came to the end of their program.
 */
export class ProgramTasks {
  readonly #paths = new Map<string, PathResult>();

  /** `paths`: those of a difference, where somebody else computes them meanwhile. */
  async run(task: ProgramTask, paths?: Promise<ComparedPaths | undefined>): Promise<ProgramAnswer> {
    if (task.kind === 'difference') return this.#difference(task, paths);
    const { of, profile } = task;
    return { bytes: packToolpath(this.#taken(of, profile) ?? toolpathOf(of, profile)) };
  }

  async #difference(task: PathsTask, elsewhere?: Promise<ComparedPaths | undefined>): Promise<ProgramAnswer> {
    const { before, after, profile } = task;
    const end = comparedTexts(readSide(before), readSide(after), profile);
    const paths = elsewhere ? await elsewhere : storedPaths(task);
    this.#paths.clear();
    for (const [at, side] of [before, after].entries()) this.#keep(keyOf(side, profile), paths?.[at]);
    return { bytes: new TextEncoder().encode(JSON.stringify(end(paths))) };
  }

  #keep(key: string, path: PathResult | undefined): void {
    if (path?.end === 'program-end' || path?.end === 'end-of-file') this.#paths.set(key, path);
  }

  #taken(side: StoredSide, profile: MachineProfile | undefined): PathResult | undefined {
    const key = keyOf(side, profile);
    const found = this.#paths.get(key);
    this.#paths.delete(key);
    return found;
  }
}

/** All that a path is computed from. */
const keyOf = ({ name, programs }: StoredSide, profile: MachineProfile | undefined): string =>
  JSON.stringify([name, programs.map((program) => [program.name, program.digest]), profile]);
