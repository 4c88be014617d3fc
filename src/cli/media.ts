import { join } from 'node:path';
import type { Command } from 'commander';
import { DomainError } from '../domain/errors.ts';
import type { EventOf } from '../domain/events.ts';
import { limits } from '../domain/limits.ts';
import { type StickManifest, stickFolder } from '../domain/media.ts';
import type { GatewayClient } from '../edges/http/client.ts';
import { keysBehind } from '../merkle/checkpoint.ts';
import { leafHash } from '../merkle/hashes.ts';
import { openProof, parseProof } from '../merkle/proof.ts';
import { openEntry } from '../signing/proven-event.ts';
import { loadTrust } from '../signing/trust.ts';
import { cliContext, example } from './context.ts';
import {
  digestOnStick,
  makeStickFolder,
  readManifest,
  readStick,
  requireEmpty,
  writeManifest,
  writeToStick,
} from './media-stick.ts';
import { answer, exitCodes, table, usage } from './output.ts';

type IssueOptions = { number: string; to: string; days: string };
type ReturnOptions = { machine: string; late?: string; issue?: string };

export function addMediaCommands(program: Command): void {
  const media = program.command('media').description('numbered sticks for machines without a network');
  media
    .command('issue <machine>')
    .description('write all programs that a machine may have now on an empty stick, with signatures and a manifest')
    .requiredOption('--number <number>', 'what is written on the stick itself, such as STICK-17')
    .requiredOption('--to <folder>', 'where the stick is mounted')
    .option('--days <days>', 'how long it is good for', String(limits.mediaDays))
    .addHelpText('after', example('keyway media issue OKUMA-2 --number STICK-17 --to /media/STICK-17'))
    .action(issue);
  media
    .command('return <folder>')
    .description('take a stick back: every program on it is read back and judged, anything else is reported')
    .requiredOption('--machine <machine>', 'the machine that it comes from')
    .option('--late <why>', 'why it comes back after it expired')
    .option(
      '--issue <id>',
      'which issue it was, where it does not say so: not written to its end, or lost (any empty folder)',
    )
    .addHelpText('after', example('keyway media return /media/STICK-17 --machine OKUMA-2'))
    .action(takeBack);
  media
    .command('check <folder>')
    .description('check a stick against the trust file alone: needs no gateway')
    .option('--trust <file>', "the gateway's trust file")
    .addHelpText('after', example('keyway media check /media/STICK-17 --trust trust.json'))
    .action(check);
  media
    .command('list')
    .description('the sticks that are out')
    .addHelpText('after', example('keyway media list'))
    .action(async (_options, command: Command) => {
      const { client, json } = cliContext(command);
      const out = await client().media();
      const rows = out.map(({ number, machineId, expires, files, mediaId }) => [
        ...[number, machineId, expires, String(files.length), mediaId],
      ]);
      answer(json, out, table([['stick', 'machine', 'good until', 'programs', 'issue'], ...rows]));
    });
}

async function issue(machineId: string, { number, to, days }: IssueOptions, command: Command): Promise<void> {
  const { client, json } = cliContext(command);
  if (!/^\d{1,3}$/.test(days)) throw usage('Give a whole number of days.', '--days');
  requireEmpty(to);
  const gateway = client();
  const issued = await gateway.issueMedia({
    machineId: machineId as typeof issued.machineId,
    number,
    days: Number(days),
  });
  makeStickFolder(to);
  for (const { name } of issued.files) {
    const [program, signature] = [
      await gateway.mediaFile(issued.mediaId, name),
      await gateway.mediaFile(issued.mediaId, `${name}.p7s`),
    ];
    await writeToStick(join(to, name), program.digest, program.content);
    await writeToStick(join(to, stickFolder, `${name}.p7s`), signature.digest, signature.content);
  }
  // Last: a stick that was not written to its end is none of ours.
  await writeManifest(to, await gateway.mediaManifest(issued.mediaId));
  answer(json, issued, [
    `Stick ${number} is good for ${machineId} until ${issued.expires}: ${issued.mediaId}.`,
    ...issued.files.map(({ name, digest }) => `  ${name}  ${digest}`),
    ...issued.leftOut.map(
      ({ part, revision, operation, why }) => `  not on it: ${part} ${revision}, operation ${operation}. ${why}`,
    ),
  ]);
}

async function takeBack(folder: string, options: ReturnOptions, command: Command): Promise<void> {
  const { client, json } = cliContext(command);
  const { machine, late, issue } = options;
  const gateway = client();
  const { mediaId, number } =
    issue === undefined ? issuedBy(readManifest(folder)).event.data : await stickOut(gateway, issue);
  const { programs, odd } = readStick(folder);
  await gateway.beginReturn(mediaId, { number, machineId: machine as never, ...(late !== undefined && { late }) });
  for (const name of programs) await gateway.takeBack(mediaId, { name, path: join(folder, name), follow: false });
  const returned = await gateway.endReturn(mediaId, odd);
  const { missing } = returned;
  answer(json, returned, [
    `Stick ${number} is back from ${machine}.`,
    ...returned.programs.map(({ name, verdict }) => `  ${name}  ${verdict}`),
    ...missing.map((name) => `  ${name}  missing`),
    ...odd.map(({ name, what }) => `  ${name}  not taken: ${what}`),
  ]);
  const isClean =
    odd.length + missing.length === 0 && returned.programs.every(({ verdict }) => verdict === 'identical');
  if (!isClean) process.exitCode = exitCodes.notVerified;
}

async function stickOut(gateway: Pick<GatewayClient, 'media'>, issue: string) {
  const stick = (await gateway.media()).find(({ mediaId }) => mediaId === issue);
  if (stick) return stick;
  throw new DomainError('not-found', `No stick of ${issue} is out: see "keyway media list".`, { field: '--issue' });
}

async function check(folder: string, options: { trust?: string }, command: Command): Promise<void> {
  const { config, json } = cliContext(command);
  const trust = loadTrust(options.trust ?? config.paths.trust);
  const manifest = readManifest(folder);
  const { verifiers } = keysBehind(parseProof(manifest.proof).checkpoint, trust);
  const { origin } = trust;
  const leaf = Buffer.from(manifest.leaf, 'base64');
  openProof(manifest.proof, { leafHash: leafHash(leaf), origin, verifiers, required: verifiers.length });
  const { event } = issuedBy(manifest);
  const { programs, odd } = readStick(folder);
  const { files, number, machineId, expires } = event.data;
  const found = await Promise.all(
    files.map(async ({ name, digest }) => {
      const isThere = programs.includes(name);
      return {
        name,
        is: isThere ? ((await digestOnStick(join(folder, name))) === digest ? 'as issued' : 'changed') : 'missing',
      };
    }),
  );
  const foreign = programs.filter((name) => !files.some((file) => file.name === name));
  const isGood = odd.length + foreign.length === 0 && found.every(({ is }) => is === 'as issued');
  answer(json, { number, machineId, expires, files: found, foreign, odd, asIssued: isGood }, [
    `${isGood ? 'AS ISSUED' : 'NOT AS ISSUED'}  stick ${number} for ${machineId}, good until ${expires}`,
    ...found.map(({ name, is }) => `  ${name}  ${is}`),
    ...foreign.map((name) => `  ${name}  not issued`),
    ...odd.map(({ name, what }) => `  ${name}  ${what}`),
  ]);
  if (!isGood) process.exitCode = exitCodes.notVerified;
}

/** The entry that a stick carries; what its leaf commits to, and nothing that is only written beside it. */
function issuedBy({ leaf, body, salt, proof }: StickManifest): { event: EventOf<'media.issued'> } {
  const [leafBytes, bodyBytes, saltBytes] = [leaf, body, salt].map((text) => Buffer.from(text, 'base64')) as [
    Buffer,
    Buffer,
    Buffer,
  ];
  const { event } = openEntry(leafBytes, bodyBytes, saltBytes, parseProof(proof).index);
  if (event.type === 'media.issued') return { event };
  throw new DomainError('not-verified', 'The manifest of this stick is about something else.');
}
