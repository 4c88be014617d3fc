import type { Command } from 'commander';
import { authorizationKinds } from '../domain/authorizations.ts';
import { overrides } from '../domain/break-glass.ts';
import { limits } from '../domain/limits.ts';
import { dispositions } from '../domain/nonconformances.ts';
import { type AdministratorOptions, makeChange, signedByAdministrators } from './administrators.ts';
import { cliContext, collect, example } from './context.ts';
import { answer, table, usage } from './output.ts';

type AddOptions = AdministratorOptions & {
  kind: string;
  reference: string;
  country: string[];
  party: string[];
  usml?: string[];
  eccn?: string[];
  nationality?: string[];
  until: string;
  proviso?: string[];
};
type OpenOptions = AdministratorOptions & { override: string[]; hours: string };
type CloseOptions = AdministratorOptions & { disposition: string };

/** Licences and agreements; what is set aside in an emergency; and what quality says of it afterwards. */
export function addExceptionCommands(program: Command): void {
  addAuthorizations(program);
  addBreakGlass(program);
  addNonconformances(program);
}

function addAuthorizations(program: Command): void {
  const authorization = program
    .command('authorization')
    .description('licences, agreements and exemptions under which data may go to foreign parties');
  const add = authorization
    .command('add <id>')
    .description('record one, or another in its place (export compliance and one more person)')
    .requiredOption('--kind <which>', authorizationKinds.join(', '))
    .requiredOption('--reference <text>', 'as it is cited, such as "TAA 1234-21"')
    .requiredOption('--country <code>', 'where it lets data be, beside the US (repeatable)', collect)
    .requiredOption('--party <name>', 'an employer, or the owner of a machine, as recorded (repeatable)', collect)
    .option('--usml <category>', 'a USML category and paragraph that it covers, such as VIII(h) (repeatable)', collect)
    .option('--eccn <eccn>', 'an ECCN that it covers (repeatable)', collect)
    .option('--nationality <code>', "of the parties' people; without it those of its countries (repeatable)", collect)
    .requiredOption('--until <date>', 'the last day that it is good for')
    .option('--proviso <text>', 'a condition for people to keep (repeatable)', collect);
  signedByAdministrators(add, 'Authorisation.')
    .addHelpText(
      'after',
      example(
        'keyway authorization add TAA-17 --kind agreement --reference "TAA 1234-21" --country DE --party "Werk GmbH" --usml "VIII(h)" --until 2028-06-30 --admin-key ec-1.key.pem --admin-key admin-1.key.pem',
      ),
    )
    .action((id: string, options: AddOptions, command: Command) => {
      const { kind, reference, country, party, usml = [], eccn = [], nationality, until, proviso = [] } = options;
      const covers = [
        ...usml.map((usmlCategory) => ({ jurisdiction: 'ITAR', usmlCategory })),
        ...eccn.map((entry) => ({ jurisdiction: 'EAR', eccn: entry })),
      ];
      const fields = {
        ...{ id, kind, reference, countries: country, parties: party, covers, expires: until, provisos: proviso },
        ...(nationality === undefined ? {} : { nationalities: nationality }),
      };
      return makeChange(
        'authorization.set',
        { authorization: fields },
        `${id} is in force until ${until}`,
        options,
        command,
      );
    });
  authorization
    .command('list')
    .description('every one on record')
    .addHelpText('after', example('keyway authorization list'))
    .action(async (_options, command: Command) => {
      const { client, json } = cliContext(command);
      const known = await client().authorizations();
      const rows = known.map(({ authorization: a, index }) => [
        ...[a.id, a.kind, a.reference, a.countries.join(', '), a.parties.join(', ')],
        ...[
          a.covers.map((entry) => ('eccn' in entry ? entry.eccn : entry.usmlCategory)).join(', '),
          a.expires,
          String(index),
        ],
      ]);
      const head = ['id', 'kind', 'reference', 'countries', 'parties', 'covers', 'until', 'entry'];
      answer(json, known, table([head, ...rows]));
    });
  signedByAdministrators(authorization.command('end <id>'), 'Ended.')
    .description('nothing goes under it any more, what is under way included (one person)')
    .addHelpText('after', example('keyway authorization end TAA-17 --reason "revoked by DDTC"'))
    .action((id: string, options: AdministratorOptions, command: Command) =>
      makeChange('authorization.end', { authorizationId: id }, `${id} is ended`, options, command),
    );
}

function addBreakGlass(program: Command): void {
  const breakGlass = program.command('break-glass').description('set a rule aside in an emergency, for some hours');
  const open = breakGlass
    .command('open <release> <machine>')
    .description('two people of quality, manufacturing engineering or administration; quality judges afterwards')
    .requiredOption('--override <what>', `${overrides.join(', ')} (repeatable)`, collect)
    .requiredOption('--hours <number>', `1 to ${limits.breakGlassHours}`);
  signedByAdministrators(open, 'Break-glass.')
    .addHelpText(
      'after',
      example(
        'keyway break-glass open REL-0123456789 HAAS-VF-08 --override machine-group --hours 4 --reason "HAAS-VF-07 is down, lot due at 6"',
      ),
    )
    .action((releaseId: string, machineId: string, { override, hours, ...signed }: OpenOptions, command: Command) => {
      if (!/^[1-9]$/.test(hours)) throw usage(`Say 1 to ${limits.breakGlassHours}.`, '--hours');
      const fields = { releaseId, machineId, overrides: override, hours: Number(hours) };
      const done = `${override.join(', ')} set aside for ${releaseId} on ${machineId} for ${hours} hours`;
      return makeChange('break-glass.open', fields, done, signed, command);
    });
  breakGlass
    .command('list')
    .description('what is open')
    .addHelpText('after', example('keyway break-glass list'))
    .action(async (_options, command: Command) => {
      const { client, json } = cliContext(command);
      const opened = await client().breakGlass();
      const rows = opened.map((o) => [o.changeId, o.releaseId, o.machineId, o.overrides.join(', '), o.until, o.reason]);
      answer(json, opened, table([['break-glass', 'release', 'machine', 'set aside', 'until', 'reason'], ...rows]));
    });
  signedByAdministrators(breakGlass.command('end <id>'), 'Not needed any more.')
    .description('put the rule back in its place at once (one person)')
    .addHelpText('after', example('keyway break-glass end CHG-0123456789'))
    .action((opened: string, options: AdministratorOptions, command: Command) =>
      makeChange('break-glass.end', { opened }, `${opened} is ended`, options, command),
    );
}

function addNonconformances(program: Command): void {
  const nonconformance = program.command('nonconformance').description('records that quality has to close');
  nonconformance
    .command('list')
    .description('those without a disposition')
    .addHelpText('after', example('keyway nonconformance list'))
    .action(async (_options, command: Command) => {
      const { client, json } = cliContext(command);
      const records = await client().nonconformances();
      const rows = records.map((n) => [n.nonconformanceId, n.source, n.releaseId, n.machineId, n.time, n.reason]);
      answer(json, records, table([['record', 'from', 'release', 'machine', 'since', 'reason'], ...rows]));
    });
  signedByAdministrators(nonconformance.command('close <id>'), 'Judged.')
    .description('say what becomes of what was made meanwhile (quality, who did not open it)')
    .requiredOption('--disposition <which>', dispositions.join(', '))
    .addHelpText(
      'after',
      example(
        'keyway nonconformance close NCR-0123456789 --disposition use-as-is --reason "first article measured" --admin-key qa-2.key.pem',
      ),
    )
    .action((nonconformanceId: string, { disposition, ...signed }: CloseOptions, command: Command) =>
      makeChange(
        'nonconformance.close',
        { nonconformanceId, disposition },
        `${nonconformanceId} is closed`,
        signed,
        command,
      ),
    );
}
