import { basename } from 'node:path';
import type { Command } from 'commander';
import type { ProgramDetails, ProgramFacts } from '../../domain/findings.ts';
import { dialectNames } from '../../domain/nc.ts';
import { duration } from '../../nc/compare/sentences.ts';
import { optionsOf } from '../../nc/path/options.ts';
import { pathOf } from '../../nc/path/path-of.ts';
import type { PathEnd } from '../../nc/path/run-end.ts';
import { cycleSeconds } from '../../nc/path/tool-figures.ts';
import { inspectFile } from '../../nc/preflight/inspect-file.ts';
import { answer, table } from '../output.ts';
import { calledBeside } from './called.ts';
import { filesOf, readWhole } from './program-files.ts';
import { isJson, type ReadingOptions, readProfile, withReading } from './reading.ts';

type Told = { path: string; facts: ProgramFacts; cycle: { seconds: number; end: PathEnd } | undefined };

export function addInfoCommand(nc: Command): void {
  withReading(nc.command('info <file...>'))
    .description('what programs say about themselves: tools, offsets, speeds, calls, variables, extents and time')
    .addHelpText('after', '\nCalled programs are looked for in the same folder.\n\nExample:\n  keyway nc info O4471.NC')
    .action((paths: string[], options: ReadingOptions, command: Command) => {
      const told = filesOf(paths).map((path) => tell(path, options));
      answer(
        isJson(command),
        { files: told.map(({ path, facts, cycle }) => ({ path, ...facts, cycle: cycle ?? null })) },
        told.flatMap((one, at) => [...(at > 0 ? ['', ''] : []), ...lines(one)]),
      );
    });
}

function tell(path: string, options: ReadingOptions): Told {
  const profile = readProfile(options.profile);
  const bytes = readWhole(path);
  const { facts } = inspectFile({ name: basename(path), bytes }, { profile, dialect: options.dialect });
  if (facts.dialect === 'unrecognised') return { path, facts, cycle: undefined };
  const machine = profile === undefined ? {} : optionsOf(profile);
  const result = pathOf(
    { name: basename(path), bytes },
    { ...machine, dialect: facts.dialect, called: calledBeside(path) },
  );
  return { path, facts, cycle: { seconds: cycleSeconds(result), end: result.end } };
}

function lines({ facts, cycle }: Told): string[] {
  const { file, dialect, details } = facts;
  if (dialect === 'unrecognised' || !details) return [`${file}   no program in a language that is known here`];
  const title = [facts.programNumber, facts.programName].filter((part) => part !== undefined).join(' ');
  return [
    `${file}   ${title}`,
    ...aligned([
      ['language', `${dialectNames[dialect]}: ${details.dialectBecause.join(', ')}`],
      ['lines', facts.lines.toLocaleString('en-GB')],
      ['unit', facts.units],
      ['modes', details.modes.join(', ')],
      ['work offsets', details.workOffsets.join(', ')],
      ['spindle', span(details.spindle, 'rpm')],
      ['feed', span(details.feed, 'a minute')],
      ['cycles', details.cycles.join(', ')],
      ['calls', facts.calls.join(', ')],
      ['writes', details.variablesWritten.join(', ')],
      ['reads', details.variablesRead.join(', ')],
      ['as written', details.envelope.map(({ axis, lowest, highest }) => `${axis} ${lowest}..${highest}`).join('  ')],
      ['estimated', cycle === undefined ? '' : timeOf(cycle)],
    ]),
    ...details.comments.map((comment) => `  (${comment})`),
    '',
    ...toolTable(details),
  ];
}

const aligned = (rows: readonly [string, string][]): string[] =>
  rows.filter(([, value]) => value !== '').map(([name, value]) => `  ${name.padEnd(14)}${value}`);

const span = (range: ProgramDetails['spindle'], unit: string): string => {
  if (!range) return '';
  const { lowest, highest } = range;
  return lowest === highest ? `${highest} ${unit}` : `${lowest} to ${highest} ${unit}`;
};

function timeOf({ seconds, end }: NonNullable<Told['cycle']>): string {
  if (end === 'program-end' || end === 'end-of-file') return duration(seconds);
  return `more than ${duration(seconds)}: it could not be run to its end`;
}

function toolTable({ tools }: ProgramDetails): string[] {
  if (tools.length === 0) return ['No tool is called.'];
  const rows = tools.map(({ tool, line, offsets, description = '' }) => [
    tool,
    String(line),
    offsets.join(' '),
    description,
  ]);
  return table([['tool', 'line', 'offsets', 'description'], ...rows]);
}
