import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Command } from 'commander';
import { parseSidecar } from '../services/sidecar.ts';
import { cliContext, example } from './context.ts';
import { answer, exitCodes, usage } from './output.ts';

export function addSubmitCommand(program: Command): void {
  program
    .command('submit <sidecar>')
    .description('deposit the files that a sidecar (NAME.keyway.yaml) lists, from the same folder')
    .addHelpText('after', example('keyway submit config/sample/BRKT-4471-D-OP20.keyway.yaml'))
    .action(async (path: string, _options, command: Command) => {
      const { client, json } = cliContext(command);
      const sidecar = { fileName: basename(path), bytes: readFileSync(path) };
      const parsed = parseSidecar(sidecar.fileName, sidecar.bytes);
      if ('problems' in parsed) {
        const [problem] = parsed.problems;
        throw usage(problem?.message ?? 'The sidecar is not valid.', problem?.field ?? 'sidecar');
      }
      const files = parsed.sidecar.files.map(({ name }) => ({ name, path: join(dirname(path), name) }));
      const deposit = await client().submit(sidecar, files);
      const reasons = (deposit.reasons ?? []).map(
        (reason) => `  ${reason.code}  ${reason.field ?? ''}  ${reason.message}`,
      );
      answer(json, deposit, [
        `${deposit.depositId} ${deposit.state}${deposit.packageId ? ` as ${deposit.packageId}` : ''}`,
        ...reasons,
      ]);
      if (deposit.state === 'rejected') process.exitCode = exitCodes.refused;
    });
}
