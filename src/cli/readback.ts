import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { DomainError } from '../domain/errors.ts';
import { Disposition, dispositions } from '../domain/readback.ts';
import type { ReadbackView } from '../edges/http/contract/readbacks.ts';
import { createFile } from '../platform/durable-file.ts';
import { cliContext, example } from './context.ts';
import { answer, parsed, table } from './output.ts';

type ListOptions = { machine?: string; open?: boolean };
type ResolveOptions = { disposition: string; reason: string };

export function addReadbackCommands(program: Command): void {
  const readback = program.command('readback').description('what came back from machines, beside what was delivered');
  readback
    .command('list')
    .description('the newest, or those that wait to be resolved')
    .option('--machine <id>', 'of one machine')
    .option('--open', 'came back different, and nobody has said what becomes of it')
    .addHelpText('after', example('keyway readback list --open'))
    .action(async ({ machine, open }: ListOptions, command: Command) => {
      const { client, json } = cliContext(command);
      const found = await client().readbacks({
        ...(machine === undefined ? {} : { machineId: machine }),
        ...(open ? { open: 'yes' } : {}),
      });
      answer(json, found, readbackTable(found));
    });
  readback
    .command('show <id>')
    .description('one of them: its digests, what it was matched to, and what changed')
    .addHelpText('after', example('keyway readback show RTV-0123456789'))
    .action(async (id: string, _options, command: Command) => {
      const { client, json } = cliContext(command);
      const found = await client().readback(id);
      answer(json, found, describe(found));
    });
  readback
    .command('fetch <id>')
    .description('write the bytes that came back into a folder, as a new file')
    .requiredOption('--to <folder>', 'where to')
    .addHelpText('after', example('keyway readback fetch RTV-0123456789 --to edits'))
    .action((id: string, options: { to: string }, command: Command) => fetchFile(id, options.to, command));
  readback
    .command('resolve <id>')
    .description('say what becomes of a program that came back changed; its release goes to the machine again')
    .requiredOption('--disposition <what>', dispositions.join(', '))
    .requiredOption('--reason <text>', 'why; it goes into the ledger')
    .addHelpText(
      'after',
      example('keyway readback resolve RTV-0123456789 --disposition reject --reason "NCR 5512: feed was doubled"'),
    )
    .action(async (id: string, { disposition, reason }: ResolveOptions, command: Command) => {
      const { client, json } = cliContext(command);
      const said = { disposition: parsed(Disposition, disposition, '--disposition'), reason };
      const done = await client().resolveReadback(id, said);
      answer(json, done, [`Resolved ${id} as ${said.disposition}, entry ${done.index}.`]);
    });
}

export const readbackTable = (found: readonly ReadbackView[]): string[] =>
  table([['came back', 'machine', 'name', 'verdict', 'release', 'when', 'resolved'], ...found.map(row)]);

const row = (r: ReadbackView): string[] => [
  r.retrievalId,
  r.machineId,
  r.name,
  r.verdict ?? r.state,
  r.releaseId ?? '',
  r.endedTime ?? r.time,
  r.disposition ?? (r.sameAs ? `as ${r.sameAs}` : r.verdict === 'different' ? 'OPEN' : ''),
];

function describe(r: ReadbackView): string[] {
  const matched = `  ${r.verdict === null ? '' : `beside ${r.file} of ${r.releaseId}, delivery ${r.deliveryId}, by its ${r.matchedBy}`}`;
  return [
    `${r.retrievalId}  ${r.verdict ?? r.state}  ${r.name} from ${r.machineId} by ${r.channel}, ${r.bytes} bytes, ${r.endedTime ?? r.time}`,
    ...(r.reason ? [`  ${r.reason}`] : []),
    ...(r.releaseId ? [matched] : []),
    ...(r.digest ? [`  came back  ${r.digest}${r.canonical ? `, canonical ${r.canonical}` : ''}`] : []),
    ...(r.deliveredDigest
      ? [`  delivered  ${r.deliveredDigest}${r.deliveredCanonical ? `, canonical ${r.deliveredCanonical}` : ''}`]
      : []),
    ...r.sentences.map((sentence) => `  ${sentence}`),
    ...(r.depositId ? [`  the machine's edit is proposed as ${r.depositId}`] : []),
    ...(r.held ? ['  the release does not go to this machine until it is resolved'] : []),
    ...(r.disposition ? [`  resolved: ${r.disposition}: ${r.resolution}`] : []),
  ];
}

async function fetchFile(id: string, folder: string, command: Command): Promise<void> {
  const { client, json } = cliContext(command);
  const gateway = client();
  const { name } = await gateway.readback(id);
  const { digest, content } = await gateway.readbackFile(id);
  const parts: Uint8Array[] = [];
  for await (const part of content) parts.push(part);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  try {
    createFile(path, Buffer.concat(parts));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new DomainError('conflict', `${path} is there already and stays as it is.`, { field: '--to' });
  }
  answer(json, { path, digest }, [`Wrote ${path}, ${digest}.`]);
}
