import type { Command } from 'commander';
import { addChangeCommands } from './change.ts';
import { addInitCommands } from './init.ts';
import { addShowCommand } from './show.ts';
import { addSignCommands } from './sign.ts';

export function addKeysCommands(program: Command): void {
  const keys = program.command('keys').description('the trust root and the keys that it names');
  addInitCommands(keys);
  addChangeCommands(keys);
  addSignCommands(keys);
  addShowCommand(keys);
}
