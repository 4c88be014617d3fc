import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, link, lstat, mkdir, open, readdir, rename, rmdir, unlink } from 'node:fs/promises';
import { DomainError } from '../../domain/errors.ts';

/** A name as the folder has it; bytes only where they are not UTF-8. */
export type EntryName = string | Buffer;
export type FilePath = string | Buffer;

export const inFolder = (folder: string, name: EntryName): FilePath =>
  typeof name === 'string' ? `${folder}/${name}` : Buffer.concat([Buffer.from(`${folder}/`), name]);

/** `file` is a regular file with one name. A second name could change the content behind the gateway's back. */
export type EntryKind = 'file' | 'hard link' | 'folder' | 'symbolic link' | 'FIFO' | 'socket' | 'device';
export type FileState = { kind: EntryKind; ino: bigint; size: number; mtimeNs: bigint; ctimeNs: bigint };

/** Equal when nobody replaced or wrote to the file; a mere rename keeps it equal. */
export const sameContent = (a: Omit<FileState, 'ctimeNs'>, b: Omit<FileState, 'ctimeNs'>): boolean =>
  a.kind === b.kind && a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs;

export function stateOf(stats: BigIntStats): FileState {
  return {
    kind: kindOf(stats),
    ino: stats.ino,
    size: Number(stats.size),
    mtimeNs: stats.mtimeNs,
    ctimeNs: stats.ctimeNs,
  };
}

function kindOf(stats: BigIntStats): EntryKind {
  if (stats.isFile()) return stats.nlink === 1n ? 'file' : 'hard link';
  if (stats.isDirectory()) return 'folder';
  if (stats.isSymbolicLink()) return 'symbolic link';
  if (stats.isFIFO()) return 'FIFO';
  return stats.isSocket() ? 'socket' : 'device';
}

/** Everything that the watcher does to the file system, one step a method, so that a test can stop after each. */
export interface FolderFiles {
  list(folder: string): Promise<EntryName[]>;
  /** Of the name itself, never of what a symbolic link points to. Undefined where there is none. */
  state(path: FilePath): Promise<FileState | undefined>;
  /** For reading. Follows no symbolic link (ELOOP) and does not wait for a FIFO's writer. */
  open(path: FilePath): Promise<FileHandle>;
  /** Makes the folder, or checks that the one there is real and our own; else throws `config-invalid`. */
  ownFolder(path: string): Promise<void>;
  makeFolder(path: string): Promise<void>;
  removeFolder(path: string): Promise<void>;
  /** Replaces whatever file or link has the name `to`. */
  move(from: FilePath, to: FilePath): Promise<void>;
  /** Fails with EEXIST when the name is taken. */
  link(from: FilePath, to: FilePath): Promise<void>;
  remove(path: FilePath): Promise<void>;
  /** Writes a file in our own folder and makes its content durable. */
  write(path: string, text: string, mode: number): Promise<void>;
  /** Makes the names in a folder durable, where the file system can. */
  sync(folder: string): Promise<void>;
}

export const folderFiles: FolderFiles = {
  async list(folder) {
    const names = await readdir(folder, { encoding: 'buffer' });
    return names.map((bytes) => {
      const name = bytes.toString('utf8');
      return Buffer.from(name, 'utf8').equals(bytes) ? name : Buffer.from(bytes);
    });
  },

  async state(path) {
    try {
      return stateOf(await lstat(path, { bigint: true }));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  },

  open: (path) => open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK),

  async ownFolder(path) {
    await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    const stats = await lstat(path);
    if (!stats.isDirectory() || stats.uid !== process.geteuid?.()) {
      throw new DomainError('config-invalid', `${path} must be a folder that belongs to the gateway's account.`);
    }
  },

  makeFolder: (path) => mkdir(path, { mode: 0o700 }),
  removeFolder: rmdir,
  move: rename,
  link,
  remove: unlink,

  async write(path, text, mode) {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;
    const handle = await open(path, flags, mode);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
  },

  async sync(folder) {
    const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      await handle.sync();
    } catch (error) {
      // Some network file systems have no fsync of folders; there the server decides what survives its crash.
      if (!['EINVAL', 'ENOTSUP', 'EOPNOTSUPP'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    } finally {
      await handle.close();
    }
  },
};
