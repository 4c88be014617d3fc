import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { limits } from '../domain/limits.ts';
import { Machine } from '../domain/machines.ts';
import { hashPassword } from '../platform/password.ts';
import { type AdministratorOptions, makeChange, signedByAdministrators } from './administrators.ts';
import { cliContext, collect, example } from './context.ts';
import { addMachineChangeCommands, type FactOptions, factsOf, placeOptions } from './machine-change.ts';
import { addMachineHoldsCommand } from './machine-holds.ts';
import { type LineOptions, lineOf, withLineOptions } from './machine-line.ts';
import { type PushOptions, pushOf, withPushOptions } from './machine-push.ts';
import { answer, parsed, table, usage } from './output.ts';

type AddOptions = AdministratorOptions &
  LineOptions &
  PushOptions &
  Pick<FactOptions, 'site' | 'zone' | 'serial' | 'owner' | 'assetCategory' | 'sshCertificates'> & {
    group: string[];
    make: string;
    model: string;
    control: string;
    cell: string;
    country: string;
    jurisdiction: string[];
    channel: string;
    sshKey?: string[];
    passwordFile?: string;
  };

export function addMachineCommands(program: Command): void {
  const machine = program.command('machine').description('machine tools, each a device with a key of its own');
  addMachineHoldsCommand(machine);
  const add = machine
    .command('add <id>')
    .description('register a machine; its user name at the doors is its id (two administrators)')
    .requiredOption('--group <group>', 'machine group that it takes programs of (repeatable)', collect)
    .option(
      '--channel <channel>',
      'sftp, ftps or ftp (clear text): how it comes; push: where it looks; serial: the line that it is sent down; media',
      'sftp',
    )
    .option('--ssh-key <file>', 'SFTP: its OpenSSH public key (repeatable)', collect)
    .option('--password-file <file>', 'FTP and FTPS: a file with its password, which is kept as a hash only')
    .requiredOption('--jurisdiction <which>', 'ITAR, EAR or none: what it may be sent (repeatable)', collect)
    .requiredOption('--country <code>', 'where it stands, such as US')
    .requiredOption('--cell <cell>', 'where in the shop')
    .option('--make <text>', 'maker', 'unknown')
    .option('--model <text>', 'model', 'unknown')
    .option('--control <text>', 'control', 'unknown');
  signedByAdministrators(withPushOptions(withLineOptions(placeOptions(add))), 'Registration.')
    .addHelpText(
      'after',
      example(
        'keyway machine add HAAS-VF-07 --group HAAS-VF --cell C3 --country US --jurisdiction EAR --jurisdiction none --ssh-key haas-vf-07.pub',
      ),
    )
    .action(async (id: string, options: AddOptions, command: Command) => {
      const line = lineOf(options);
      const machine = {
        id,
        make: options.make,
        model: options.model,
        control: options.control,
        channel: options.channel,
        sshKeys: (options.sshKey ?? []).map(readPublicKey),
        ...(options.passwordFile === undefined ? {} : { password: await hashOf(options.passwordFile) }),
        ...(line === undefined ? {} : { line }),
        ...pushOf(options),
        ...factsOf(options),
      };
      const done = `Registered ${id} in ${options.group.join(', ')}`;
      await makeChange('machine.register', { machine: parsed(Machine, machine, 'machine') }, done, options, command);
    });
  addMachineChangeCommands(machine);
  machine
    .command('list')
    .description('every registered machine, and what holds of it')
    .addHelpText('after', example('keyway machine list'))
    .action(async (_options, command: Command) => {
      const { client, json } = cliContext(command);
      const machines = await client().machines();
      const rows = machines.map(({ machine: m, index, suspended, safeguard }) => [
        m.id,
        m.groups.join(', '),
        m.cell,
        m.country,
        m.jurisdictions.join(', '),
        m.channel,
        suspended ? 'suspended' : safeguard ? `safeguarded until ${safeguard.expires}` : '',
        String(index),
      ]);
      answer(
        json,
        machines,
        table([['machine', 'groups', 'cell', 'country', 'may have', 'channel', 'state', 'entry'], ...rows]),
      );
    });
}

/** The first line of the file, as the control will send it. */
async function hashOf(file: string): Promise<string> {
  let password: string;
  try {
    password = readFileSync(file, 'utf8').split(/\r?\n/, 1)[0] ?? '';
  } catch {
    throw usage('This file cannot be read.', '--password-file');
  }
  const { passwordLeastChars: least, passwordMostChars: most } = limits;
  if (password.length < least || password.length > most)
    throw usage(`The password has fewer than ${least} characters or more than ${most}.`, '--password-file');
  return hashPassword(password, randomBytes(16));
}

/** Type and base64 of an OpenSSH public key file; its comment stays behind. */
function readPublicKey(path: string): string {
  const [type, key] = readFileSync(path, 'utf8').trim().split(/\s+/);
  if (type === undefined || key === undefined) throw usage(`${path} is not an OpenSSH public key.`, '--ssh-key');
  return `${type} ${key}`;
}
