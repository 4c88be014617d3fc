import type { Command } from 'commander';
import { assetCategories } from '../domain/machines.ts';
import type { GatewayClient } from '../edges/http/client.ts';
import { type AdministratorOptions, makeChange, signedByAdministrators } from './administrators.ts';
import { cliContext, collect, example } from './context.ts';
import { type LineOptions, lineOf, withLineOptions } from './machine-line.ts';
import { type PushOptions, pushOf, withPushOptions } from './machine-push.ts';
import { usage } from './output.ts';

export type FactOptions = {
  group?: string[];
  jurisdiction?: string[];
  cell?: string;
  country?: string;
  site?: string;
  zone?: string;
  serial?: string;
  owner?: string;
  assetCategory?: string;
  sshCertificates?: string;
};
type SafeguardOptions = { protects: string; approver: string; until: string };
type RevokeOptions = AdministratorOptions & { fingerprint?: string; certificateSerial?: string };
type Options = AdministratorOptions & FactOptions & SafeguardOptions & LineOptions & PushOptions;

export const placeOptions = (command: Command): Command =>
  command
    .option('--site <site>', 'the plant')
    .option('--zone <zone>', 'IEC 62443 zone')
    .option('--serial <text>', "the maker's serial number")
    .option('--owner <text>', 'whose machine it is, as authorisations name parties')
    .option('--ssh-certificates <yes-or-no>', 'SFTP: whether certificates of an authority for machines let it in')
    .option('--asset-category <which>', `for a CMMC assessment: ${assetCategories.join(', ')}`);

/** What may happen to a machine that is registered. */
export function addMachineChangeCommands(machine: Command): void {
  const change = machine
    .command('change <id>')
    .description('change what is recorded of a machine; what is not named stays (two administrators)')
    .option('--group <group>', 'machine group (repeatable; all of them)', collect)
    .option('--jurisdiction <which>', 'ITAR, EAR or none (repeatable; all of them)', collect)
    .option('--cell <cell>', 'where in the shop')
    .option('--country <code>', 'where it stands, such as US');
  signedByAdministrators(withPushOptions(withLineOptions(placeOptions(change))), 'Change of facts.')
    .addHelpText('after', example('keyway machine change HAAS-VF-07 --site PLANT-2 --cell C4'))
    .action(async (id: string, options: Options, command: Command) => {
      const known = await registered(cliContext(command).client(), id);
      await makeChange(
        'machine.change',
        { machine: { ...known, ...factsOf(options), ...lineFact(options), ...pushOf(options) } },
        `Changed ${id}`,
        options,
        command,
      );
    });

  signedByAdministrators(machine.command('suspend <id>'), 'Suspended.')
    .description('stop everything to a machine at once, what is under way included (one administrator)')
    .addHelpText('after', example('keyway machine suspend HAAS-VF-07 --reason "found with its cabinet open"'))
    .action((id: string, options: Options, command: Command) =>
      makeChange('machine.suspend', { machineId: id }, `Suspended ${id}`, options, command),
    );
  const revoke = machine
    .command('key-revoke <id>')
    .description('let an SSH key, or a certificate, open the door for a machine no more, for good (one administrator)')
    .option('--fingerprint <SHA256:...>', 'the key, with every certificate of it, as ssh-keygen -l shows it')
    .option('--certificate-serial <number>', 'certificates of this serial, as ssh-keygen -L shows it');
  signedByAdministrators(revoke, 'Revoked.')
    .addHelpText(
      'after',
      example('keyway machine key-revoke HAAS-VF-07 --certificate-serial 12 --reason "control replaced"'),
    )
    .action((id: string, options: RevokeOptions, command: Command) => {
      const { fingerprint, certificateSerial: serial } = options;
      if ((fingerprint === undefined) === (serial === undefined))
        throw usage('Name either the key or the serial of certificates.', '--fingerprint');
      const revoked = fingerprint === undefined ? { kind: 'certificate', serial } : { kind: 'key', fingerprint };
      const done = `Revoked ${fingerprint ?? `certificates of serial ${serial}`} for ${id}`;
      return makeChange('machine.key-revoke', { machineId: id, revoked }, done, options, command);
    });
  signedByAdministrators(machine.command('resume <id>'), 'Resumed.')
    .description('let a suspended machine have its shelf again (two administrators)')
    .addHelpText('after', example('keyway machine resume HAAS-VF-07 --reason "inspected"'))
    .action((id: string, options: Options, command: Command) =>
      makeChange('machine.resume', { machineId: id }, `${id} has its shelf again`, options, command),
    );
  signedByAdministrators(machine.command('retire <id>'), 'Retired.')
    .description('take a machine out for good (two administrators)')
    .addHelpText('after', example('keyway machine retire HAAS-VF-07 --reason "sold"'))
    .action((id: string, options: Options, command: Command) =>
      makeChange('machine.retire', { machineId: id }, `Retired ${id}`, options, command),
    );

  const safeguard = machine
    .command('safeguard <id>')
    .description('record what protects a machine whose channel is clear text, until a day (two administrators)')
    .requiredOption('--protects <text>', 'what protects the cable or the VLAN')
    .requiredOption('--approver <person>', 'who answers for it; they may not sign the record themself')
    .requiredOption('--until <date>', 'the last day that it is good for');
  signedByAdministrators(safeguard, 'Safeguard record.')
    .addHelpText(
      'after',
      example(
        'keyway machine safeguard FANUC-99 --protects "locked cabinet, 3 m of cable in steel pipe" --approver SEC-1 --until 2027-06-30',
      ),
    )
    .action((id: string, options: Options, command: Command) => {
      const { protects, approver, until } = options;
      const record = { protects, approver, expires: until };
      const done = `${id} is safeguarded until ${until}`;
      return makeChange('machine.safeguard', { machineId: id, safeguard: record }, done, options, command);
    });
}

/** The facts that the options name, and nothing of those that they leave out. */
export function factsOf({ group, jurisdiction, ...options }: FactOptions): Record<string, unknown> {
  const { cell, country, site, zone, serial, owner, assetCategory } = options;
  const sshCertificates = yesOrNo(options.sshCertificates, '--ssh-certificates');
  const place = { cell, country, site, zone, serial, owner, assetCategory };
  const named = { groups: group, jurisdictions: jurisdiction, ...place, sshCertificates };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}

function yesOrNo(said: string | undefined, option: string): boolean | undefined {
  if (said !== undefined && said !== 'yes' && said !== 'no') throw usage('Say yes or no.', option);
  return said === undefined ? undefined : said === 'yes';
}

function lineFact(options: LineOptions): Record<string, unknown> {
  const line = lineOf(options);
  return line ? { line } : {};
}

async function registered(client: GatewayClient, id: string): Promise<Record<string, unknown>> {
  const found = (await client.machines()).find(({ machine }) => machine.id === id);
  if (!found) throw usage(`${id} is not registered.`, 'id');
  return found.machine;
}
