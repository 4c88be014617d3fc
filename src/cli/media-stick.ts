import { closeSync, constants, fsyncSync, lstatSync, mkdirSync, openSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { type Oddity, StickManifest, stickFolder, stickManifest } from '../domain/media.ts';
import { FileName } from '../domain/text.ts';
import { LocalFile } from '../edges/http/local-file.ts';
import { fsyncFolder } from '../platform/durable-file.ts';
import { readOwnFile } from '../platform/secret.ts';
import { usage } from './output.ts';

/** What systems put on a stick by themselves. */
const systemNames = /^(system volume information|lost\+found|\$recycle\.bin|\.trash.*|\.fseventsd|\.spotlight.*)$/i;
/** What a computer may start, or take for settings, because a stick is put in. */
const startsByItself =
  /(^autorun\.|^desktop\.ini$|\.(exe|com|bat|cmd|scr|pif|lnk|url|inf|js|vbs|wsf|ps1|msi|dll|sys)$)/i;

/** Throws `request-invalid` where the folder is not there or holds something already: a stick is issued empty. */
export function requireEmpty(folder: string): void {
  const names = namesIn(folder).filter((name) => !systemNames.test(name));
  if (names.length > 0) throw usage(`${folder} is not empty: it holds ${names.slice(0, 3).join(', ')}.`, '--to');
}

/** Writes a new file, durable, and reads it back. Throws `bytes-differ`. */
export async function writeToStick(path: string, digest: Digest, content: AsyncIterable<Uint8Array>): Promise<void> {
  const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o644);
  try {
    for await (const part of content) for (let at = 0; at < part.length; ) at += writeSync(fd, part, at);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  if ((await digestOnStick(path)) !== digest)
    throw new DomainError('bytes-differ', `The stick holds other bytes of ${path} than were written: use another one.`);
}

/** Of a regular file; a link is not followed. */
export async function digestOnStick(path: string): Promise<Digest> {
  using file = LocalFile.open(path, false);
  return await file.digest();
}

export async function writeManifest(folder: string, manifest: StickManifest): Promise<void> {
  const fd = openSync(join(folder, stickFolder, stickManifest), 'wx', 0o644);
  try {
    writeSync(fd, `${JSON.stringify(manifest, null, 1)}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  fsyncFolder(join(folder, stickFolder));
  fsyncFolder(folder);
}

export const makeStickFolder = (folder: string): void => mkdirSync(join(folder, stickFolder));

/** What the stick says that it is. Throws `request-invalid` for one that is none of ours. */
export function readManifest(folder: string): StickManifest {
  const path = join(folder, stickFolder, stickManifest);
  const isOurs = StickManifest.safeParse(json(path));
  if (isOurs.success) return isOurs.data;
  throw usage(
    `${folder} holds no ${stickFolder}/${stickManifest} of ours: this is not a stick that was issued and written to its end. Where it was not, return it with --issue.`,
    'folder',
  );
}

function json(path: string): unknown {
  try {
    return JSON.parse(readOwnFile(path, { guarded: true }).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** The programs of a stick, and whatever else is on it. No link is followed and no folder entered. */
export function readStick(folder: string): { programs: string[]; odd: Oddity[] } {
  const programs: string[] = [];
  const odd: Oddity[] = [];
  for (const name of namesIn(folder)) {
    if (name === stickFolder || systemNames.test(name)) continue;
    const what = oddityOf(folder, name);
    if (what === undefined) programs.push(name);
    else odd.push({ name: printable(name), what });
  }
  const { length } = programs;
  if (length + odd.length > limits.filesPerMedia)
    throw usage(
      `${folder} holds ${length + odd.length} files: more than any stick of ours. Look at it by hand.`,
      'folder',
    );
  return { programs, odd };
}

function oddityOf(folder: string, name: string): Oddity['what'] | undefined {
  const seen = lstatSync(join(folder, name));
  if (seen.isSymbolicLink()) return 'link';
  if (seen.isDirectory()) return 'folder';
  if (!seen.isFile()) return 'no-file';
  if (startsByItself.test(name)) return 'starts-by-itself';
  if (name.startsWith('.')) return 'hidden';
  if (!FileName.safeParse(name).success) return 'name';
  if (seen.size > limits.fileBytes) return 'too-large';
  return seen.size === 0 ? 'empty' : undefined;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    throw usage(`${folder} is no folder that can be read.`, 'folder');
  }
}

const printable = (name: string): string => {
  const text = name
    .replace(/[\p{C}\u2028\u2029]/gu, '?')
    .normalize('NFC')
    .trim()
    .slice(0, limits.shortTextChars)
    .trim();
  return text === '' ? '?' : text;
};
