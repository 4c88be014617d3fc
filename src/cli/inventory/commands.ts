import type { Command } from 'commander';
import { cliContext, example } from '../context.ts';
import { usage } from '../output.ts';
import { inventoryCsv } from './csv.ts';
import { inventorySvg } from './svg.ts';

export function addInventoryCommands(program: Command): void {
  program
    .command('inventory')
    .description('machines, zones and conduits, for a system security plan')
    .command('export')
    .description('write all of it to the standard output')
    .option('--format <format>', 'csv (machines), json, or svg (a picture with what may flow where)', 'csv')
    .addHelpText('after', example('keyway inventory export --format svg > zones.svg'))
    .action(async ({ format }: { format: string }, command: Command) => {
      const inventory = await cliContext(command).client().inventory();
      process.stdout.write(write(format, inventory));
    });
}

function write(format: string, inventory: Parameters<typeof inventorySvg>[0]): string {
  if (format === 'csv') return inventoryCsv(inventory);
  if (format === 'svg') return inventorySvg(inventory);
  if (format === 'json') return `${JSON.stringify(inventory, null, 2)}\n`;
  throw usage('Say csv, json or svg.', '--format');
}
