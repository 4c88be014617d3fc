import type { Command } from 'commander';
import { cliContext, example } from './context.ts';
import { answer, table } from './output.ts';

export function addMachineHoldsCommand(machine: Command): void {
  machine
    .command('holds <id>')
    .description('what a machine holds, as far as anyone knows since it was last sent or read back')
    .addHelpText('after', example('keyway machine holds HAAS-VF-07'))
    .action(async (id: string, _options, command: Command) => {
      const { client, json } = cliContext(command);
      const holds = await client().machineHolds(id);
      const rows = holds.map(({ as, state, since, releaseId, delivered }) => [
        as,
        state === 'unknown' ? `unknown since ${since}` : `${state} on ${since}`,
        releaseId,
        delivered,
      ]);
      answer(json, holds, table([['program', 'known', 'release', 'delivered'], ...rows]));
    });
}
