import { type FirstArticleProposal, firstArticleProposals } from '../../domain/first-article.ts';
import { limits } from '../../domain/limits.ts';
import type { Difference } from '../../domain/nc-difference.ts';
import { dialectFor } from '../facts/dialect.ts';
import { calledIn, optionsOf, type ProgramFile } from '../path/options.ts';
import { type PathResult, pathOf } from '../path/path-of.ts';
import type { MachineProfile } from '../profile/profile.ts';
import { compareRevisions, type Revision } from './difference.ts';
import { pathJudge } from './path-comparison.ts';

/** The programs of two packages of one job, file by file, and what they mean together for the first article. */
export type PackageDifference = {
  v: 1;
  proposal: FirstArticleProposal;
  statement: string;
  differences: Difference[];
  onlyBefore: string[];
  onlyAfter: string[];
  /** Too large to be compared. */
  uncompared: string[];
};

/** The programs are compared under their names. Linear in their sizes; paths only of those that are not too long for it. */
export function comparePackages(
  before: readonly ProgramFile[],
  after: readonly ProgramFile[],
  profile: MachineProfile | undefined,
  tooLarge: readonly string[] = [],
): PackageDifference {
  const key = ({ name }: ProgramFile) => name.toLowerCase();
  const older = new Map(before.map((file) => [key(file), file]));
  const newer = new Set(after.map(key));
  const differences = after.flatMap((file) => {
    const was = older.get(key(file));
    return was ? [differenceOf([was, before], [file, after], profile)] : [];
  });
  const onlyBefore = before.filter((file) => !newer.has(key(file))).map(({ name }) => name);
  const onlyAfter = after.filter((file) => !older.has(key(file))).map(({ name }) => name);
  const uncompared = [...new Set(tooLarge)];
  const proposed = uncompared.length > 0 ? notCompared : together(differences, onlyBefore, onlyAfter);
  return { v: 1, ...proposed, differences, onlyBefore, onlyAfter, uncompared };
}

/** A program of a package, with all of them: what it calls is among them. */
export type ProgramSide = [file: ProgramFile, all: readonly ProgramFile[]];

/** The difference of one program, with its paths where it is not too long for them; `seePaths` is shown both. */
export function differenceOf(
  before: ProgramSide,
  after: ProgramSide,
  profile: MachineProfile | undefined,
  seePaths?: (before: PathResult, after: PathResult) => void,
): Difference {
  const sides = [before, after].map(([file]) => revisionOf(file, profile)) as [Revision, Revision];
  if (sides.some(({ bytes }) => bytes.length > limits.ncEstimateBytes)) return compareRevisions(...sides);
  const paths = pathsOf(sides, [before, after], profile);
  seePaths?.(...paths);
  return compareRevisions(...sides, pathJudge(...paths));
}

function revisionOf({ name, bytes }: ProgramFile, profile: MachineProfile | undefined): Revision {
  return { name, bytes, dialect: dialectFor(name, bytes, { profile }).dialect, descriptions: new Map() };
}

function pathsOf(
  revisions: readonly [Revision, Revision],
  [before, after]: readonly [ProgramSide, ProgramSide],
  profile: MachineProfile | undefined,
): [PathResult, PathResult] {
  const machine = profile === undefined ? {} : optionsOf(profile);
  const path = ([file, all]: ProgramSide, { dialect }: Revision) =>
    pathOf(file, { ...machine, dialect, steps: limits.ncEstimateSteps, called: calledIn(all) });
  return [path(before, revisions[0]), path(after, revisions[1])];
}

const notCompared = {
  proposal: 'full',
  statement: 'Draft: full first article, because a program is too large to be compared here. Quality decides.',
} as const;

/** The gravest of the programs counts; one that came or went may touch anything. */
function together(
  differences: readonly Difference[],
  onlyBefore: readonly string[],
  onlyAfter: readonly string[],
): Pick<PackageDifference, 'proposal' | 'statement'> {
  if (onlyBefore.length + onlyAfter.length > 0)
    return {
      proposal: 'full',
      statement:
        'Draft: full first article, because a program came or went, which may touch anything. Quality decides.',
    };
  const impacts = differences.map(({ impact }) => impact);
  for (const proposal of firstArticleProposals) {
    const found = impacts.find((impact) => impact.proposal === proposal);
    if (found) return { proposal, statement: found.statement.slice(0, limits.textChars) };
  }
  return {
    proposal: 'full',
    statement: 'Draft: full first article, because nothing could be compared. Quality decides.',
  };
}
