import { join } from 'node:path';
import type { Command } from 'commander';
import { DomainError } from '../../domain/errors.ts';
import { loadCases, runCases } from '../../policy/cases.ts';
import { Policy } from '../../policy/decide.ts';
import { cliContext, example } from '../context.ts';
import { answer, table } from '../output.ts';

export function addTestCommand(policy: Command): void {
  policy
    .command('test')
    .description('whether the rules decide the table of cases as it says')
    .option('--cases <file>', 'the table, instead of cases.yaml in the folder of the rules')
    .addHelpText('after', example('keyway policy test'))
    .action(testPolicy);
}

function testPolicy({ cases }: { cases?: string }, command: Command): void {
  const { config, json } = cliContext(command);
  const file = cases ?? join(config.policy, 'cases.yaml');
  const policy = Policy.load(config.policy);
  const results = runCases(policy, loadCases(file), file);
  const wrong = results.filter(({ good }) => !good);
  const rows = results.map(({ case: name, expected, decision, good }) => [
    good ? 'good' : 'WRONG',
    name,
    good ? expected : `expected ${expected}; it is ${decision.verdict} by ${decision.policies.join(', ') || 'no rule'}`,
  ]);
  answer(json, { policySet: policy.digest, cases: results.length, wrong: wrong.length, results }, [
    ...table(rows),
    `${results.length - wrong.length} of ${results.length} cases good`,
  ]);
  if (wrong.length > 0)
    throw new DomainError('policy-denied', `${wrong.length} of ${results.length} cases are decided otherwise.`);
}
