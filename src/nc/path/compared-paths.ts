import { limits } from '../../domain/limits.ts';
import { dialectFor } from '../facts/dialect.ts';
import type { MachineProfile } from '../profile/profile.ts';
import { calledIn, optionsOf, type ProgramFile } from './options.ts';
import { type PathResult, pathOf } from './path-of.ts';

/** A program of a package, with all of them: what it calls is among them. */
export type ProgramSide = [file: ProgramFile, all: readonly ProgramFile[]];
export type ComparedPaths = readonly [before: PathResult, after: PathResult];

/** The paths that a difference is judged by; undefined where one of the programs is too long for that. */
export function comparedPaths(
  before: ProgramSide,
  after: ProgramSide,
  profile: MachineProfile | undefined,
): ComparedPaths | undefined {
  if ([before, after].some(([{ bytes }]) => bytes.length > limits.ncEstimateBytes)) return undefined;
  const machine = profile === undefined ? {} : optionsOf(profile);
  const path = ([file, all]: ProgramSide) => {
    const { dialect } = dialectFor(file.name, file.bytes, { profile });
    return pathOf(file, { ...machine, dialect, steps: limits.ncEstimateSteps, called: calledIn(all) });
  };
  return [path(before), path(after)];
}
