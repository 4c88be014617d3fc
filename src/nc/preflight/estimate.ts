import type { ProgramDetails, ProgramFacts } from '../../domain/findings.ts';
import { limits } from '../../domain/limits.ts';
import { calledIn, optionsOf } from '../path/options.ts';
import { type PathResult, pathOf } from '../path/path-of.ts';
import { cycleSeconds, figuresByTool } from '../path/tool-figures.ts';
import type { MachineProfile } from '../profile/profile.ts';
import type { ProgramFile } from './inspect-file.ts';

/** The facts with the time and the ways of each program that somebody starts, run with what it calls in the package. */
export function withEstimates(
  facts: readonly ProgramFacts[],
  started: ReadonlySet<string>,
  files: readonly ProgramFile[],
  profile: MachineProfile | undefined,
): ProgramFacts[] {
  const called = calledIn(files);
  const machine = profile === undefined ? {} : optionsOf(profile);
  return facts.map((one) => {
    const file = files.find(({ name }) => name === one.file);
    if (!file || !started.has(one.file) || !one.details || one.dialect === 'unrecognised') return one;
    if (file.bytes.length > limits.ncEstimateBytes) return one;
    const estimate = estimateOf(
      pathOf(file, { ...machine, dialect: one.dialect, steps: limits.ncEstimateSteps, called }),
    );
    return { ...one, details: { ...one.details, estimate } };
  });
}

function estimateOf(result: PathResult): NonNullable<ProgramDetails['estimate']> {
  const tools = figuresByTool(result.path);
  return {
    seconds: rounded(cycleSeconds(result)),
    complete: result.end === 'program-end' || result.end === 'end-of-file',
    untimed: tools.reduce((sum, { untimed }) => sum + untimed, 0),
    tools: tools.slice(0, limits.factsPerProgram).map(({ tool, seconds, feedLength, rapidLength }) => ({
      tool: tool.slice(0, limits.shortTextChars),
      seconds: rounded(seconds),
      feed: rounded(feedLength),
      rapid: rounded(rapidLength),
    })),
  };
}

/** A hundredth is more than a model of a machine knows; what is not known is no number for a record. */
const rounded = (value: number): number => (Number.isFinite(value) ? Math.max(0, Math.round(value * 100) / 100) : 0);
