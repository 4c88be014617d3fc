import { basename, join } from 'node:path';
import type { Command } from 'commander';
import type { Difference } from '../../domain/nc-difference.ts';
import { compareRevisions, type Revision } from '../../nc/compare/difference.ts';
import { pathJudge } from '../../nc/compare/path-comparison.ts';
import { optionsOf } from '../../nc/path/options.ts';
import { pathOf } from '../../nc/path/path-of.ts';
import type { MachineProfile } from '../../nc/profile/profile.ts';
import { answer, exitCodes, usage } from '../output.ts';
import { calledBeside } from './called.ts';
import { dialectOf } from './dialect.ts';
import { differenceLines } from './diff-text.ts';
import { filesIn, kindOf, readWhole } from './program-files.ts';
import { isJson, type ReadingOptions, readProfile, withReading } from './reading.ts';

type Options = ReadingOptions & { brief?: boolean; path: boolean };
type Compared = { differences: Difference[]; onlyBefore: string[]; onlyAfter: string[] };

export function addDiffCommand(nc: Command): void {
  withReading(nc.command('diff <old> <new>'))
    .description('what changed between two revisions, by its consequence; two folders are compared file by file')
    .option('--brief', 'leave out the changed lines')
    .option('--no-path', 'do not compute the tool paths, which takes longer than the rest')
    .addHelpText(
      'after',
      '\nExits with 0 where every program does what it did before (at most comments, numbering and format differ), else with 1.' +
        '\n\nExample:\n  keyway nc diff rev-d/O4471.NC rev-e/O4471.NC',
    )
    .action((before: string, after: string, options: Options, command: Command) => {
      const compared = compare(before, after, options, readProfile(options.profile));
      const { differences, onlyBefore, onlyAfter } = compared;
      const single = kindOf(before) === 'file';
      answer(isJson(command), single ? differences[0] : compared, linesOf(compared, options));
      const same =
        differences.every(({ verdict }) => verdict !== 'changed') && onlyBefore.length + onlyAfter.length === 0;
      if (!same) process.exitCode = exitCodes.refused;
    });
}

function compare(before: string, after: string, options: Options, profile: MachineProfile | undefined): Compared {
  if (kindOf(before) !== kindOf(after)) throw usage('Give two files or two folders.', 'OLD, NEW');
  if (kindOf(before) === 'file')
    return { differences: [differenceOf(before, after, options, profile)], onlyBefore: [], onlyAfter: [] };
  const [older, newer] = [filesIn(before), filesIn(after)].map((files) => files.map((file) => basename(file)));
  const both = (older ?? []).filter((name) => newer?.includes(name));
  return {
    differences: both.map((name) => differenceOf(join(before, name), join(after, name), options, profile)),
    onlyBefore: (older ?? []).filter((name) => !both.includes(name)),
    onlyAfter: (newer ?? []).filter((name) => !both.includes(name)),
  };
}

function differenceOf(
  before: string,
  after: string,
  options: Options,
  profile: MachineProfile | undefined,
): Difference {
  const [older, newer] = [before, after].map((path) => revisionOf(path, options, profile)) as [Revision, Revision];
  if (!options.path) return compareRevisions(older, newer);
  const [oldPath, newPath] = [pathFor(before, older, profile), pathFor(after, newer, profile)];
  return compareRevisions(older, newer, pathJudge(oldPath, newPath));
}

function revisionOf(path: string, options: Options, profile: MachineProfile | undefined): Revision {
  const bytes = readWhole(path);
  return { name: basename(path), bytes, dialect: dialectOf(path, bytes, options, profile), descriptions: new Map() };
}

/** Programs that are called are looked for beside the one that calls. */
function pathFor(path: string, { name, bytes, dialect }: Revision, profile: MachineProfile | undefined) {
  const machine = profile === undefined ? {} : optionsOf(profile);
  return pathOf({ name, bytes }, { ...machine, dialect, called: calledBeside(path) });
}

function linesOf({ differences, onlyBefore, onlyAfter }: Compared, { brief }: Options): string[] {
  return [
    ...differences.flatMap((one, at) => [
      ...(at > 0 ? ['', ''] : []),
      ...differenceLines(one, { brief: brief ?? false }),
    ]),
    ...(onlyBefore.length > 0 ? ['', `Only in the older folder: ${onlyBefore.join(', ')}`] : []),
    ...(onlyAfter.length > 0 ? ['', `Only in the newer folder: ${onlyAfter.join(', ')}`] : []),
  ];
}
