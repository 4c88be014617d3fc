import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { discardFresh, foldAnew, replaceCatalog } from '../catalog/rebuild.ts';
import { DomainError } from '../domain/errors.ts';
import { sequencedEntries } from '../ledger/open.ts';
import { type LedgerReader, makeLedgerReader } from '../ledger/store.ts';
import { verifyLedgerFile } from '../ledger/verify.ts';
import type { Config } from '../platform/config.ts';
import { holdLock, openSqliteReadOnly } from '../platform/sqlite.ts';
import { loadTrust } from '../signing/trust.ts';
import { cliContext, example } from './context.ts';
import { answer, exitCodes, usage } from './output.ts';

export function addLedgerCommands(program: Command): void {
  const ledger = program.command('ledger').description('the append-only record: check it, look into it');
  ledger
    .command('verify')
    .description(
      'check every entry, tile and checkpoint of a ledger file, in this process, against the trust file alone',
    )
    .option('--file <ledger.db>', 'the ledger file, instead of the one in the data folder')
    .option('--trust <trust.json>', 'the trust file, instead of the one in the data folder')
    .option(
      '--catalogue',
      'also prove that a fresh fold equals the stored catalogue (only with the data folder)',
      false,
    )
    .addHelpText('after', example('keyway ledger verify --file copy/ledger.db --trust trust.json'))
    .action((options: { file?: string; trust?: string; catalogue: boolean }, command: Command) =>
      verify(options, command),
    );
  ledger
    .command('show <index>')
    .description('one entry: its event, and that it is in the signed tree')
    .addHelpText('after', example('keyway ledger show 12'))
    .action(async (text: string, _options, command: Command) => {
      const { client, json } = cliContext(command);
      if (!/^(0|[1-9][0-9]{0,15})$/.test(text)) throw usage('An index is a whole number.', 'index');
      const entry = await client().entry(Number(text));
      answer(json, entry, [
        `entry ${entry.index}  ${entry.type}  ${entry.time}`,
        JSON.stringify(entry.event, null, 2),
        `leaf ${Buffer.from(entry.proven.leaf, 'base64').toString('ascii')}`,
        `inclusion proof: ${entry.proven.proof.length} hashes to`,
        entry.checkpoint.trimEnd(),
      ]);
    });
  ledger
    .command('rebuild')
    .description('fold the catalogue anew from the ledger, and say which tables differed')
    .addHelpText('after', example('keyway ledger rebuild'))
    .action((_options, command: Command) => rebuild(command));
}

function verify(options: { file?: string; trust?: string; catalogue: boolean }, command: Command): void {
  const { config, json } = cliContext(command);
  const trust = loadTrust(options.trust ?? config.paths.trust);
  const file = options.file ?? config.paths.ledger;
  if (!existsSync(file)) throw new DomainError('not-found', `${file}: there is no ledger.`);
  const report = verifyLedgerFile(file, trust);
  const differing = options.catalogue ? differingTables(config) : [];
  const good = report.problems.length === 0 && differing.length === 0;
  answer(json, { ...report, origin: trust.origin, differing, verified: good }, [
    `${good ? 'VERIFIED' : 'NOT VERIFIED'}  ${trust.origin}`,
    `  entries      ${report.entries}, of which ${report.covered} are under a signed checkpoint`,
    `  checkpoints  ${report.checkpoints}, each by both ledger keys`,
    `  root         ${report.root}`,
    ...(options.catalogue
      ? [`  catalogue    ${differing.length === 0 ? 'equals a fresh fold' : `differs in ${differing.join(', ')}`}`]
      : []),
    ...report.problems.map((problem) => `  ${problem.kind} at ${problem.index}: ${problem.message}`),
  ]);
  if (!good) process.exitCode = exitCodes.notVerified;
}

function differingTables(config: Config): string[] {
  const db = openSqliteReadOnly(config.paths.ledger);
  try {
    const reader = makeLedgerReader(db);
    const { fresh, differing } = foldAnew(config.paths.catalog, wholeLedger(reader));
    discardFresh(fresh);
    return differing;
  } finally {
    db.close();
  }
}

/** A running gateway rebuilds its own; otherwise it is done here, under the gateway's lock. */
async function rebuild(command: Command): Promise<void> {
  const { config, json, client } = cliContext(command);
  const rebuilt = existsSync(config.socket) ? await client().rebuild().catch(unlessUnreachable) : undefined;
  const result = rebuilt ?? rebuildHere(config);
  answer(json, result, [
    `Folded ${result.entries} entries.`,
    result.differing.length === 0
      ? 'The stored catalogue was equal.'
      : `The stored catalogue differed in ${result.differing.join(', ')}; it is replaced.`,
  ]);
}

function unlessUnreachable(error: unknown): undefined {
  if (error instanceof DomainError && error.code === 'gateway-unreachable') return undefined;
  throw error;
}

function rebuildHere(config: Config): { entries: number; differing: string[] } {
  const lock = holdLock(config.paths.lock);
  const db = openSqliteReadOnly(config.paths.ledger);
  try {
    const reader = makeLedgerReader(db);
    const ledger = wholeLedger(reader);
    const { fresh, differing } = foldAnew(config.paths.catalog, ledger);
    if (differing.length === 0) discardFresh(fresh);
    else replaceCatalog(config.paths.catalog, fresh);
    return { entries: ledger.size, differing };
  } finally {
    db.close();
    lock.release();
  }
}

const wholeLedger = (reader: LedgerReader) => ({
  size: reader.size(),
  entries: (from: number, to: number) => sequencedEntries(reader, from, to),
});
