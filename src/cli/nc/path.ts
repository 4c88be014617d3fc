import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type Command, Option } from 'commander';
import { DomainError } from '../../domain/errors.ts';
import { type Dialect, dialectNames } from '../../domain/nc.ts';
import { duration, length, listed } from '../../nc/compare/sentences.ts';
import { optionsOf } from '../../nc/path/options.ts';
import { type PathResult, pathOf } from '../../nc/path/path-of.ts';
import { pathSvg } from '../../nc/path/svg.ts';
import {
  cycleSeconds,
  type Envelope,
  envelopeOf,
  figuresByTool,
  type ToolFigures,
} from '../../nc/path/tool-figures.ts';
import { answer, table, usage } from '../output.ts';
import { calledBeside } from './called.ts';
import { dialectOf } from './dialect.ts';
import { filesOf, readWhole } from './program-files.ts';
import { isJson, type ReadingOptions, readProfile, withReading } from './reading.ts';

const views = ['plan', 'front', 'side', 'lathe'] as const;
type Options = ReadingOptions & { svg?: string; view: (typeof views)[number] };
type Found = { file: string; dialect: Dialect; result: PathResult };

export function addPathCommand(nc: Command): void {
  withReading(nc.command('path <file...>'))
    .description('runs programs without a machine: path and time by tool, extents, and what could not be interpreted')
    .option('--svg <file>', 'draw the path of one program into this file')
    .addOption(new Option('--view <view>', 'with --svg').choices(views).default('plan'))
    .addHelpText(
      'after',
      '\nCalled programs are looked for in the same folder.\n\nExample:\n  keyway nc path --svg plate.svg PLATE.NC',
    )
    .action((paths: string[], options: Options, command: Command) => {
      const found = filesOf(paths).map((file) => compute(file, options));
      if (options.svg !== undefined) draw(found, options.svg, options.view);
      answer(
        isJson(command),
        { files: found.map(summary) },
        found.flatMap((one, at) => [...(at > 0 ? ['', ''] : []), ...lines(one)]),
      );
    });
}

function compute(file: string, options: Options): Found {
  const profile = readProfile(options.profile);
  const bytes = readWhole(file);
  const dialect = dialectOf(file, bytes, options, profile);
  const machine = profile === undefined ? {} : optionsOf(profile);
  const result = pathOf({ name: basename(file), bytes }, { ...machine, dialect, called: calledBeside(file) });
  return { file, dialect, result };
}

function draw(found: readonly Found[], target: string, view: Options['view']): void {
  const [only] = found;
  if (only === undefined || found.length > 1) throw usage('Give one program with --svg.', 'FILE');
  try {
    writeFileSync(target, pathSvg(only.result.path, { views: [view], title: basename(only.file) }));
  } catch (cause) {
    throw new DomainError('request-invalid', `${target} cannot be written.`, { field: '--svg', cause });
  }
}

function summary({ file, dialect, result }: Found) {
  const { path, end, notes } = result;
  return {
    file,
    dialect,
    end,
    segments: path.count,
    seconds: cycleSeconds(result),
    envelope: envelopeOf(path) ?? null,
    tools: figuresByTool(path).map((figures) => ({ ...figures, envelope: figures.envelope ?? null })),
    notes,
  };
}

function lines({ file, dialect, result }: Found): string[] {
  const { path, end, notes } = result;
  const tools = figuresByTool(path);
  const untimed = tools.reduce((all, one) => all + one.untimed, 0);
  return [
    `${basename(file)}   ${dialectNames[dialect]}`,
    `${path.count.toLocaleString('en-GB')} segments; ${ends[end]}; estimated ${duration(cycleSeconds(result))}${untimed > 0 ? ` without ${untimed} moves of unknown time` : ''}`,
    `extents ${extents(envelopeOf(path))}`,
    '',
    ...table([
      ['tool', 'from line', 'time', 'cutting', 'rapid', 'feed mm', 'rapid mm', 'extents'],
      ...tools.map(toolRow),
    ]),
    ...(notes.length === 0 ? [] : ['', 'Not shown, assumed or not known:', ...notes.map(noteLine)]),
  ];
}

const ends: Record<PathResult['end'], string> = {
  'program-end': 'ran to its end',
  'end-of-file': 'ran to the end of the file, without an end of the program',
  'step-limit': 'STOPPED after too many blocks (an endless loop?)',
  'segment-limit': 'STOPPED after too many segments',
  stopped: 'STOPPED',
};

const toolRow = (one: ToolFigures): string[] => [
  one.tool === '' ? '-' : /^\d+$/.test(one.tool) ? `T${one.tool}` : one.tool,
  String(one.firstLine),
  duration(one.seconds),
  duration(one.feedSeconds),
  duration(one.rapidSeconds),
  one.feedLength.toFixed(1),
  one.rapidLength.toFixed(1),
  extents(one.envelope),
];

function extents(envelope: Envelope | undefined): string {
  if (envelope === undefined) return 'not known';
  const { low, high } = envelope;
  const known = [0, 1, 2].filter((axis) => Number.isFinite(low[axis]) && Number.isFinite(high[axis]));
  if (known.length === 0) return 'not known';
  return known
    .map((axis) => `${'XYZ'[axis]} ${length(low[axis] as number)}..${length(high[axis] as number)}`)
    .join('  ');
}

function noteLine({ kind, what, text, lines: at, times, program }: PathResult['notes'][number]): string {
  const where = `line ${listed(at.map(String), 5)}${program === 0 ? '' : ' of a called program'}`;
  return `  ${kind.padEnd(11)} ${what}: ${text} (${where}${times > at.length ? `; ${times} times` : ''})`;
}
