import type { Command } from 'commander';
import { PersonId } from '../domain/ids.ts';
import { NewBadge } from '../edges/http/contract/accounts.ts';
import { NewApiKey } from '../edges/http/contract/api-keys.ts';
import { readSecret } from '../platform/secret.ts';
import { cliContext, collect, example } from './context.ts';
import { answer, parsed, table } from './output.ts';

/** The accounts that people sign in with to the screens; who they are is what `person` is about. */
export function addAccountCommands(program: Command): void {
  const account = program.command('account').description('how people sign in to the screens');
  account
    .command('list')
    .description('who may sign in, and how')
    .addHelpText('after', example('keyway account list'))
    .action(async (_options, command: Command) => {
      const { client, json } = cliContext(command);
      const accounts = await client().accounts();
      const rows = accounts.map((one) => [
        one.person,
        one.suspended ? 'suspended' : one.lockedUntil ? `locked until ${one.lockedUntil}` : 'open',
        [...(one.hasPassword ? ['password'] : []), ...(one.hasBadge ? ['badge'] : [])].join(', ') || '-',
        String(one.passkeys),
        String(one.sessions),
      ]);
      answer(json, accounts, table([['person', 'account', 'secrets', 'passkeys', 'sessions'], ...rows]));
    });
  account
    .command('proposed')
    .description("whom the company's directory (SCIM) proposes; enrol them with `keyway person add`")
    .addHelpText('after', example('keyway account proposed'))
    .action(async (_options, command: Command) => {
      const { client, json } = cliContext(command);
      const people = await client().proposedPeople();
      const rows = people.map(({ id, name, externalId = '-', since }) => [id, name, externalId, since]);
      answer(json, people, table([['person', 'name', 'known there as', 'since'], ...rows]));
    });
  addInvite(account);
  addStops(account);
  addBadge(account);
  addApiKeyCommands(program);
}

function addInvite(account: Command): void {
  account
    .command('invite <person>')
    .description('a link with which an enrolled person sets their password, once, within a day')
    .addHelpText('after', example('keyway account invite ME-2'))
    .action(async (id: string, _options, command: Command) => {
      const { client, json } = cliContext(command);
      const invited = await client().invite(parsed(PersonId, id, 'person'));
      const { person, link, expires } = invited;
      answer(json, invited, [
        `Give this link to ${person}, and to nobody else. It works once, until ${expires}:`,
        link,
      ]);
    });
}

function addStops(account: Command): void {
  const acts = [
    ['suspend', 'suspendAccount', 'end every session of a person and let them ask for nothing', 'is suspended'],
    ['restore', 'restoreAccount', 'let a suspended person sign in again', 'may sign in again'],
    ['sign-out', 'signOutAccount', 'end every session of a person', 'is signed out'],
  ] as const;
  for (const [name, method, description, done] of acts) {
    account
      .command(`${name} <person>`)
      .description(description)
      .requiredOption('--reason <text>', 'as it will stand in the ledger')
      .addHelpText('after', example(`keyway account ${name} ME-2 --reason "Left on Friday"`))
      .action(async (id: string, { reason }: { reason: string }, command: Command) => {
        const { client, json } = cliContext(command);
        const recorded = await client()[method](parsed(PersonId, id, 'person'), reason);
        answer(json, { person: id, ...recorded }, [`${id} ${done} (entry ${recorded.index}).`]);
      });
  }
}

function addBadge(account: Command): void {
  account
    .command('badge <person>')
    .description('give an operator a badge and a PIN for the shop floor')
    .requiredOption('--badge <number>', 'what the scanner reads')
    .requiredOption('--pin-file <file>', 'six digits or more (mode 0600)')
    .addHelpText('after', example('keyway account badge OP-11 --badge 0048812 --pin-file pin.txt'))
    .action(async (id: string, options: { badge: string; pinFile: string }, command: Command) => {
      const { client, json } = cliContext(command);
      const pin = readSecret({ path: options.pinFile, guarded: false });
      const badge = parsed(NewBadge, { badge: options.badge, pin }, 'badge');
      await client().setBadge(parsed(PersonId, id, 'person'), badge);
      answer(json, { person: id }, [`${id} signs in with badge ${options.badge} and their PIN.`]);
    });
}

type KeyOptions = { name: string; action: string[]; expires: string };

function addApiKeyCommands(program: Command): void {
  const key = program.command('api-key').description('keys with which programs ask in the name of a person');
  key
    .command('list')
    .description('every API key that is in force')
    .addHelpText('after', example('keyway api-key list'))
    .action(async (_options, command: Command) => {
      const { client, json } = cliContext(command);
      const keys = await client().apiKeys();
      const rows = keys.map(({ id, person, name, actions, expires }) => [
        id,
        person,
        name,
        actions.join(', '),
        expires,
      ]);
      answer(json, keys, table([['key', 'person', 'name', 'for', 'until'], ...rows]));
    });
  key
    .command('make')
    .description('make an API key for yourself, with --url and --sign-with; its secret is shown once')
    .requiredOption('--name <name>', 'what it is for')
    .requiredOption('--action <action>', 'what it may do (repeatable)', collect)
    .requiredOption('--expires <day>', 'its last day, within a year')
    .addHelpText(
      'after',
      example(
        'keyway --url … --ca … --sign-with me-2.key.pem api-key make --name ERP --action view --expires 2027-06-30',
      ),
    )
    .action(async ({ name, action, expires }: KeyOptions, command: Command) => {
      const { client, json } = cliContext(command);
      const made = await client().makeApiKey(parsed(NewApiKey, { name, actions: action, expires }, 'key'));
      answer(json, made, [`${made.key.id}, until ${made.key.expires}. It is shown this once:`, made.secret]);
    });
  key
    .command('revoke <id>')
    .description('end an API key')
    .requiredOption('--reason <text>', 'as it will stand in the ledger')
    .addHelpText('after', example('keyway api-key revoke KEY-… --reason "No longer used"'))
    .action(async (id: string, { reason }: { reason: string }, command: Command) => {
      const { client, json } = cliContext(command);
      const recorded = await client().revokeApiKey(id, reason);
      answer(json, { id, ...recorded }, [`${id} is revoked (entry ${recorded.index}).`]);
    });
}
