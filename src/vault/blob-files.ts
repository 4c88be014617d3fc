import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, digestHex } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';

/**
 * The vault folder: `quarantine/<2 hex>/<64 hex>` and `blobs/<2 hex>/<64 hex>`, named after the SHA-256 of the content.
 * `blobs/` holds what was admitted, as hard links to the files in quarantine.
 */
export const areas = ['quarantine', 'blobs'] as const;
export type Area = (typeof areas)[number];

export function blobPath(folder: string, area: Area, digest: Digest): string {
  const hex = digestHex(digest);
  return join(folder, area, hex.slice(0, 2), hex);
}

/** What every reader throws when the content is not what the digest says. */
export const bytesDiffer = (digest: Digest, cause?: unknown): DomainError =>
  new DomainError('bytes-differ', `What the vault holds under ${digest} is not the content of that digest.`, { cause });

/**
 * Opens a blob for reading. Throws `not-found`, or `bytes-differ` for anything but a regular file: a symbolic link is
 * not followed, and a FIFO or device is refused without waiting for its other end.
 */
export async function openBlobFile(path: string, digest: Digest): Promise<{ handle: FileHandle; size: number }> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') throw new DomainError('not-found', `The vault does not hold ${digest}.`);
      if (error.code === 'ELOOP' || error.code === 'ENXIO') throw bytesDiffer(digest, error);
      throw error;
    },
  );
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw bytesDiffer(digest);
    return { handle, size: stats.size };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Fills `buffer` from `position`; false when the file ends before. */
export async function readFully(handle: FileHandle, buffer: Buffer, position: number): Promise<boolean> {
  for (let at = 0; at < buffer.length; ) {
    const { bytesRead } = await handle.read(buffer, at, buffer.length - at, position + at);
    if (bytesRead === 0) return false;
    at += bytesRead;
  }
  return true;
}
