import type { Command } from 'commander';
import { discardFresh, foldAnew } from '../../catalog/rebuild.ts';
import { limits } from '../../domain/limits.ts';
import { entriesAhead } from '../../ledger/entry-thread.ts';
import { forkProblems } from '../../ledger/fork-link.ts';
import { checkStoredTimestamps } from '../../ledger/stored-timestamps.ts';
import type { LedgerProblem, LedgerReport } from '../../ledger/verify.ts';
import { verifyLedger } from '../../ledger/verify-parallel.ts';
import { rfc3339, systemClock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import { loadTrust, type Trust } from '../../signing/trust.ts';
import { example } from '../context.ts';
import { answer, exitCodeOf, exitCodes, usage } from '../output.ts';
import { type FileOptions, ledgerPlace, readLedger, withFileOptions } from './ledger-file.ts';

type VerifyOptions = FileOptions & { catalogue: boolean; old?: string; oldTrust?: string };

export function addVerifyCommand(ledger: Command): void {
  withFileOptions(ledger.command('verify'))
    .description(
      'check every entry, tile and checkpoint of a ledger file, in this process, against the trust file alone',
    )
    .option(
      '--catalogue',
      'also prove that a fresh fold equals the stored catalogue (only with the data folder)',
      false,
    )
    .option('--old <ledger.db>', 'also prove that it goes on after this older ledger, which is verified too')
    .option('--old-trust <trust.json>', "the older ledger's trust file")
    .addHelpText('after', example('keyway ledger verify --file copy/ledger.db --trust trust.json'))
    .action((options: VerifyOptions, command: Command) => verify(options, command));
}

async function verify(options: VerifyOptions, command: Command): Promise<void> {
  const { config, json, trust, file } = ledgerPlace(options, command);
  const report = await verifyLedger(file, trust);
  report.problems.push(...(await problemsOfLink(file, options)));
  const stamps = readLedger(file, (reader) => checkStoredTimestamps(reader, judgeOf(trust)));
  report.problems.push(...stamps.problems);
  const differing = options.catalogue ? await differingTables(config) : [];
  const verified = report.problems.length === 0 && differing.length === 0;
  const timestamps = stamps.good.map(({ size, genTimeMs }) => ({ size, at: rfc3339(genTimeMs) }));
  answer(json, { ...report, origin: trust.origin, timestamps, differing, verified }, [
    `${verified ? 'VERIFIED' : 'NOT VERIFIED'}  ${trust.origin}`,
    ...timestamps
      .slice(0, 1)
      .map(({ size, at }) => `  timestamps   ${timestamps.length}, the newest over ${size} entries at ${at}`),
    ...reportLines(report, options.catalogue ? differing : undefined),
  ]);
  if (!verified) process.exitCode = exitCodeOfProblem(report.problems[0]);
}

export const judgeOf = ({ timestampAuthoritiesAt }: Trust) => ({
  authoritiesAt: timestampAuthoritiesAt,
  latestMs: systemClock() + limits.timestampClockMs,
});

async function problemsOfLink(file: string, { old, oldTrust }: VerifyOptions): Promise<LedgerProblem[]> {
  if (old === undefined && oldTrust === undefined) return [];
  if (old === undefined || oldTrust === undefined) throw usage('Give both --old and --old-trust.', '--old');
  const trust = loadTrust(oldTrust);
  const { problems } = await verifyLedger(old, trust);
  if (problems.length > 0) return problems;
  return readLedger(old, (oldReader) =>
    readLedger(file, (reader) => forkProblems(reader, { reader: oldReader, trust })),
  );
}

/** `differing`: the tables of the catalogue that differ; undefined where it was not looked at. */
export const reportLines = (report: LedgerReport, differing: readonly string[] | undefined): string[] => [
  `  entries      ${report.entries}, of which ${report.covered} are under a signed checkpoint`,
  `  checkpoints  ${report.checkpoints}, each by both ledger keys`,
  `  root         ${report.root}`,
  ...(differing === undefined
    ? []
    : [`  catalogue    ${differing.length === 0 ? 'equals a fresh fold' : `differs in ${differing.join(', ')}`}`]),
  ...report.problems.map((problem) => `  ${problem.kind} at ${problem.index}: ${problem.message}`),
];

/** By the first problem, since the others may follow from it; without one it was something else that differs. */
export const exitCodeOfProblem = (first: LedgerProblem | undefined): number =>
  first === undefined || first.kind === 'damaged' ? exitCodes.notVerified : exitCodeOf(first.kind);

export async function differingTables({ paths }: Config): Promise<string[]> {
  const { fresh, differing } = await foldAnew(paths.catalog, wholeLedger(paths.ledger));
  discardFresh(fresh);
  return differing;
}

export const wholeLedger = (path: string) => ({
  size: () => readLedger(path, (reader) => reader.size()),
  entries: (from: number, to: number) => entriesAhead(path, from, to),
});
