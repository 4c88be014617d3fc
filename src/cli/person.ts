import { createPublicKey, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import type { Command } from 'commander';
import { Person } from '../domain/people.ts';
import { createFile } from '../platform/durable-file.ts';
import { keyIdOf, newP256Key, privatePem, publicPem } from '../signing/keys.ts';
import { cliContext, collect, example } from './context.ts';
import { answer, table, usage } from './output.ts';

type AddOptions = { name: string; role: string[]; usPerson?: string; publicKey?: string; newKey?: string };

export function addPersonCommands(program: Command): void {
  const person = program.command('person').description('people who submit, approve and look');
  person
    .command('add <id>')
    .description('enrol a person with the public half of their own ECDSA P-256 key')
    .requiredOption('--name <name>', 'as others know them')
    .requiredOption('--role <role>', 'a role that they hold (repeatable)', collect)
    .option('--us-person <yes|no>', 'US person by 22 CFR 120.62; unknown counts as no')
    .option('--public-key <file>', 'their public key (SPKI PEM)')
    .option('--new-key <file>', 'make a key for them, and write the private half here (mode 0600)')
    .addHelpText(
      'after',
      example(
        'keyway person add ME-2 --name "Manufacturing engineer 2" --role manufacturing-engineer --new-key me-2.key.pem',
      ),
    )
    .action(async (id: string, options: AddOptions, command: Command) => {
      const { client, json } = cliContext(command);
      const made = offeredKey(options);
      const keys = [{ keyId: keyIdOf(made.key), publicKey: publicPem(made.key), assurance: 'file' }];
      const usPerson = options.usPerson === undefined ? {} : { usPerson: yesOrNo(options.usPerson) };
      const parsed = Person.safeParse({ id, name: options.name, roles: options.role, ...usPerson, keys });
      if (!parsed.success) {
        const [issue] = parsed.error.issues;
        throw usage(issue?.message ?? 'Not a valid person.', issue?.path.join('.') ?? 'person');
      }
      // On disk before it is enrolled: nobody may be enrolled with a key that was lost on the way.
      if (made.file !== undefined) createFile(made.file, privatePem(made.key));
      const { index } = await client()
        .addPerson(parsed.data)
        .catch((error: unknown) => {
          if (made.file !== undefined) rmSync(made.file);
          throw error;
        });
      const keyId = keyIdOf(made.key);
      answer(json, { id, keyId, index }, [`Enrolled ${id} with key ${keyId}, entry ${index}.`]);
    });
  person
    .command('list')
    .description('everyone who is enrolled')
    .addHelpText('after', example('keyway person list --json'))
    .action(async (_options, command: Command) => {
      const { client, json } = cliContext(command);
      const people = await client().people();
      const rows = people.map((p) => [
        p.person.id,
        p.person.roles.join(', '),
        usText(p.person.usPerson),
        p.person.name,
        String(p.index),
      ]);
      answer(json, people, table([['person', 'roles', 'US person', 'name', 'entry'], ...rows]));
    });
}

const usText = (usPerson: boolean | undefined): string =>
  usPerson === undefined ? 'unknown' : usPerson ? 'yes' : 'no';

function yesOrNo(text: string): boolean {
  if (text === 'yes' || text === 'no') return text === 'yes';
  throw usage('Say yes or no.', '--us-person');
}

/** A private key that was just made, with the file it is meant for, or the public key that was given. */
function offeredKey({ publicKey, newKey }: AddOptions): { key: KeyObject; file?: string } {
  if ((publicKey === undefined) === (newKey === undefined))
    throw usage('Give either --public-key or --new-key.', '--public-key');
  if (newKey !== undefined) {
    if (existsSync(newKey)) throw usage(`${newKey} is already there.`, '--new-key');
    return { key: newP256Key(), file: newKey };
  }
  try {
    return { key: createPublicKey(readFileSync(publicKey ?? '')) };
  } catch {
    throw usage('This is not a public key in PEM form.', '--public-key');
  }
}
