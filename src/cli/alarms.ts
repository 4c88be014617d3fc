import type { Command } from 'commander';
import { cliContext, example } from './context.ts';
import { answer } from './output.ts';

export function addAlarmsCommand(program: Command): void {
  program
    .command('alarms')
    .description('what is not as it should be right now, since when, and how to go on')
    .addHelpText('after', example('keyway alarms'))
    .action(async (_options, command: Command) => {
      const { client, json } = cliContext(command);
      const alarms = await client().alarms();
      const lines = alarms.flatMap(({ since, code, sentence, goOn }) => [
        `${since}  ${code}`,
        `  ${sentence}`,
        `  ${goOn}`,
      ]);
      answer(json, alarms, lines.length > 0 ? lines : ['no alarm']);
    });
}
