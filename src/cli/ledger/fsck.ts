import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { verifyLedger } from '../../ledger/verify-parallel.ts';
import { example } from '../context.ts';
import { answer, exitCodes } from '../output.ts';
import { type BlobFinding, checkBlobs, namedBlobs } from './blobs.ts';
import { type FileOptions, ledgerPlace, readLedger, withFileOptions } from './ledger-file.ts';
import { differingTables, exitCodeOfProblem, reportLines } from './verify.ts';

type FsckOptions = FileOptions & { vault?: string };

export function addFsckCommand(ledger: Command): void {
  withFileOptions(ledger.command('fsck'))
    .description('verify, and also the catalogue (only with the data folder) and every blob that the ledger names')
    .option('--vault <folder>', 'the vault, instead of the one in the data folder')
    .addHelpText('after', example('keyway ledger fsck --json'))
    .action((options: FsckOptions, command: Command) => fsck(options, command));
}

async function fsck(options: FsckOptions, command: Command): Promise<void> {
  const { config, json, trust, file } = ledgerPlace(options, command);
  const report = await verifyLedger(file, trust);
  // Events are believed only from a ledger that verified: damaged ones may name anything.
  const isWhole = report.problems.length === 0;
  const withCatalogue = isWhole && options.file === undefined && existsSync(config.paths.catalog);
  const differing = withCatalogue ? await differingTables(config) : [];
  const vault = options.vault ?? config.paths.vault;
  const named = isWhole ? readLedger(file, (reader) => namedBlobs(reader)) : [];
  const found = await checkBlobs(vault, named);
  const [missing, damaged] = (['missing', 'damaged'] as const).map((state) =>
    found.filter((blob) => blob.state === state),
  ) as [BlobFinding[], BlobFinding[]];
  const blobs = { looked: isWhole, checked: named.length, missing, damaged };
  const verified = isWhole && differing.length === 0 && found.length === 0;
  answer(json, { ...report, origin: trust.origin, differing, blobs, verified }, [
    `${verified ? 'VERIFIED' : 'NOT VERIFIED'}  ${trust.origin}`,
    ...reportLines(report, withCatalogue ? differing : undefined),
    `  blobs        ${isWhole ? `${named.length} named, ${found.length} missing or damaged` : 'not looked at'}`,
    ...found.map(
      ({ state, digest, index, area }) => `  ${state} in ${join(vault, area)}: ${digest}, named by entry ${index}`,
    ),
  ]);
  if (verified) return;
  if (!isWhole) process.exitCode = exitCodeOfProblem(report.problems[0]);
  else process.exitCode = found[0]?.state === 'missing' ? exitCodes.missingData : exitCodes.notVerified;
}
