import type { Command } from 'commander';
import { cliContext, example } from './context.ts';
import { answer } from './output.ts';

export function addWithdrawCommand(program: Command): void {
  program
    .command('withdraw <id>')
    .description('take a package or a release off every shelf, at once')
    .requiredOption('--reason <text>', 'why; it goes into the ledger')
    .addHelpText('after', example('keyway withdraw REL-0123456789 --reason "NCR 5512: bore oversize"'))
    .action(async (id: string, options: { reason: string }, command: Command) => {
      const { client, json } = cliContext(command);
      const done = await client().withdraw(id, options.reason);
      answer(json, done, [`Withdrawn ${done.withdrawn}, entry ${done.index}. It is on no shelf any more.`]);
    });
}
