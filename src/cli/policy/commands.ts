import type { Command } from 'commander';
import { addExplainCommand } from './explain.ts';
import { addSetCommand } from './set.ts';
import { addTestCommand } from './test.ts';
import { addWhatIfCommand } from './what-if.ts';

export function addPolicyCommands(program: Command): void {
  const policy = program.command('policy').description('the rules, and what they decided');
  addExplainCommand(policy);
  addWhatIfCommand(policy);
  addTestCommand(policy);
  addSetCommand(policy);
}
