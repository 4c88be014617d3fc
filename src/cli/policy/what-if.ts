import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { firstSince } from '../../ledger/entry-range.ts';
import { sequencedEntries } from '../../ledger/open.ts';
import { Policy } from '../../policy/decide.ts';
import { policyFile } from '../../policy/policy-files.ts';
import { askAgain, withFile } from '../../policy/what-if.ts';
import { example } from '../context.ts';
import { type FileOptions, ledgerPlace, readLedger, withFileOptions } from '../ledger/ledger-file.ts';
import { answer, table, usage } from '../output.ts';

type Options = FileOptions & { since: string };

export function addWhatIfCommand(policy: Command): void {
  withFileOptions(policy.command('what-if <file.cedar>'))
    .description('which decisions of the past would be others, were this file part of the rules')
    .requiredOption('--since <date>', 'the first day, UTC, such as 2026-11-01')
    .addHelpText('after', example('keyway policy what-if 40-export.cedar --since 2026-11-01'))
    .action(whatIf);
}

/** The file takes the place of the one of its name in the configured folder, or is added to it. */
function whatIf(path: string, options: Options, command: Command): void {
  if (!z.iso.date().safeParse(options.since).success) throw usage('Give a day such as 2026-11-01.', '--since');
  if (!path.endsWith('.cedar')) throw usage('Give a file of rules that ends in .cedar.', 'file');
  const { json, file, config } = ledgerPlace(options, command);
  const changed = withFile(Policy.load(config.policy).files, policyFile(basename(path), readFileSync(path)));
  const { asked, differences, notAsked } = readLedger(file, (reader) =>
    askAgain(sequencedEntries(reader, firstSince(reader, options.since), reader.size()), changed),
  );
  const rows = differences.map(({ index, time, who, recorded, now }) => [
    ...[String(index), time, who, recorded.action, `${recorded.verdict} -> ${now.verdict}`],
    now.policies.join(', ') || (now.reasons[0] ?? ''),
  ]);
  answer(json, { policySet: changed.digest, asked, differences, notAsked }, [
    ...(rows.length > 0 ? table([['entry', 'time', 'who', 'action', 'verdict', 'because of'], ...rows]) : []),
    ...notAsked.map(({ index, why }) => `entry ${index} was not asked again: ${why}`),
    `${asked} decisions asked again, ${rows.length} would be others`,
  ]);
}
