import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DomainError } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';
import { usage } from '../output.ts';

/** Files under the arguments: a folder stands for the regular files in it, by name, without hidden ones and links. */
export function filesOf(paths: readonly string[]): string[] {
  const found = paths.flatMap((path) => (kindOf(path) === 'folder' ? filesIn(path) : [path]));
  if (found.length === 0) throw usage('There is no file in that folder.', 'FILE');
  if (found.length > limits.ncCliFiles) throw usage(`Give ${limits.ncCliFiles} files at most.`, 'FILE');
  return found;
}

export function filesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .map((name) => join(folder, name))
    .filter((path) => lstatSync(path).isFile())
    .sort();
}

export function kindOf(path: string): 'file' | 'folder' {
  let stats: ReturnType<typeof statSync>;
  try {
    stats = statSync(path);
  } catch {
    throw new DomainError('file-missing', `There is no file ${path}.`, { field: path });
  }
  if (stats.isDirectory()) return 'folder';
  if (stats.isFile()) return 'file';
  throw new DomainError('file-not-regular', `${path} is neither a file nor a folder.`, { field: path });
}

/** Whole, for what needs all of a program at once. */
export function readWhole(path: string): Uint8Array {
  const chunks: Uint8Array[] = [];
  eachChunk(path, limits.inspectBytes, (chunk) => chunks.push(chunk.slice()));
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks);
}

const chunkBytes = 4 * 1024 * 1024;

/** `chunk` is valid only during the call. Never waits on a pipe and never reads more than `most`, whatever the file grows to. */
export function eachChunk(path: string, most: number, visit: (chunk: Uint8Array) => void): void {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw new DomainError('file-not-regular', `${path} is no regular file.`, { field: path });
    const chunk = new Uint8Array(Math.min(chunkBytes, Math.max(1, stats.size + 1)));
    let all = 0;
    for (let bytes = readSync(file, chunk); bytes > 0; bytes = readSync(file, chunk)) {
      all += bytes;
      if (all > most)
        throw new DomainError('too-large', `${path} is larger than ${most.toLocaleString('en-GB')} bytes.`, {
          field: path,
        });
      visit(chunk.subarray(0, bytes));
    }
  } finally {
    closeSync(file);
  }
}
