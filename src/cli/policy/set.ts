import type { Command } from 'commander';
import { Policy } from '../../policy/decide.ts';
import { loadRoutes } from '../../policy/routes.ts';
import { type AdministratorOptions, describeChange, signedByAdministrators, submitChange } from '../administrators.ts';
import { cliContext, example } from '../context.ts';
import { answer } from '../output.ts';

type Options = AdministratorOptions & { policy?: string; routes?: string };

export function addSetCommand(policy: Command): void {
  signedByAdministrators(policy.command('set'), 'Change of rules.')
    .description(
      'sign the rules and routes that the next start may take up (two administrators; production asks for it)',
    )
    .option('--policy <folder>', 'the folder of the new rules, instead of the configured one')
    .option('--routes <file>', 'the new routes, instead of the configured ones')
    .addHelpText('after', example('keyway policy set --policy new/policy --admin-key a1.pem --admin-key a2.pem'))
    .action(async ({ policy: folder, routes: file, ...signed }: Options, command: Command) => {
      const context = cliContext(command);
      const { config } = context;
      // Whatever would be refused at the start is refused here, before anybody signs it.
      const policySet = Policy.load(folder ?? config.policy).digest;
      const routes = loadRoutes(file ?? config.routes).version;
      const outcome = await submitChange(context, { kind: 'policy.set', policySet, routes }, signed);
      answer(context.json, { ...outcome, policySet, routes }, [
        describeChange(outcome, `The next start may take up ${policySet}`),
      ]);
    });
}
