import type { Command } from 'commander';
import { addCanonCommand } from './canon.ts';
import { addCheckCommand } from './check.ts';
import { addDiffCommand } from './diff.ts';
import { addFormCommand } from './form.ts';
import { addInfoCommand } from './info.ts';
import { addPathCommand } from './path.ts';

/** Everything about NC programs that needs no gateway. */
export function addNcCommands(program: Command): void {
  const nc = program
    .command('nc')
    .description('NC programs on their own, without a gateway: what they say, whether they may run, what changed');
  addInfoCommand(nc);
  addCheckCommand(nc);
  addDiffCommand(nc);
  addCanonCommand(nc);
  addPathCommand(nc);
  addFormCommand(nc);
}
