import { createWriteStream, existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { EvidenceQuestion } from '../domain/evidence.ts';
import { cliContext, example } from './context.ts';
import { answer, usage } from './output.ts';
import { instant } from './run.ts';

type Options = {
  serial?: string;
  part?: string;
  release?: string;
  transfer?: string;
  from?: string;
  to?: string;
  redact: boolean;
  older?: string;
  out: string;
};

export function addEvidenceCommands(program: Command): void {
  const evidence = program.command('evidence').description('packs that an auditor checks without us');
  evidence
    .command('export')
    .description('everything that the ledger holds about one question, as one zip with a report')
    .option('--serial <text>', 'about a part that was cut')
    .option('--part <text>', 'about a part number')
    .option('--release <id>', 'about a release')
    .option('--transfer <id>', 'about a delivery')
    .option('--from <time>', 'about a span of time, with --to (RFC 3339)')
    .option('--to <time>', 'its end')
    .option('--redact', 'leave out every content; what remains still verifies', false)
    .option('--older <file>', 'a checkpoint that you hold: the pack proves that the ledger extends it')
    .requiredOption('--out <file>', 'where the zip goes')
    .addHelpText('after', example('keyway evidence export --serial 0417 --out 0417.zip'))
    .action(exportPack);
}

async function exportPack(options: Options, command: Command): Promise<void> {
  const { client, json } = cliContext(command);
  const question = questionOf(options);
  const { out } = options;
  if (existsSync(out)) throw usage(`${out} is already there.`, '--out');
  const older = options.older === undefined ? {} : { older: read(options.older) };
  // Under its final name only when it is whole.
  const partial = `${out}.partial`;
  try {
    const content = await client().evidence({ question, redact: options.redact, ...older });
    await pipeline(content, createWriteStream(partial, { mode: 0o600 }));
    renameSync(partial, out);
  } finally {
    rmSync(partial, { force: true });
  }
  answer(json, { out }, [
    `Wrote ${out}.`,
    '  Unpack it and read report.pdf; VERIFY.md says how to check it. The trust file goes another way.',
  ]);
}

function questionOf({ serial, part, release, transfer, from, to }: Options): EvidenceQuestion {
  const asked = [
    ...(serial === undefined ? [] : [{ by: 'serial', serial }]),
    ...(part === undefined ? [] : [{ by: 'part', part }]),
    ...(release === undefined ? [] : [{ by: 'release', releaseId: release }]),
    ...(transfer === undefined ? [] : [{ by: 'transfer', deliveryId: transfer }]),
    ...(from === undefined && to === undefined ? [] : [{ by: 'time', from: instant(from), to: instant(to) }]),
  ];
  if (asked.length !== 1)
    throw usage('Ask by one of --serial, --part, --release, --transfer, or --from with --to.', '--serial');
  const parsed = EvidenceQuestion.safeParse(asked[0]);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw usage(
    `This is no question: ${issue?.message ?? 'it does not fit'}.`,
    `--${String(issue?.path.at(-1) ?? 'serial')}`,
  );
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw usage(`${file} cannot be read.`, '--older');
  }
}
