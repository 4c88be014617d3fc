import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Digest, digestFromHex } from '../domain/digest.ts';
import { limits } from '../domain/limits.ts';
import { differenceOf } from '../nc/compare/package-difference.ts';
import { dialectFor } from '../nc/facts/dialect.ts';
import { calledIn, optionsOf, type ProgramFile } from '../nc/path/options.ts';
import { pathOf } from '../nc/path/path-of.ts';
import type { MachineProfile } from '../nc/profile/profile.ts';
import { packToolpath } from './toolpath-pack.ts';

/** A program of a package as it stands in the vault. */
export type StoredProgram = { name: string; digest: Digest; path: string };
type Side = { name: string; programs: readonly StoredProgram[] };
export type ProgramTask =
  | { kind: 'difference'; before: Side; after: Side; profile: MachineProfile | undefined }
  | { kind: 'toolpath'; of: Side; profile: MachineProfile | undefined };
/** The bytes of the answer: JSON of a difference, or a packed toolpath. */
export type ProgramAnswer = { bytes: Uint8Array<ArrayBuffer> };

/** Pure but for the files, which are held to their digests, and as long as the programs are. */
export function runProgramTask(task: ProgramTask): ProgramAnswer {
  if (task.kind === 'toolpath') return { bytes: toolpathOf(task.of, task.profile) };
  const [before, after] = [task.before, task.after].map(readSide) as [ReadSide, ReadSide];
  return { bytes: new TextEncoder().encode(JSON.stringify(differenceOf(before, after, task.profile))) };
}

type ReadSide = [file: ProgramFile, all: ProgramFile[]];

function readSide({ name, programs }: Side): ReadSide {
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

function toolpathOf(side: Side, profile: MachineProfile | undefined): Uint8Array<ArrayBuffer> {
  const [file, all] = readSide(side);
  const { dialect } = dialectFor(file.name, file.bytes, { profile });
  const machine = profile === undefined ? {} : optionsOf(profile);
  return packToolpath(pathOf(file, { ...machine, dialect, steps: limits.ncPathSteps, called: calledIn(all) }));
}
