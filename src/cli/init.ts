import type { Command } from 'commander';
import { loadTrust } from '../signing/trust.ts';
import { cliContext, example } from './context.ts';
import { initialiseDevelopment } from './initialise.ts';
import { answer } from './output.ts';

export function addInitCommand(program: Command): void {
  program
    .command('init')
    .description('make the data folder, development keys and the trust file')
    .addHelpText('after', example('keyway --data ./data init'))
    .action(async (_options, command: Command) => {
      const { config, json } = cliContext(command);
      await initialiseDevelopment(config);
      const { origin, ledgerVerifiers, release } = loadTrust(config.paths.trust);
      const value = { data: config.data, trust: config.paths.trust, origin, releaseKey: release.keyId };
      answer(json, value, [
        `Initialised ${config.data} for development.`,
        `  origin        ${origin} (${ledgerVerifiers.length} ledger keys)`,
        `  release key   ${release.keyId}`,
        `  trust file    ${config.paths.trust}  (public; give it to auditors by another way than the data)`,
        'Next: keyway serve',
      ]);
    });
}
