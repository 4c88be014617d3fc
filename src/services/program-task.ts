import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Digest, digestFromHex } from '../domain/digest.ts';
import { limits } from '../domain/limits.ts';
import { differenceOf } from '../nc/compare/package-difference.ts';
import { dialectFor } from '../nc/facts/dialect.ts';
import { calledIn, optionsOf, type ProgramFile } from '../nc/path/options.ts';
import { type PathResult, pathOf } from '../nc/path/path-of.ts';
import type { MachineProfile } from '../nc/profile/profile.ts';
import { packToolpath } from './toolpath-pack.ts';

/** A program of a package as it stands in the vault. */
export type StoredProgram = { name: string; digest: Digest; path: string };
/** One of `programs`, and whatever it may call. */
export type StoredSide = { name: string; programs: readonly StoredProgram[] };
export type ProgramTask =
  | { kind: 'difference'; before: StoredSide; after: StoredSide; profile: MachineProfile | undefined }
  | { kind: 'toolpath'; of: StoredSide; profile: MachineProfile | undefined };
/** The bytes of the answer: JSON of a difference, or a packed toolpath. */
export type ProgramAnswer = { bytes: Uint8Array<ArrayBuffer> };

/**
 * Pure but for the files, which are held to their digests, and as long as the programs are. Whoever has asked for a difference is
 * shown both its paths next: those of the last one are kept until then, where they came to the end of their program.
 */
export class ProgramTasks {
  readonly #paths = new Map<string, PathResult>();

  run(task: ProgramTask): ProgramAnswer {
    const { profile } = task;
    if (task.kind === 'toolpath')
      return { bytes: packToolpath(this.#taken(task.of, profile) ?? toolpathOf(task.of, profile)) };
    const [before, after] = [task.before, task.after].map(readSide) as [ReadSide, ReadSide];
    const difference = differenceOf(before, after, profile, (...paths) => {
      this.#paths.clear();
      for (const [at, side] of [task.before, task.after].entries()) this.#keep(keyOf(side, profile), paths[at]);
    });
    return { bytes: new TextEncoder().encode(JSON.stringify(difference)) };
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

type ReadSide = [file: ProgramFile, all: ProgramFile[]];

function readSide({ name, programs }: StoredSide): ReadSide {
  const all = programs.map(readProgram);
  const file = all.find((one) => one.name === name);
  if (!file) throw new Error(`${name} is none of the programs`);
  return [file, all];
}

function readProgram({ name, digest, path }: StoredProgram): ProgramFile {
  const bytes = readFileSync(path);
  if (digestFromHex(createHash('sha256').update(bytes).digest('hex')) !== digest)
    throw new Error(`${path} is not the content of ${digest}`);
  return { name, bytes };
}

function toolpathOf(side: StoredSide, profile: MachineProfile | undefined): PathResult {
  const [file, all] = readSide(side);
  const { dialect } = dialectFor(file.name, file.bytes, { profile });
  const machine = profile === undefined ? {} : optionsOf(profile);
  return pathOf(file, { ...machine, dialect, steps: limits.ncPathSteps, called: calledIn(all) });
}
