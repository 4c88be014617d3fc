import { Command, CommanderError } from 'commander';
import { addApprovalCommands } from './approval.ts';
import { addChangeCommands } from './change.ts';
import { addClassificationCommands } from './classification.ts';
import { addDemoCommand } from './demo.ts';
import { addEvidenceCommands } from './evidence.ts';
import { addInitCommand } from './init.ts';
import { addInventoryCommands } from './inventory/commands.ts';
import { addLedgerCommands } from './ledger/commands.ts';
import { addMachineCommands } from './machine.ts';
import { addNcCommands } from './nc/commands.ts';
import { exitCodes, exitCodesHelp, report } from './output.ts';
import { addPersonCommands } from './person.ts';
import { addPolicyCommands } from './policy/commands.ts';
import { addRunCommands } from './run.ts';
import { addServeCommands } from './serve.ts';
import { addStatusCommand } from './status.ts';
import { addSubmitCommand } from './submit.ts';
import { addVerifyCommand } from './verify.ts';
import { addWithdrawCommand } from './withdraw.ts';
import { addWitnessCommands } from './witness.ts';
import { addZoneCommands } from './zone.ts';

/** Runs one command line and returns the process' exit code; errors are printed, never thrown. */
export async function runCli(argv: readonly string[]): Promise<number> {
  // `keyway … | head` ends us when the reader has seen enough.
  process.stdout.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? exitCodes.ok : exitCodes.internal),
  );
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
    .exitOverride()
    .showSuggestionAfterError();
  for (const add of [
    addInitCommand,
    addServeCommands,
    addDemoCommand,
    addSubmitCommand,
    addStatusCommand,
    addApprovalCommands,
    addWithdrawCommand,
    addRunCommands,
    addEvidenceCommands,
    addMachineCommands,
    addPersonCommands,
    addChangeCommands,
    addPolicyCommands,
    addClassificationCommands,
    addZoneCommands,
    addInventoryCommands,
    addVerifyCommand,
    addLedgerCommands,
    addWitnessCommands,
    addNcCommands,
  ]) {
    add(program);
  }
  try {
    await program.parseAsync([...argv]);
    return Number(process.exitCode ?? exitCodes.ok);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    return report(error, Boolean(program.opts().json));
  }
}
