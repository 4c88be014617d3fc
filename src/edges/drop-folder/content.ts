import { DomainError } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';
import { type FilePath, type FileState, type FolderFiles, sameContent, stateOf } from './files.ts';

const changed = (path: FilePath, cause?: unknown): DomainError =>
  new DomainError(
    'file-changed',
    `${path.toString().split('/').at(-1)} changed while it was taken; it is tried again.`,
    { cause },
  );

/**
 * The file's bytes, from one descriptor, once. Throws `file-changed` unless the name leads to the very file that was
 * seen (`seen`), still so when its last byte was read: a link put in its place is not followed, a writer who goes on
 * is noticed.
 */
export async function* contentOf(files: FolderFiles, path: FilePath, seen: FileState): AsyncGenerator<Buffer> {
  const there = await files.state(path);
  if (!there || !sameContent(there, seen)) throw changed(path);
  const handle = await files.open(path).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ELOOP' || error.code === 'ENOENT' || error.code === 'ENXIO' ? changed(path, error) : error;
  });
  try {
    if (!sameContent(stateOf(await handle.stat({ bigint: true })), seen)) throw changed(path);
    let read = 0;
    for (;;) {
      // One byte more than is expected, so that a file that grew is noticed.
      const buffer = Buffer.allocUnsafe(Math.min(limits.blobChunkBytes, seen.size - read + 1));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, read);
      if (bytesRead === 0) break;
      read += bytesRead;
      if (read > seen.size) throw changed(path);
      yield buffer.subarray(0, bytesRead);
    }
    if (read !== seen.size || !sameContent(stateOf(await handle.stat({ bigint: true })), seen)) throw changed(path);
  } finally {
    await handle.close();
  }
}

/** As `contentOf`, whole; for small files. */
export async function readContent(files: FolderFiles, path: FilePath, seen: FileState): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of contentOf(files, path, seen)) parts.push(part);
  return Buffer.concat(parts);
}
