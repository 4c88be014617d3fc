import { basename } from 'node:path';
import type { Command } from 'commander';
import { formChanges } from '../../domain/control-form.ts';
import { formFor, inControlForm } from '../../nc/form/control-form.ts';
import { nameOnControl } from '../../nc/form/control-name.ts';
import { inspectFile } from '../../nc/preflight/inspect-file.ts';
import { digestOf } from '../../platform/hash.ts';
import { writeNew } from '../new-file.ts';
import { answer, usage } from '../output.ts';
import { readWhole } from './program-files.ts';
import { isJson, readProfile } from './reading.ts';

type Options = { profile: string; out?: string };

export function addFormCommand(nc: Command): void {
  nc.command('form <file>')
    .description('a program as its control is sent it: the form and the name that the machine profile declares')
    .requiredOption('--profile <file>', "the machine's profile (YAML)")
    .option('--out <file>', 'write it there, which must not exist')
    .addHelpText('after', '\nExample:\n  keyway nc form O4471.NC --profile fanuc-31i.yaml --out sent/O4471')
    .action(async (path: string, options: Options, command: Command) => {
      const profile = readProfile(options.profile);
      if (!profile) throw usage('Name the profile.', '--profile');
      const [name, bytes] = [basename(path), readWhole(path)];
      const { programNumber } = inspectFile({ name, bytes }, { profile }).facts;
      const form = formFor({ name, programNumber }, { dialect: profile.dialect, needs: profile.delivery });
      const as = nameOnControl({ name, programNumber }, profile.delivery.names);
      const sent = await allOf(inControlForm(oneChunk(bytes), form));
      if (options.out !== undefined) writeNew(options.out, sent);
      const [before, after] = [digestOf(bytes), digestOf(sent)];
      const changes = formChanges(form).join(', ') || 'no byte is changed';
      answer(isJson(command), { file: name, as, form, before, after, bytes: sent.length }, [
        `${name}  ${before}`,
        `${as}  ${after}  ${changes}`,
      ]);
    });
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function allOf(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}
