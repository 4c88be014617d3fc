import type { Command } from 'commander';
import { exportLedger } from '../../ledger/export.ts';
import { example } from '../context.ts';
import { answer } from '../output.ts';
import { type FileOptions, ledgerPlace, newestTree, readLedger, withFileOptions } from './ledger-file.ts';

type ExportOptions = FileOptions & { check: boolean };

export function addExportCommand(ledger: Command): void {
  withFileOptions(ledger.command('export <folder>'))
    .description('write the signed tree as static files (C2SP tlog-tiles) that anyone may check; no event leaves')
    .option('--check', 'also compare the full tiles that are there already', false)
    .addHelpText(
      'after',
      `${example('keyway ledger export public/ledger')}
  node src/cli/keyway-verify.ts public/ledger trust.json`,
    )
    .action((folder: string, options: ExportOptions, command: Command) => run(folder, options, command));
}

function run(folder: string, options: ExportOptions, command: Command): void {
  const { json, trust, file } = ledgerPlace(options, command);
  const report = readLedger(file, (reader) => {
    const { checkpoint } = newestTree(reader, trust);
    const onProgress = !json && process.stderr.isTTY ? showProgress : undefined;
    return exportLedger({
      reader,
      checkpoint,
      trust,
      folder,
      check: options.check,
      ...(onProgress ? { onProgress } : {}),
    });
  });
  answer(json, { ...report, origin: trust.origin, folder }, [
    `Exported ${trust.origin}: ${report.size} entries, root ${report.root}`,
    `  ${report.written} files written, ${report.compared} compared, ${report.skipped} there already`,
  ]);
}

function showProgress(done: number, total: number): void {
  if (done % 64 === 0) process.stderr.write(`\r  ${Math.min(100, Math.floor((done * 100) / total))} %\r`);
}
