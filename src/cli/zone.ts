import type { Command } from 'commander';
import { type AdministratorOptions, makeChange, signedByAdministrators } from './administrators.ts';
import { collect, example } from './context.ts';

type ZoneOptions = AdministratorOptions & { description: string; gateway?: boolean };
type ConduitOptions = AdministratorOptions & { channel: string[]; jurisdiction: string[]; cui?: boolean };

/** Zones and conduits (IEC 62443). Once there is one zone, nothing is delivered but within it or by a conduit. */
export function addZoneCommands(program: Command): void {
  const zone = program
    .command('zone')
    .description('zones of IEC 62443; once one is set, a machine in none gets nothing');
  signedByAdministrators(zone.command('set <id>'), 'Zone set.')
    .description('define a zone, first the one that holds the gateway (two administrators)')
    .requiredOption('--description <text>', 'what is in it')
    .option('--gateway', 'this gateway stands in it')
    .addHelpText('after', example('keyway zone set DMZ --gateway --description "gateway and jump host"'))
    .action((id: string, options: ZoneOptions, command: Command) => {
      const { description, gateway: holdsGateway = false } = options;
      return makeChange('zone.set', { zone: { id, description, holdsGateway } }, `Zone ${id} is set`, options, command);
    });
  signedByAdministrators(zone.command('remove <id>'), 'Zone removed.')
    .description('take a zone away (two administrators)')
    .addHelpText('after', example('keyway zone remove CELL-3'))
    .action((id: string, options: AdministratorOptions, command: Command) =>
      makeChange('zone.remove', { zoneId: id }, `Zone ${id} is gone`, options, command),
    );

  const conduit = program.command('conduit').description('conduits between zones, and what may pass');
  signedByAdministrators(conduit.command('set <from> <to>'), 'Conduit set.')
    .description('let something pass from one zone to another (two administrators)')
    .requiredOption('--channel <channel>', 'sftp, ftps or ftp (repeatable)', collect)
    .requiredOption('--jurisdiction <which>', 'ITAR, EAR or none (repeatable)', collect)
    .option('--cui', 'CUI may pass')
    .addHelpText(
      'after',
      example('keyway conduit set DMZ CELL-3 --channel sftp --jurisdiction EAR --jurisdiction none'),
    )
    .action((from: string, to: string, options: ConduitOptions, command: Command) => {
      const { channel: channels, jurisdiction: jurisdictions, cui = false } = options;
      const fields = { conduit: { from, to, channels, jurisdictions, cui } };
      return makeChange('conduit.set', fields, `The conduit from ${from} to ${to} is set`, options, command);
    });
  signedByAdministrators(conduit.command('remove <from> <to>'), 'Conduit removed.')
    .description('let nothing pass any more, what is under way included (one administrator)')
    .addHelpText('after', example('keyway conduit remove DMZ CELL-3'))
    .action((from: string, to: string, options: AdministratorOptions, command: Command) =>
      makeChange('conduit.remove', { from, to }, `Nothing passes from ${from} to ${to}`, options, command),
    );
}
