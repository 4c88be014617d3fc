import type { Command } from 'commander';
import { digestHex } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import { PersonId } from '../domain/ids.ts';
import { type ResidueStatement, residuePredicate } from '../domain/residue.ts';
import { statementType } from '../domain/statements.ts';
import { rfc3339, systemClock } from '../platform/clock.ts';
import { canonicalJson } from '../platform/hash.ts';
import { signPayload } from '../signing/dsse.ts';
import { cliContext, example } from './context.ts';
import { answer, table, usage } from './output.ts';
import { openSigningKey, type SigningKeyOptions, signingKeyOptions } from './signing-keys.ts';

type ClearOptions = SigningKeyOptions & { as: string; machine: string; meaning: string };

export function addResidueCommands(program: Command): void {
  program
    .command('recall <release>')
    .description('take a release off every shelf, and open it on every machine that may hold it')
    .requiredOption('--reason <text>', 'why; it goes into the ledger')
    .addHelpText('after', example('keyway recall REL-0123456789 --reason "NCR 5512: bore oversize"'))
    .action(async (id: string, { reason }: { reason: string }, command: Command) => {
      const { client, json } = cliContext(command);
      const done = await client().recall(id, reason);
      const { holders, index } = done;
      answer(json, done, [
        `Recalled ${id}, entry ${index}. It is on no shelf any more.`,
        ...holders.map(({ machineId, files }) => `  ${machineId} may hold ${files.join(', ')}`),
        holders.length === 0
          ? '  It was sent to no machine.'
          : '  Each stays open until it is cleared: keyway residue list',
      ]);
    });
  const residue = program.command('residue').description('what machines may still hold of recalled releases');
  residue
    .command('list')
    .description('open ones first')
    .addHelpText('after', example('keyway residue list'))
    .action(async (_options, command: Command) => {
      const { client, json } = cliContext(command);
      const found = await client().residue();
      const rows = found.map((r) => [
        r.releaseId,
        r.machineId,
        r.file,
        r.time,
        r.clearedBy ?? 'OPEN',
        r.clearedTime ?? '',
      ]);
      answer(json, found, table([['release', 'machine', 'program', 'recalled', 'cleared by', 'when'], ...rows]));
    });
  signingKeyOptions(residue.command('clear <release>'))
    .description('sign that you looked and that the machine holds the recalled release no more')
    .requiredOption('--machine <id>', 'the machine')
    .requiredOption('--as <person>', 'who signs')
    .option('--meaning <text>', 'what you put your name to', 'I looked: this machine holds this release no more.')
    .addHelpText(
      'after',
      example('keyway residue clear REL-0123456789 --machine HAAS-VF-07 --as OP-11 --key op-11.key.pem'),
    )
    .action((id: string, options: ClearOptions, command: Command) => clear(id, options, command));
}

async function clear(id: string, options: ClearOptions, command: Command): Promise<void> {
  const { client, json } = cliContext(command);
  const key = await openSigningKey(options);
  const gateway = client(key);
  const open = (await gateway.residue()).find((r) => r.releaseId === id && r.machineId === options.machine);
  if (!open) throw new DomainError('not-found', `Nothing of ${id} was recalled from ${options.machine}.`);
  const { success, data: person } = PersonId.safeParse(options.as);
  if (!success) throw usage('This is not a person id.', '--as');
  const statement: ResidueStatement = {
    _type: statementType,
    subject: [{ name: 'manifest.json', digest: { sha256: digestHex(open.manifestDigest) } }],
    predicateType: residuePredicate,
    predicate: {
      releaseId: open.releaseId,
      machineId: open.machineId,
      person,
      meaning: options.meaning,
      time: rfc3339(systemClock()),
    },
  };
  const done = await gateway.clearResidue(await signPayload(canonicalJson(statement), key));
  answer(json, done, [`Cleared ${options.machine} of ${id}, entry ${done.index}.`, `  "${options.meaning}"`]);
}
