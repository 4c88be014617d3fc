import { basename } from 'node:path';
import type { Command } from 'commander';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Digest } from '../../domain/digest.ts';
import { DomainError } from '../../domain/errors.ts';
import { type Finding, severities } from '../../domain/findings.ts';
import { limits } from '../../domain/limits.ts';
import type { PersonRole } from '../../domain/people.ts';
import { applyWaivers, Waiver } from '../../domain/waivers.ts';
import { isRule, ruleOf } from '../../nc/preflight/catalogue.ts';
import type { Job } from '../../nc/preflight/inspect-file.ts';
import { inspectPackage } from '../../nc/preflight/inspect-package.ts';
import type { StockBox } from '../../nc/preflight/stock.ts';
import { digestOf } from '../../platform/hash.ts';
import { answer, exitCodes, usage } from '../output.ts';
import { eachChunk, filesOf, readWhole } from './program-files.ts';
import { isJson, type ReadingOptions, readProfile, withReading } from './reading.ts';

type Options = ReadingOptions & { waivers?: string; tools?: string; stock?: string };
type Checked = { open: Finding[]; waived: { finding: Finding; waiver: Waiver }[]; holds: PersonRole[] };

export function addCheckCommand(nc: Command): void {
  withReading(nc.command('check <file...>'))
    .description('whether programs may run: what blocks them, what somebody must acknowledge, what to look at')
    .option('--tools <list>', 'the tool numbers of the job, such as 1,3,12')
    .option(
      '--stock <box>',
      'low and high corner of the stock in work coordinates: X,Y,Z,X,Y,Z in the unit of the program',
    )
    .option('--waivers <file>', 'findings that may stand (YAML): rule, digest, line, reason and by, for each')
    .addHelpText(
      'after',
      '\nThe files are one package: what they call must be among them or resident in the profile.\nExits with 1 where a finding blocks; what is held waits for its role and does not change the exit code.\n\nExample:\n  keyway nc check --profile haas-vf.yaml O4471.NC O4472.NC',
    )
    .action((paths: string[], options: Options, command: Command) => {
      const checked = check(filesOf(paths), options);
      answer(isJson(command), { verdict: verdictOf(checked), ...checked }, lines(checked));
      if (verdictOf(checked) === 'blocked') process.exitCode = exitCodes.refused;
    });
}

function check(paths: readonly string[], options: Options): Checked {
  const files = paths.map((path) => ({ name: basename(path), role: 'main-program' as const, bytes: readWhole(path) }));
  const digests = new Map<string, Digest>(files.map(({ name, bytes }) => [name, digestOf(bytes)]));
  if (digests.size < files.length) throw usage('Two of the files have one name; a control would keep one.', 'FILE');
  const { findings } = inspectPackage(files, jobOf(options));
  const { open, waived } = applyWaivers(findings, readWaivers(options.waivers), {
    digestOf: (file) => digests.get(file),
    isFixed: (rule) => isRule(rule) && ruleOf(rule).fixed === true,
  });
  const holds = new Set(open.flatMap(({ severity, role }) => (severity === 'hold' && role ? [role] : [])));
  return { open, waived, holds: [...holds] };
}

function jobOf({ profile, dialect, stock, tools }: Options): Job {
  return {
    profile: readProfile(profile),
    dialect,
    stock: stock === undefined ? undefined : stockOf(stock),
    tools: tools === undefined ? undefined : numbers(tools, '--tools'),
  };
}

function stockOf(text: string): StockBox {
  const list = numbers(text, '--stock');
  const [a, b, c, d, e, f] = list;
  if (list.length !== 6 || a === undefined || b === undefined || c === undefined || d === undefined)
    throw usage('Give six numbers: the low corner, then the high one.', '--stock');
  return { low: [a, b, c], high: [d, e ?? Number.NaN, f ?? Number.NaN] };
}

function numbers(text: string, option: string): number[] {
  const list = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (list.some((number) => !Number.isFinite(number))) throw usage(`"${text}" is no list of numbers.`, option);
  return list;
}

function readWaivers(path: string | undefined): Waiver[] {
  if (path === undefined) return [];
  const pieces: Uint8Array[] = [];
  eachChunk(path, limits.configBytes, (chunk) => pieces.push(chunk.slice()));
  const read = z.array(Waiver).safeParse(yaml(Buffer.concat(pieces).toString('utf8'), path));
  if (read.success) return read.data;
  throw notValid(path, z.prettifyError(read.error).replaceAll('\n', ' '));
}

function yaml(text: string, path: string): unknown {
  try {
    return parse(text, { maxAliasCount: 0 });
  } catch (cause) {
    throw notValid(path, (cause as Error).message.split('\n', 1)[0] ?? 'it is no YAML', cause);
  }
}

const notValid = (path: string, what: string, cause?: unknown) =>
  new DomainError('config-invalid', `${basename(path)}: ${what}`, { field: '--waivers', cause });

const verdictOf = ({ open, holds }: Checked): 'blocked' | 'held' | 'clear' => {
  if (open.some(({ severity }) => severity === 'block')) return 'blocked';
  return holds.length > 0 ? 'held' : 'clear';
};

function lines(checked: Checked): string[] {
  const { open, waived, holds } = checked;
  const verdicts = {
    blocked: 'Blocked: it may not run as it is.',
    held: `Held: to be acknowledged by ${holds.join(' and ')}.`,
    clear: open.length === 0 ? 'Clear: nothing to say.' : 'Clear: nothing that blocks or holds.',
  };
  return [
    ...severities.flatMap((severity) => open.filter((one) => one.severity === severity).map(findingLine)),
    ...waived.map(
      ({ finding, waiver }) => `waived  ${placeOf(finding)}  ${finding.rule}  by ${waiver.by}: ${waiver.reason}`,
    ),
    ...(open.length + waived.length === 0 ? [] : ['']),
    verdicts[verdictOf(checked)],
  ];
}

const placeOf = ({ file, line }: Finding): string => (line === undefined ? file : `${file}:${line}`);
const findingLine = (finding: Finding): string =>
  `${finding.severity.padEnd(6)}  ${placeOf(finding)}  ${finding.rule}${finding.role ? ` [${finding.role}]` : ''}  ${finding.message}`;
