import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Makes the names in a folder durable. Without it a crash can lose a file that was itself fsynced. */
export function fsyncFolder(folder: string): void {
  const fd = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** For a file that somebody else wrote, such as a library. */
export function fsyncFile(path: string): void {
  const fd = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** A name in the same folder that no reader looks for; left-overs start with `.tmp-` and may be deleted at start. */
export const temporaryBeside = (path: string): string =>
  join(dirname(path), `.tmp-${process.pid}-${randomBytes(6).toString('hex')}-${basename(path).slice(0, 40)}`);

function writeTemporary(path: string, bytes: Uint8Array | string, mode: number): string {
  const temporary = temporaryBeside(path);
  const fd = openSync(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, mode);
  try {
    const buffer = typeof bytes === 'string' ? Buffer.from(bytes, 'utf8') : bytes;
    for (let at = 0; at < buffer.length; ) at += writeSync(fd, buffer, at);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  return temporary;
}

/**
 * Replaces a small file so that a crash at any moment leaves the whole old or the whole new content: temporary, fsync,
 * rename, fsync of the folder.
 */
export function replaceFile(path: string, bytes: Uint8Array | string, mode = 0o600): void {
  const temporary = writeTemporary(path, bytes, mode);
  try {
    renameSync(temporary, path);
  } catch (error) {
    unlinkSync(temporary);
    throw error;
  }
  fsyncFolder(dirname(path));
}

/** As `replaceFile`, while this thread goes on: for a disk that may be slow, or far away. What fails leaves nothing beside it. */
export async function replaceFileMeanwhile(path: string, bytes: string, mode: number): Promise<void> {
  const temporary = temporaryBeside(path);
  try {
    await using file = await open(temporary, 'wx', mode);
    await file.writeFile(bytes);
    await file.sync();
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await using folder = await open(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
  await folder.sync();
}

/** As `replaceFile`, but a file that is already there is an error (EEXIST) and stays untouched. */
export function createFile(path: string, bytes: Uint8Array | string, mode = 0o600): void {
  const temporary = writeTemporary(path, bytes, mode);
  try {
    linkSync(temporary, path);
  } finally {
    unlinkSync(temporary);
  }
  fsyncFolder(dirname(path));
}

/** The file's bytes, or undefined where there is none. Any other failure is thrown. */
export function readFileIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
