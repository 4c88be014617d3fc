import type { Command } from 'commander';
import { Person, type PersonFacts } from '../domain/people.ts';
import { type AdministratorOptions, describeChange, signedByAdministrators, submitChange } from './administrators.ts';
import { cliContext, collect, example } from './context.ts';
import { answer, parsed, table } from './output.ts';
import { addPersonChangeCommands } from './person-change.ts';
import {
  type FactOptions,
  factOptions,
  factsOf,
  type KeyOptions,
  keepingSecret,
  keyOptions,
  offeredKey,
} from './person-options.ts';

type AddOptions = FactOptions & KeyOptions & AdministratorOptions;

export function addPersonCommands(program: Command): void {
  const person = program.command('person').description('people who submit, approve and look');
  const add = person
    .command('add <id>')
    .description('enrol a person with the public half of their own ECDSA P-256 key; two administrators sign it')
    .requiredOption('--name <name>', 'as others know them')
    .requiredOption('--role <role>', 'a role that they hold (repeatable)', collect);
  signedByAdministrators(keyOptions(factOptions(add)), 'Enrolment.')
    .addHelpText(
      'after',
      example(
        'keyway person add ME-2 --name "Manufacturing engineer 2" --role manufacturing-engineer --new-key me-2.key.pem',
      ),
    )
    .action(async (id: string, options: AddOptions, command: Command) => {
      const context = cliContext(command);
      const { key, secret } = await offeredKey(options);
      const person = parsed(Person, { id, ...factsOf(options), keys: [key] }, 'person');
      const outcome = await keepingSecret(secret, () =>
        submitChange(context, { kind: 'person.enrol', person }, options),
      );
      answer(context.json, { id, keyId: key.keyId, ...outcome }, [
        describeChange(outcome, `Enrolled ${id} with key ${key.keyId}`),
      ]);
    });
  addPersonChangeCommands(person);
  person
    .command('list')
    .description('everyone who is enrolled')
    .addHelpText('after', example('keyway person list --json'))
    .action(async (_options, command: Command) => {
      const { client, json } = cliContext(command);
      const people = await client().people();
      const rows = people.map(({ person: p, index }) => [
        p.id,
        p.roles.join(', '),
        usText(p.usPerson),
        p.keys.map(({ assurance }) => assurance).join(', '),
        p.name,
        String(index),
      ]);
      answer(json, people, table([['person', 'roles', 'US person', 'keys', 'name', 'entry'], ...rows]));
    });
}

const usText = (usPerson: PersonFacts['usPerson']): string =>
  usPerson === undefined ? 'unknown' : `${usPerson.status ? 'yes' : 'no'} until ${usPerson.expires}`;
