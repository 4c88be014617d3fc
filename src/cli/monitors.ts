import type { Command } from 'commander';
import { cliContext, example } from './context.ts';
import { answer, table } from './output.ts';

export function addMonitorCommands(program: Command): void {
  program
    .command('monitors')
    .description(
      'what machines say that they run (MTConnect), beside what was delivered to them; only a readback proves it',
    )
    .addHelpText('after', example('keyway monitors'))
    .action(async (_options, command: Command) => {
      const { client, json } = cliContext(command);
      const monitors = await client().monitors();
      const rows = monitors.map(({ machineId, state, since, program: runs, execution, edited, releaseId, reason }) => [
        ...[machineId, state === 'unknown' || state === 'away' ? `unknown since ${since}` : `${state} since ${since}`],
        ...[runs ?? '', execution ?? '', edited ?? '', releaseId ?? '', reason ?? ''],
      ]);
      const heads = ['machine', 'state', 'says', 'execution', 'editing', 'release', 'why not'];
      answer(
        json,
        monitors,
        rows.length > 0 ? table([heads, ...rows]) : ['no machine has an agent (machine add --monitor)'],
      );
    });
}
