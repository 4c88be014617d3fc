import { basename } from 'node:path';
import { type Command, Option } from 'commander';
import { parse } from 'yaml';
import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';
import { type Dialect, dialects } from '../../domain/nc.ts';
import { MachineProfile } from '../../nc/profile/profile.ts';
import { eachChunk } from './program-files.ts';

export type ReadingOptions = { profile?: string; dialect?: Dialect };

/** How the programs are to be read: every command of `keyway nc` takes these. */
export function withReading(command: Command): Command {
  return command
    .option('--profile <file>', "the machine's profile (YAML), which names its dialect and its rules")
    .addOption(
      new Option('--dialect <dialect>', 'the language, instead of what the program looks like').choices(dialects),
    );
}

export const isJson = (command: Command): boolean => Boolean(command.optsWithGlobals<{ json: boolean }>().json);

export function readProfile(path: string | undefined): MachineProfile | undefined {
  if (path === undefined) return undefined;
  const pieces: Uint8Array[] = [];
  eachChunk(path, limits.configBytes, (chunk) => pieces.push(chunk.slice()));
  const read = MachineProfile.safeParse(parsed(Buffer.concat(pieces).toString('utf8'), path));
  if (read.success) return read.data;
  throw new DomainError('config-invalid', `${basename(path)}: ${z.prettifyError(read.error).replaceAll('\n', ' ')}`, {
    field: '--profile',
  });
}

function parsed(text: string, path: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    throw new DomainError(
      'config-invalid',
      `${basename(path)} is no YAML: ${(cause as Error).message.split('\n', 1)[0]}`,
      {
        field: '--profile',
        cause,
      },
    );
  }
}
