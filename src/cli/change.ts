import type { Command } from 'commander';
import { ChangeId } from '../domain/ids.ts';
import type { WaitingChangeView } from '../edges/http/contract/changes.ts';
import {
  type AdministratorOptions,
  administratorKeys,
  cosign,
  describeChange,
  signedByAdministrators,
  submitChange,
} from './administrators.ts';
import { type CliContext, cliContext, collect, example } from './context.ts';
import { answer, table, usage } from './output.ts';

/** Changes that wait for a second administrator. */
export function addChangeCommands(program: Command): void {
  const change = program.command('change').description('changes of people and rules that wait for another signature');
  change
    .command('list')
    .description('what waits, signed by whom')
    .addHelpText('after', example('keyway change list'))
    .action(async (_options, command: Command) => {
      const { client, json } = cliContext(command);
      const waiting = await client().changes();
      const rows = waiting.map(({ said, signers, needed }) => [
        said.changeId,
        said.change.kind,
        `${signers.join(', ')} of ${needed}`,
        said.validUntil,
        said.reason,
      ]);
      answer(json, waiting, table([['change', 'kind', 'signed by', 'until', 'reason'], ...rows]));
    });
  change
    .command('show <change>')
    .description('exactly what you would sign')
    .addHelpText('after', example('keyway change show CHG-0123456789'))
    .action(async (id: string, _options, command: Command) => {
      const context = cliContext(command);
      const { said } = await waitingChange(context, id);
      answer(context.json, said, JSON.stringify(said, null, 2).split('\n'));
    });
  change
    .command('confirm <change>')
    .description('sign the same change too; with enough signatures it is made')
    .option('--admin-key <file>', 'your private key (repeatable)', collect)
    .addHelpText('after', example('keyway change confirm CHG-0123456789 --admin-key admin-2.key.pem'))
    .action(async (id: string, { adminKey }: AdministratorOptions, command: Command) => {
      const context = cliContext(command);
      const { payload, said } = await waitingChange(context, id);
      const signed = await cosign(Buffer.from(payload, 'base64'), administratorKeys(context.config, adminKey));
      const outcome = await context.client().change(signed);
      answer(context.json, outcome, [describeChange(outcome, `Made ${said.change.kind} (${id})`)]);
    });
  signedByAdministrators(change.command('refuse <change>'), 'Refused.')
    .description('sign that it must not be made')
    .addHelpText('after', example('keyway change refuse CHG-0123456789 --reason "not agreed with site security"'))
    .action(async (id: string, options: AdministratorOptions, command: Command) => {
      const context = cliContext(command);
      const outcome = await submitChange(context, { kind: 'change.refuse', refused: changeId(id) }, options);
      answer(context.json, outcome, [describeChange(outcome, `Refused ${id}`)]);
    });
}

async function waitingChange({ client }: CliContext, id: string): Promise<WaitingChangeView> {
  const found = (await client().changes()).find(({ said }) => said.changeId === id);
  if (!found) throw usage(`No change ${id} is waiting.`, 'change');
  return found;
}

function changeId(text: string): ChangeId {
  const parsed = ChangeId.safeParse(text);
  if (!parsed.success) throw usage('This is not the id of a change.', 'change');
  return parsed.data;
}
