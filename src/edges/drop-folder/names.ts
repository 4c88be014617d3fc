import { createHash } from 'node:crypto';
import { FileName, ShortText } from '../../domain/text.ts';
import type { EntryName } from './files.ts';

/** The gateway's own folder inside the watched one. */
export const workFolderName = '.keyway';
const sidecarPattern = /^(.+)\.keyway\.(yaml|yml|json)$/i;
const notePattern = /\.rejected\.txt$/i;
/** A file that could not go back under its name, because a newer one has it (claim.ts). */
const asidePattern = /\.rejected-DEP-[0-9A-HJKMNP-TV-Z]{10}$/;

/** The note that answers a rejected job, beside its files. */
export const noteName = (job: string): string => `${job}.rejected.txt`;
export const asideName = (name: string, depositId: string): string => `${name}.rejected-${depositId}`;

export const isHidden = (name: EntryName): boolean =>
  typeof name === 'string' ? name.startsWith('.') : name[0] === 0x2e;
export const isOwnOutput = (name: string): boolean => notePattern.test(name) || asidePattern.test(name);

/** NAME of `NAME.keyway.yaml`; undefined for any other file, and where the name cannot stand in an event. */
export function sidecarJob(name: EntryName): string | undefined {
  if (typeof name !== 'string' || !FileName.safeParse(name).success) return undefined;
  const job = sidecarPattern.exec(name)?.[1];
  return job !== undefined && ShortText.safeParse(job).success ? job : undefined;
}

/** One string for each name, UTF-8 or not. No name has a NUL. */
export const keyOf = (name: EntryName): string => (typeof name === 'string' ? name : `\0${name.toString('hex')}`);

/** What is wrong with a name, as the end of a sentence; undefined for one that passes `FileName`. */
export function nameFault(name: EntryName): string | undefined {
  if (typeof name !== 'string') return 'is not UTF-8';
  const parsed = FileName.safeParse(name);
  if (!parsed.success) return parsed.error.issues[0]?.message ?? 'cannot be used';
  return sidecarPattern.test(name) && sidecarJob(name) === undefined ? 'has a job name that cannot be used' : undefined;
}

/** A name that passes `FileName`: the name itself, or a plain rendering made unique by its digest. */
export function safeName(name: EntryName): string {
  if (typeof name === 'string' && nameFault(name) === undefined) return name;
  const plain = name
    .toString()
    .replace(/[^A-Za-z0-9._+-]+/g, '_')
    .replace(/^\.+/, '')
    .slice(0, 80);
  return `${plain}~${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
}
