import type { Command } from 'commander';
import { Change } from '../domain/changes.ts';
import { actions } from '../domain/decisions.ts';
import { PersonFacts } from '../domain/people.ts';
import type { GatewayClient } from '../edges/http/client.ts';
import type { PersonView } from '../edges/http/contract/registry.ts';
import {
  type AdministratorOptions,
  describeChange,
  makeChange,
  signedByAdministrators,
  submitChange,
} from './administrators.ts';
import { cliContext, collect, example } from './context.ts';
import { answer, parsed, usage } from './output.ts';
import {
  type FactOptions,
  factOptions,
  factsOf,
  type KeyOptions,
  keepingSecret,
  keyOptions,
  offeredKey,
} from './person-options.ts';

type Options = AdministratorOptions & FactOptions & KeyOptions & { compromisedSince?: string };

/** What may happen to somebody who is enrolled. */
export function addPersonChangeCommands(person: Command): void {
  const change = person
    .command('change <id>')
    .description('change what is recorded of them; what is not named stays')
    .option('--name <name>', 'as others know them')
    .option('--role <role>', 'a role that they hold (repeatable; all of them)', collect);
  signedByAdministrators(factOptions(change), 'Change of facts.')
    .addHelpText('after', example('keyway person change QA-1 --role quality --training FAI=2027-06-30'))
    .action(async (id: string, options: Options, command: Command) => {
      const { keys: _, id: __, ...known } = (await enrolled(cliContext(command).client(), id)).person;
      const facts = parsed(PersonFacts, { ...known, ...factsOf(options) }, 'person');
      await makeChange('person.change', { person: id, facts }, `Changed ${id}`, options, command);
    });

  const addKey = person
    .command('add-key <id>')
    .description('another key for them')
    .option('--service <name>', 'a key for a service account of theirs: it signs requests and approves nothing')
    .option('--action <action>', `with --service: ${actions.join(', ')} (repeatable)`, collect)
    .option('--until <date>', 'with --service: the last day that it is good for');
  signedByAdministrators(keyOptions(addKey), 'Another key.')
    .addHelpText('after', example('keyway person add-key QA-1 --certificate qa-1-card.pem'))
    .action(async (id: string, options: Options, command: Command) => {
      const { key, secret } = await offeredKey(options);
      await keepingSecret(secret, () =>
        makeChange('person.key-add', { person: id, key }, `Added key ${key.keyId} to ${id}`, options, command),
      );
    });

  signedByAdministrators(person.command('revoke-key <id> <key>'), 'The key is lost.')
    .description(
      'end a key at once; approvals of open packages that rest on it fall (one administrator, or their own key)',
    )
    .option('--compromised-since <time>', 'somebody else may have signed with it since then (RFC 3339, UTC)')
    .addHelpText('after', example('keyway person revoke-key QA-1 sha256:… --reason "laptop stolen"'))
    .action(async (id: string, keyId: string, options: Options, command: Command) => {
      const since = options.compromisedSince;
      const fields = { person: id, keyId, ...(since === undefined ? {} : { compromisedSince: timeOf(since) }) };
      await makeChange('person.key-revoke', fields, `Revoked ${keyId} of ${id}`, options, command);
    });

  signedByAdministrators(person.command('off-board <id>'), 'Left.')
    .description('end everything that they may do, in one act, and list what they leave behind')
    .addHelpText('after', example('keyway person off-board CAM-1 --reason "left the company"'))
    .action(async (id: string, options: Options, command: Command) => {
      const { client, json } = cliContext(command);
      const held = await client().holdings(id);
      const change = parsed(Change, { kind: 'person.off-board', person: id }, 'id');
      const outcome = await submitChange(cliContext(command), change, options);
      answer(json, { ...outcome, held }, [
        describeChange(outcome, `${id} is off-boarded: no key, request or shelf of theirs is good any more`),
        ...held.map(({ kind, id: subject, detail }) => `  still theirs: ${kind} ${subject}  ${detail}`),
      ]);
    });
}

async function enrolled(client: GatewayClient, id: string): Promise<PersonView> {
  const found = (await client.people()).find(({ person }) => person.id === id);
  if (!found) throw usage(`${id} is not enrolled.`, 'id');
  return found;
}

function timeOf(text: string): string {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw usage('Say a time such as 2026-11-24T18:30:00Z.', '--compromised-since');
  return time.toISOString();
}
