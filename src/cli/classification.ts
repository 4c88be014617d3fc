import type { Command } from 'commander';
import { Change } from '../domain/changes.ts';
import { type AdministratorOptions, describeChange, signedByAdministrators, submitChange } from './administrators.ts';
import { cliContext, collect, example } from './context.ts';
import { answer, parsed } from './output.ts';

type Options = AdministratorOptions & {
  jurisdiction: string;
  usml?: string;
  eccn?: string;
  cui?: string[];
  distribution?: string;
  reviewBy?: string;
};

/** Labels are given in sidecars; here one is lowered, which a sidecar cannot. */
export function addClassificationCommands(program: Command): void {
  const classification = program.command('classification').description('export-control labels of parts');
  const lower = classification
    .command('lower <part>')
    .description('let a part have a less strict label from now on (export compliance and one more person)')
    .requiredOption('--jurisdiction <which>', 'ITAR, EAR or none')
    .option('--usml <category>', 'ITAR: category and paragraph, such as VIII(h)')
    .option('--eccn <eccn>', 'EAR: EAR99 or an ECCN')
    .option('--cui <marking>', 'a CUI marking (repeatable)', collect)
    .option('--distribution <letter>', 'distribution statement, A to F')
    .option('--review-by <date>', 'the last day of the control plan');
  signedByAdministrators(lower, 'Lowered.')
    .addHelpText(
      'after',
      example(
        'keyway classification lower BRKT-4471 --jurisdiction EAR --eccn 9E991 --admin-key ec-1.key.pem --admin-key qa-1.key.pem --reason "CCATS G123456"',
      ),
    )
    .action(async (part: string, options: Options, command: Command) => {
      const { jurisdiction, usml: usmlCategory, eccn, cui: cuiMarkings, distribution, reviewBy } = options;
      const named = { jurisdiction, usmlCategory, eccn, cuiMarkings, distribution, reviewBy };
      const label = Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
      const change = parsed(Change, { kind: 'classification.lower', part, classification: label }, 'classification');
      const context = cliContext(command);
      const outcome = await submitChange(context, change, options);
      answer(context.json, outcome, [describeChange(outcome, `Lowered the label of ${part}`)]);
    });
}
