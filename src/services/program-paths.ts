import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Digest } from '../domain/digest.ts';
import { limits } from '../domain/limits.ts';
import { dialectFor } from '../nc/facts/dialect.ts';
import { type ComparedPaths, comparedPaths, type ProgramSide } from '../nc/path/compared-paths.ts';
import { calledIn, optionsOf, type ProgramFile } from '../nc/path/options.ts';
import { type PathResult, pathOf } from '../nc/path/path-of.ts';
import type { MachineProfile } from '../nc/profile/profile.ts';

/** A program of a package as it stands in the vault. */
export type StoredProgram = { name: string; digest: Digest; size: number; path: string };
export type StoredSide = { name: string; programs: readonly StoredProgram[] };
/** What two paths are computed from. */
export type PathsTask = { before: StoredSide; after: StoredSide; profile: MachineProfile | undefined };

export const storedPaths = ({ before, after, profile }: PathsTask): ComparedPaths | undefined =>
  comparedPaths(readSide(before), readSide(after), profile);

/** As far as a program may be looked at, which is farther than it is compared. */
export function toolpathOf(side: StoredSide, profile: MachineProfile | undefined): PathResult {
  const [file, all] = readSide(side);
  const { dialect } = dialectFor(file.name, file.bytes, { profile });
  const machine = profile === undefined ? {} : optionsOf(profile);
  return pathOf(file, { ...machine, dialect, steps: limits.ncPathSteps, called: calledIn(all) });
}

/** Pure but for the files, which are held to their digests. */
export function readSide({ name, programs }: StoredSide): ProgramSide {
  const all = programs.map(readProgram);
  const file = all.find((one) => one.name === name);
  if (!file) throw new Error(`${name} is none of the programs`);
  return [file, all];
}

function readProgram({ name, digest, path }: StoredProgram): ProgramFile {
  const bytes = readFileSync(path);
  if (`sha256:${hash('sha256', bytes, 'hex')}` !== digest) throw new Error(`${path} is not the content of ${digest}`);
  return { name, bytes };
}
