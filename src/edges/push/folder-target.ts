import { constants } from 'node:fs';
import { type FileHandle, link, lstat, open, opendir, readFile, realpath, rename, unlink } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { DomainError } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';
import type { PushLink } from '../../domain/machine-links.ts';
import { notDelivered, patiently } from './far-side.ts';
import { isPlainName } from './names.ts';
import type { Found, Target } from './target.ts';

type FolderLink = Extract<PushLink, { kind: 'folder' }>;

/** Where the kernel says what is mounted. */
export const mountTable = '/proc/self/mountinfo';
const partBytes = limits.pushPartBytes;

/**
 * A folder of this computer, or of a share that the system mounted here. The register of machines may name any path; only
 * what stands in one of `folders`, which the gateway's own configuration names, is opened, and no link is followed in it.
 */
export async function openFolder(to: FolderLink, folders: readonly string[], answerMs: number): Promise<Target> {
  const waiting = <T>(work: Promise<T>) => patiently(explained(work), answerMs, () => {});
  const folder = await waiting(realpath(to.folder));
  const allowed = await waiting(Promise.all(folders.map((one) => realpath(one).catch(() => one))));
  if (!allowed.some((one) => folder === one || folder.startsWith(`${one}${sep}`)))
    throw new DomainError('config-invalid', `The folder ${to.folder} is in none of push.folders.`);
  if (to.share && !isMounted(folder, await waiting(readFile(mountTable, 'utf8'))))
    throw notDelivered(`Nothing is mounted at ${to.folder}: mount the share.`);
  return new FolderTarget(folder, waiting);
}

class FolderTarget implements Target {
  readonly #folder: string;
  readonly #waiting: <T>(work: Promise<T>) => Promise<T>;

  constructor(folder: string, waiting: <T>(work: Promise<T>) => Promise<T>) {
    this.#folder = folder;
    this.#waiting = waiting;
  }

  async list(): Promise<Found[]> {
    const names = await this.#waiting(namesIn(this.#folder));
    const found: Found[] = [];
    for (const name of names.filter(isPlainName)) {
      // It may have gone since.
      const seen = await this.#waiting(lstat(this.#at(name)).catch(() => undefined));
      if (seen) found.push({ name, kind: seen.isFile() ? 'file' : 'other', size: seen.size });
    }
    return found;
  }

  async *read(name: string, limit: number): AsyncIterable<Buffer> {
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const handle = await this.#waiting(open(this.#at(name), flags));
    try {
      if (!(await this.#waiting(handle.stat())).isFile())
        throw new DomainError('conflict', 'What stands under its name is no file.');
      for (let at = 0; ; ) {
        const { buffer, bytesRead } = await this.#waiting(handle.read(Buffer.alloc(partBytes), 0, partBytes, at));
        if (bytesRead === 0) return;
        at += bytesRead;
        if (at > limit) throw new DomainError('too-large', `It has more than ${limit} bytes there.`);
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      await handle.close();
    }
  }

  async write(name: string, bytes: AsyncIterable<Buffer>): Promise<void> {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const handle = await this.#waiting(open(this.#at(name), flags, 0o644));
    try {
      for await (const part of bytes) await this.#waiting(writeAll(handle, part));
      await this.#waiting(handle.sync());
    } finally {
      await handle.close();
    }
  }

  async rename(from: string, to: string, replace: boolean): Promise<void> {
    if (replace) await this.#waiting(rename(this.#at(from), this.#at(to)));
    else await this.#waiting(this.#takeName(from, to));
    await this.#waiting(this.#sync());
  }

  async remove(name: string): Promise<void> {
    await this.#waiting(unlink(this.#at(name)));
    await this.#waiting(this.#sync());
  }

  async close(): Promise<void> {}

  #at(name: string): string {
    return join(this.#folder, name);
  }

  /** A link refuses a name that somebody took a moment ago, where a rename would not; some shares have no links. */
  async #takeName(from: string, to: string): Promise<void> {
    try {
      await link(this.#at(from), this.#at(to));
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(code)) throw error;
      return rename(this.#at(from), this.#at(to));
    }
    await unlink(this.#at(from));
  }

  /** A crash must not take a name back that was said to be there. */
  async #sync(): Promise<void> {
    const handle = await open(this.#folder, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      await handle.sync();
    } catch (error) {
      // Some shares know no such thing for a folder.
      if (!['EINVAL', 'ENOTSUP', 'EBADF'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    } finally {
      await handle.close();
    }
  }
}

async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of await opendir(folder)) {
    if (names.push(name) > limits.pushFolderEntries)
      throw new DomainError('conflict', `The folder holds more than ${limits.pushFolderEntries} names: clear it up.`);
  }
  return names;
}

async function writeAll(handle: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await handle.write(bytes, at, bytes.length - at)).bytesWritten;
}

/** What comes over a network, or is mounted from there as soon as somebody looks; a disk of this computer is no share. */
const shareTypes = /^(cifs|smb3?|smbfs|nfs4?|ncpfs|afs|ceph|9p|virtiofs|autofs|fuse(\..+)?)$/;

/** Whether the folder is on a share, by a table of mounts as the kernel writes it (proc(5), mountinfo): the nearest mount counts, and of one place the last. */
export function isMounted(folder: string, table: string): boolean {
  const octal = (_: string, digits: string) => String.fromCharCode(Number.parseInt(digits, 8));
  let nearest = { at: '', type: '' };
  for (const line of table.split('\n')) {
    const at = line.split(' ')[4]?.replace(/\\([0-7]{3})/g, octal) ?? '';
    const [type = ''] = line.split(' - ')[1]?.split(' ') ?? [];
    const isAbove = at === sep || folder === at || folder.startsWith(`${at}${sep}`);
    if (at !== '' && isAbove && at.length >= nearest.at.length) nearest = { at, type };
  }
  return shareTypes.test(nearest.type);
}

async function explained<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof DomainError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new DomainError('conflict', 'Somebody has just put another file under this name.');
    if (code === 'ENOSPC' || code === 'EDQUOT') throw notDelivered('The disk of the folder is full.', error);
    if (code === 'EACCES' || code === 'EPERM')
      throw new DomainError('forbidden', 'The folder or the file is not ours to use.', { cause: error });
    if (code === 'ENOENT') throw notDelivered('The folder or the file in it is not there.', error);
    throw notDelivered(`The folder cannot be used: ${code ?? 'no reason given'}.`, error);
  }
}
