import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync } from 'node:fs';
import { DomainError } from '../domain/errors.ts';
import { createFile, replaceFile } from '../platform/durable-file.ts';

/** Whoever reads an export may not change it; umask may narrow this. */
const mode = 0o444;

/**
 * How an export reaches the disk. `create` never replaces (EEXIST) and `replace` does so by rename; both are whole and
 * durable when they return, and leave nothing under `path` when they throw.
 */
export type ExportFiles = {
  create(path: string, bytes: Uint8Array): void;
  replace(path: string, bytes: Uint8Array): void;
};

export const durableFiles: ExportFiles = {
  create: (path, bytes) => orStorageFull(() => createFile(path, bytes, mode)),
  replace: (path, bytes) => orStorageFull(() => replaceFile(path, bytes, mode)),
};

/** Writes the file, or compares the one that is there, byte for byte. */
export function placeFile(files: ExportFiles, path: string, bytes: Buffer): 'written' | 'compared' | 'differs' {
  if (fileSize(path) === undefined && !isThere(path)) {
    try {
      files.create(path, bytes);
      return 'written';
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  return holds(path, bytes) ? 'compared' : 'differs';
}

/** Bytes of a regular file; undefined for anything else and for nothing. */
export function fileSize(path: string): number | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats?.isFile() ? stats.size : undefined;
}

const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** A symbolic link, FIFO or device is not the file, whatever it leads to. */
function holds(path: string, bytes: Buffer): boolean {
  if (fileSize(path) !== bytes.length) return false;
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    return fstatSync(fd).isFile() && readFileSync(fd).equals(bytes);
  } finally {
    closeSync(fd);
  }
}

function orStorageFull(write: () => void): void {
  try {
    write();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw cause;
    throw new DomainError('storage-full', 'There is no space left for the export; run it again to go on.', { cause });
  }
}
