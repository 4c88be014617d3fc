import { Command, CommanderError, Help, type Option } from 'commander';
import { exitCodes, exitCodesHelp, report } from './output.ts';

type Add = (program: Command) => void;

/** In the order of the help. Each room is loaded when one of its commands is asked for: a command must start at once. */
const rooms: { commands: readonly string[]; load(): Promise<Add> }[] = [
  { commands: ['init'], load: async () => (await import('./init.ts')).addInitCommand },
  { commands: ['keys'], load: async () => (await import('./keys/commands.ts')).addKeysCommands },
  { commands: ['serve', 'health'], load: async () => (await import('./serve.ts')).addServeCommands },
  { commands: ['demo'], load: async () => (await import('./demo.ts')).addDemoCommand },
  { commands: ['submit'], load: async () => (await import('./submit.ts')).addSubmitCommand },
  { commands: ['status'], load: async () => (await import('./status.ts')).addStatusCommand },
  { commands: ['alarms'], load: async () => (await import('./alarms.ts')).addAlarmsCommand },
  { commands: ['approve', 'refuse'], load: async () => (await import('./approval.ts')).addApprovalCommands },
  { commands: ['waive'], load: async () => (await import('./waive.ts')).addWaiveCommand },
  { commands: ['withdraw'], load: async () => (await import('./withdraw.ts')).addWithdrawCommand },
  { commands: ['monitors'], load: async () => (await import('./monitors.ts')).addMonitorCommands },
  { commands: ['media'], load: async () => (await import('./media.ts')).addMediaCommands },
  { commands: ['send', 'sendings'], load: async () => (await import('./send.ts')).addSendCommands },
  { commands: ['readback'], load: async () => (await import('./readback.ts')).addReadbackCommands },
  { commands: ['recall', 'residue'], load: async () => (await import('./residue.ts')).addResidueCommands },
  { commands: ['run'], load: async () => (await import('./run.ts')).addRunCommands },
  { commands: ['evidence'], load: async () => (await import('./evidence.ts')).addEvidenceCommands },
  { commands: ['machine'], load: async () => (await import('./machine.ts')).addMachineCommands },
  { commands: ['person'], load: async () => (await import('./person.ts')).addPersonCommands },
  { commands: ['account', 'api-key'], load: async () => (await import('./account.ts')).addAccountCommands },
  { commands: ['change'], load: async () => (await import('./change.ts')).addChangeCommands },
  { commands: ['policy'], load: async () => (await import('./policy/commands.ts')).addPolicyCommands },
  { commands: ['classification'], load: async () => (await import('./classification.ts')).addClassificationCommands },
  {
    commands: ['authorization', 'break-glass', 'nonconformance'],
    load: async () => (await import('./exceptions.ts')).addExceptionCommands,
  },
  { commands: ['zone', 'conduit'], load: async () => (await import('./zone.ts')).addZoneCommands },
  { commands: ['inventory'], load: async () => (await import('./inventory/commands.ts')).addInventoryCommands },
  { commands: ['verify'], load: async () => (await import('./verify.ts')).addVerifyCommand },
  { commands: ['ledger'], load: async () => (await import('./ledger/commands.ts')).addLedgerCommands },
  { commands: ['witness'], load: async () => (await import('./witness.ts')).addWitnessCommands },
  { commands: ['nc'], load: async () => (await import('./nc/commands.ts')).addNcCommands },
];

/** Those that are named anywhere on the command line, or all, for the help and for a command that there is not. */
function commandsFor(argv: readonly string[]): Promise<Add[]> {
  const named = rooms.filter(({ commands }) => commands.some((command) => argv.includes(command)));
  return Promise.all((named.length > 0 ? named : rooms).map(({ load }) => load()));
}

/** `keyway … | head` ends the process when the reader has seen enough. */
export function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? exitCodes.ok : exitCodes.internal),
  );
}

/** What a command cannot do without is said before it is missed. */
function optionDescription(option: Option): string {
  const said = new Help().optionDescription(option);
  return option.mandatory ? `${said} (required)` : said;
}

/** Runs one command line and returns the process' exit code; errors are printed, never thrown. */
export async function runCli(argv: readonly string[]): Promise<number> {
  const program = new Command('keyway')
    .description('The one door between engineering and the machines: signed releases, export control, a ledger.')
    .option('-c, --config <file>', 'configuration (YAML); everything has a default without it')
    .option('-d, --data <folder>', 'data folder, instead of the one in the configuration')
    .option('--url <https>', 'a gateway elsewhere, instead of the one behind the local socket')
    .option('--ca <file>', 'with --url: the certificate of its authority (PEM)')
    .option(
      '--sign-with <file>',
      'with --url: your private key, which signs each request (approve and refuse use --key)',
    )
    .option('--json', 'print one JSON value for scripts instead of text', false)
    .addHelpText('after', `\n${exitCodesHelp}`)
    .configureHelp({ optionDescription })
    .exitOverride()
    .showSuggestionAfterError();
  for (const add of await commandsFor(argv)) add(program);
  try {
    await program.parseAsync([...argv]);
    return Number(process.exitCode ?? exitCodes.ok);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    return report(error, Boolean(program.opts().json));
  }
}
