import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import type { Decision } from '../../domain/decisions.ts';
import { DomainError } from '../../domain/errors.ts';
import { principalName } from '../../domain/people.ts';
import { sequencedEntries } from '../../ledger/open.ts';
import type { LedgerReader } from '../../ledger/store.ts';
import { Policy } from '../../policy/decide.ts';
import { policyFile } from '../../policy/policy-files.ts';
import { decisionOf, replay } from '../../policy/replay.ts';
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

type Difference = { index: number; time: string; who: string; recorded: Decision; now: Decision };

/** The file takes the place of the one of its name in the configured folder, or is added to it. */
function whatIf(path: string, options: Options, command: Command): void {
  if (!z.iso.date().safeParse(options.since).success) throw usage('Give a day such as 2026-11-01.', '--since');
  if (!path.endsWith('.cedar')) throw usage('Give a file of rules that ends in .cedar.', 'file');
  const { json, file, config } = ledgerPlace(options, command);
  const changed = withFile(Policy.load(config.policy), path);
  const { asked, differences, notAsked } = readLedger(file, (reader) => askAgain(reader, changed, options.since));
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

type Replayed = { asked: number; differences: Difference[]; notAsked: { index: number; why: string }[] };

function askAgain(reader: LedgerReader, changed: Policy, since: string): Replayed {
  const replayed: Replayed = { asked: 0, differences: [], notAsked: [] };
  for (const { index, time, event } of sequencedEntries(reader, 0, reader.size())) {
    const recorded = time >= since ? decisionOf(event) : undefined;
    if (!recorded) continue;
    try {
      const now = replay(changed, recorded);
      replayed.asked++;
      if (now.verdict !== recorded.verdict)
        replayed.differences.push({ index, time, who: principalName(event.actor), recorded, now });
    } catch (error) {
      // One entry that cannot be asked again must not hide the others.
      if (!(error instanceof DomainError)) throw error;
      replayed.notAsked.push({ index, why: error.message });
    }
  }
  return replayed;
}

function withFile(inForce: Policy, path: string): Policy {
  const name = basename(path);
  const others = inForce.files.filter((file) => file.name !== name);
  return Policy.of([...others, policyFile(name, readFileSync(path))], path);
}
