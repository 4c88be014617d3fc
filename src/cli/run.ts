import type { Command } from 'commander';
import { RunReport } from '../domain/runs.ts';
import { rfc3339, systemClock } from '../platform/clock.ts';
import { cliContext, collect, example } from './context.ts';
import { answer, table, usage } from './output.ts';

type RecordOptions = {
  release: string;
  machine: string;
  workOrder: string;
  serial: string[];
  operator: string;
  started?: string;
  ended?: string;
  note?: string;
};
type ListOptions = { serial?: string; workOrder?: string; part?: string; release?: string; machine?: string };

export function addRunCommands(program: Command): void {
  const run = program.command('run').description('which serials were cut with which release');
  run
    .command('record')
    .description('record the serials that a machine cut with a release')
    .requiredOption('--release <id>', 'the release that was delivered to the machine')
    .requiredOption('--machine <id>', 'the machine')
    .requiredOption('--work-order <text>', 'the work order')
    .requiredOption('--serial <text>', 'a serial number (repeatable)', collect)
    .requiredOption('--operator <person>', 'who ran it')
    .option('--started <time>', 'when it began, RFC 3339; now if left out')
    .option('--ended <time>', 'when it ended, RFC 3339')
    .option('--note <text>', 'what else belongs to it')
    .addHelpText(
      'after',
      example(
        'keyway run record --release REL-… --machine HAAS-VF-07 --work-order 88120 --serial 0417 --operator OP-11',
      ),
    )
    .action(async (options: RecordOptions, command: Command) => {
      const { client, json } = cliContext(command);
      const parsed = RunReport.safeParse({
        releaseId: options.release,
        machineId: options.machine,
        workOrder: options.workOrder,
        serials: options.serial,
        operator: options.operator,
        startedAt: instant(options.started) ?? rfc3339(systemClock()),
        ...(options.ended === undefined ? {} : { endedAt: instant(options.ended) }),
        ...(options.note === undefined ? {} : { note: options.note }),
      });
      if (!parsed.success) {
        const [issue] = parsed.error.issues;
        throw usage(issue?.message ?? 'Not a valid run.', issue?.path.join('.') ?? 'run');
      }
      const recorded = await client().recordRun(parsed.data);
      answer(json, recorded, [
        `Recorded ${recorded.runId}, entry ${recorded.index}.`,
        ...(recorded.superseded ? ['  NOTE: this release is no longer in force; quality should look at it.'] : []),
      ]);
    });
  run
    .command('list')
    .description('runs by one of the options')
    .option('--serial <text>', 'of a part')
    .option('--work-order <text>', 'of a work order')
    .option('--part <text>', 'of a part number')
    .option('--release <id>', 'of a release')
    .option('--machine <id>', 'of a machine')
    .addHelpText('after', example('keyway run list --serial 0417'))
    .action(async (options: ListOptions, command: Command) => {
      const { client, json } = cliContext(command);
      const { serial, workOrder, part, release: releaseId, machine: machineId } = options;
      const by = Object.entries({ serial, workOrder, part, releaseId, machineId }).filter(([, v]) => v !== undefined);
      const [[name, value] = ['', undefined], ...more] = by;
      if (value === undefined || more.length > 0)
        throw usage('Ask by one of --serial, --work-order, --part, --release and --machine.', '--serial');
      const runs = await client().runs(name, value);
      const rows = runs.map((r) => [r.runId, r.startedAt, r.machineId, r.releaseId, r.workOrder, r.serials.join(', ')]);
      answer(json, runs, table([['run', 'began', 'machine', 'release', 'work order', 'serials'], ...rows]));
    });
}

/** With milliseconds, in UTC; what is no time is left for the schema to refuse. */
export function instant(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) || !/^\d{4}-\d\d-\d\dT/.test(text) ? text : rfc3339(at);
}
