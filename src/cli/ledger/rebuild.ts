import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { discardFresh, foldAnew, replaceCatalog } from '../../catalog/rebuild.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Config } from '../../platform/config.ts';
import { holdLock } from '../../platform/sqlite.ts';
import { cliContext, example } from '../context.ts';
import { answer } from '../output.ts';
import { wholeLedger } from './verify.ts';

export function addRebuildCommand(ledger: Command): void {
  ledger
    .command('rebuild')
    .description('fold the catalogue anew from the ledger, and say which tables differed')
    .addHelpText('after', example('keyway ledger rebuild'))
    .action((_options, command: Command) => rebuild(command));
}

/** A running gateway rebuilds its own; otherwise it is done here, under the gateway's lock. */
async function rebuild(command: Command): Promise<void> {
  const { config, json, client } = cliContext(command);
  const rebuilt = existsSync(config.socket) ? await client().rebuild().catch(unlessUnreachable) : undefined;
  const result = rebuilt ?? (await rebuildHere(config));
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

async function rebuildHere({ paths }: Config): Promise<{ entries: number; differing: string[] }> {
  const lock = holdLock(paths.lock);
  try {
    const { entries, fresh, differing } = await foldAnew(paths.catalog, wholeLedger(paths.ledger));
    if (differing.length === 0) discardFresh(fresh);
    else replaceCatalog(paths.catalog, fresh);
    return { entries, differing };
  } finally {
    lock.release();
  }
}
