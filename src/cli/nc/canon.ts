import { basename } from 'node:path';
import type { Command } from 'commander';
import { limits } from '../../domain/limits.ts';
import { type Dialect, dialectNames } from '../../domain/nc.ts';
import type { CanonicalDigests, LeftOut } from '../../domain/nc-canon.ts';
import { CanonicalForm } from '../../nc/canon/canonical-digests.ts';
import { CanonicalLines } from '../../nc/canon/canonical-lines.ts';
import { profileRules, usualRules } from '../../nc/canon/readback-rules.ts';
import { writings } from '../../nc/canon/writing.ts';
import { answer, exitCodes, short, table, usage } from '../output.ts';
import { dialectOf } from './dialect.ts';
import { eachChunk, filesOf } from './program-files.ts';
import { isJson, type ReadingOptions, readProfile, withReading } from './reading.ts';

type Options = ReadingOptions & { text?: boolean; same?: boolean };
type Digested = { file: string; dialect: Dialect } & CanonicalDigests;

export function addCanonCommand(nc: Command): void {
  withReading(nc.command('canon <file...>'))
    .description('digests of the bytes and of the canonical form, in which only what the control rewrites is left out')
    .option('--text', 'print the canonical form of one file itself')
    .option('--same', 'exit with 1 unless all files have one canonical form: a released program and what was read back')
    .addHelpText(
      'after',
      '\nExample:\n  keyway nc canon --same --profile haas-vf.yaml released/O4471.NC readback/O4471.NC',
    )
    .action((paths: string[], options: Options, command: Command) => {
      const files = filesOf(paths);
      if (options.text) return printText(files, options);
      const digested = files.map((file) => digest(file, options));
      answer(isJson(command), { files: digested, ...verdictOf(digested) }, linesOf(digested));
      if (options.same && new Set(digested.map(({ canonical }) => canonical)).size > 1)
        process.exitCode = exitCodes.refused;
    });
}

function rulesFor(file: string, options: Options) {
  const profile = readProfile(options.profile);
  const dialect = dialectOf(file, headOf(file), options, profile);
  return { dialect, rules: profile === undefined ? usualRules(dialect) : profileRules({ ...profile, dialect }) };
}

function headOf(file: string): Uint8Array {
  let head: Uint8Array = new Uint8Array();
  eachChunk(file, limits.fileBytes, (chunk) => {
    if (head.length === 0) head = chunk.slice(0, headBytes);
  });
  return head;
}
const headBytes = 64 * 1024;

function digest(file: string, options: Options): Digested {
  const { dialect, rules } = rulesFor(file, options);
  const form = new CanonicalForm(writings[dialect], rules);
  eachChunk(file, limits.fileBytes, (chunk) => form.push(chunk));
  return { file, dialect, ...form.end() };
}

function printText(files: readonly string[], options: Options): void {
  const [file] = files;
  if (file === undefined || files.length > 1) throw usage('Give one file with --text.', 'FILE');
  const { dialect, rules } = rulesFor(file, options);
  const { numbersReferredTo } = digest(file, options);
  const dropNumbers = rules.sequenceNumbers === 'rewritten' && !numbersReferredTo;
  const lines = new CanonicalLines({ writing: writings[dialect], rules, dropNumbers }, (bytes, start, end) =>
    process.stdout.write(bytes.slice(start, end)),
  );
  eachChunk(file, limits.fileBytes, (chunk) => lines.push(chunk));
  lines.end();
}

/** Of two files or more: what a readback is called. */
function verdictOf(files: readonly Digested[]): { verdict?: 'identical' | 'equivalent' | 'different' } {
  if (files.length < 2) return {};
  if (new Set(files.map(({ raw }) => raw)).size === 1) return { verdict: 'identical' };
  return { verdict: new Set(files.map(({ canonical }) => canonical)).size === 1 ? 'equivalent' : 'different' };
}

const verdicts = {
  identical: 'Identical: all files have the same bytes.',
  equivalent: 'Equivalent: the bytes differ, but only in what the control rewrites.',
  different: 'Different: not all files have the same canonical form.',
};

function linesOf(files: readonly Digested[]): string[] {
  const rows = files.map(({ file, dialect, bytes, raw, canonical, leftOut, numbersReferredTo }) => [
    basename(file),
    dialectNames[dialect],
    bytes.toLocaleString('en-GB'),
    short(raw),
    short(canonical),
    `${leftOutText(leftOut)}${numbersReferredTo ? '; sequence numbers count, as a block refers to one' : ''}`,
  ]);
  const { verdict } = verdictOf(files);
  return [
    ...table([['file', 'language', 'bytes', 'digest', 'canonical', 'left out'], ...rows]),
    ...(verdict === undefined ? [] : ['', verdicts[verdict]]),
  ];
}

const names: Record<keyof LeftOut, string> = {
  blanks: 'blanks',
  smallLetters: 'small letters',
  sequenceNumbers: 'sequence numbers',
  comments: 'comments',
  frameLines: 'leader and % lines',
  padding: 'padding bytes',
  emptyLines: 'empty lines',
};

function leftOutText(leftOut: LeftOut): string {
  const said = (Object.keys(names) as (keyof LeftOut)[])
    .filter((key) => leftOut[key] > 0)
    .map((key) => `${leftOut[key].toLocaleString('en-GB')} ${names[key]}`);
  return said.length === 0 ? 'nothing but block ends' : said.join(', ');
}
