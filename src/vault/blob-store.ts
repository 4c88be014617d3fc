import { createHash } from 'node:crypto';
import { constants, linkSync, lstatSync, mkdirSync, readdirSync, unlinkSync } from 'node:fs';
import { type FileHandle, link, lstat, open, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Digest, digestFromHex } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { fsyncFolder, temporaryBeside } from '../platform/durable-file.ts';
import { digestOf } from '../platform/hash.ts';
import { type Area, areas, blobPath, bytesDiffer, openBlobFile, readFully } from './blob-files.ts';
import { VerifiedBlob } from './verified-blob.ts';

const hashPieceBytes = 1024 * 1024;

export type StoredBlob = { digest: Digest; size: number };

/**
 * Files by digest. What arrives stands in quarantine until `admit`; nothing is ever overwritten, and every read is
 * checked against the digest. One process writes; doors read with `VerifiedBlob`.
 */
export class BlobStore {
  readonly #folder: string;
  /** Shard folders whose own name is known to be durable. */
  readonly #shards = new Set<string>();

  /** Makes the vault's folders under `folder`, which must exist, where they are not there yet. */
  constructor(folder: string) {
    this.#folder = folder;
    for (const area of areas) mkdirSync(join(folder, area), { mode: 0o700, recursive: true });
    fsyncFolder(folder);
  }

  /** Deletes what an interrupted `put` left behind. To be called before the first `put` of a process. */
  recover(): void {
    const quarantine = join(this.#folder, 'quarantine');
    for (const name of readdirSync(quarantine)) if (name.startsWith('.tmp-')) unlinkSync(join(quarantine, name));
  }

  /**
   * Takes bytes into quarantine, hashed once while they are written. When it resolves they are durable under their
   * digest. Throws `too-large` beyond `limitBytes` and `storage-full`; what `source` throws passes through.
   */
  async put(source: AsyncIterable<Uint8Array>, limitBytes: number): Promise<StoredBlob> {
    const temporary = temporaryBeside(join(this.#folder, 'quarantine', 'put'));
    try {
      const stored = await writeHashed(temporary, source, limitBytes);
      await this.#publish(temporary, stored);
      return stored;
    } catch (error) {
      throw storageRefusal(error);
    } finally {
      // A temporary that stays, here or after a crash, is only space: `recover` deletes it.
      await unlink(temporary).catch(() => undefined);
    }
  }

  /**
   * Takes over a file that another process wrote, which must be on the vault's file system: moved to where only this
   * process can name it, then hashed in one pass while it becomes durable. Throws as `put`, and `file-not-regular` for a
   * link or a file that has another name, by which its writer could still change it.
   */
  async adopt(file: string, limitBytes: number): Promise<StoredBlob> {
    const temporary = temporaryBeside(join(this.#folder, 'quarantine', 'adopt'));
    try {
      await rename(file, temporary);
      const stored = await hashDurably(temporary, limitBytes);
      await this.#publish(temporary, stored);
      return stored;
    } catch (error) {
      throw storageRefusal(error);
    } finally {
      await unlink(temporary).catch(() => undefined);
    }
  }

  /** As `put`, for bytes held in memory. */
  async putBytes(bytes: Uint8Array): Promise<StoredBlob> {
    return this.put(oneChunk(bytes), limits.fileBytes);
  }

  /**
   * Makes quarantined bytes readable by the doors: one hard link, no copy. Idempotent; durable when it returns. A crash
   * before leaves the file in quarantine only, and admitting it again is harmless.
   */
  admit(digest: Digest): void {
    if (!this.has(digest)) {
      if (!this.inQuarantine(digest))
        throw new DomainError('not-found', `The vault does not hold ${digest} in quarantine.`);
      this.#makeShard('blobs', digest);
      try {
        linkSync(blobPath(this.#folder, 'quarantine', digest), this.path(digest));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw storageRefusal(error);
      }
    }
    fsyncFolder(dirname(this.path(digest)));
  }

  /** Whether the digest was admitted. Says nothing about the content, which each read checks. */
  has(digest: Digest): boolean {
    return isRegular(this.path(digest));
  }

  inQuarantine(digest: Digest): boolean {
    return isRegular(blobPath(this.#folder, 'quarantine', digest));
  }

  /** Where the admitted file is. Whoever opens it must check what he reads. */
  path(digest: Digest): string {
    return blobPath(this.#folder, 'blobs', digest);
  }

  /** Where the quarantined file is. Whoever opens it must check what he reads. */
  quarantinePath(digest: Digest): string {
    return blobPath(this.#folder, 'quarantine', digest);
  }

  /** The admitted content. Throws `not-found`, `too-large` and `bytes-differ`. */
  async read(digest: Digest, limitBytes: number): Promise<Buffer> {
    return readWhole(this.path(digest), digest, limitBytes);
  }

  /** The quarantined content, for inspection. Throws as `read`. */
  async readQuarantined(digest: Digest, limitBytes: number): Promise<Buffer> {
    return readWhole(blobPath(this.#folder, 'quarantine', digest), digest, limitBytes);
  }

  /** The first bytes of the quarantined content, unchecked: they say what it may be, never that it is. */
  async readQuarantinedHead(digest: Digest, bytes: number): Promise<Buffer> {
    const { handle, size } = await openBlobFile(this.quarantinePath(digest), digest);
    try {
      const head = Buffer.alloc(Math.min(bytes, size));
      if (!(await readFully(handle, head, 0))) throw bytesDiffer(digest);
      return head;
    } finally {
      await handle.close();
    }
  }

  /** The quarantined content as it stands on disk. Whoever takes it hashes it again: nothing here says that it is whole. */
  async *streamQuarantined(digest: Digest): AsyncGenerator<Buffer> {
    const { handle } = await openBlobFile(blobPath(this.#folder, 'quarantine', digest), digest);
    try {
      yield* handle.createReadStream({ autoClose: false, highWaterMark: limits.blobChunkBytes });
    } finally {
      await handle.close();
    }
  }

  /** The admitted content in chunks, none of which is yielded before the whole was found to be that of the digest. */
  async *stream(digest: Digest): AsyncGenerator<Buffer> {
    const { handle, size } = await openBlobFile(this.path(digest), digest);
    await handle.close();
    const blob = await VerifiedBlob.open(this.#folder, digest, size);
    try {
      for (let at = 0; at < size; at += limits.blobChunkBytes) yield await blob.read(at, limits.blobChunkBytes);
    } finally {
      await blob.close();
    }
  }

  /** Gives the written file its name. A crash before the folder's fsync loses only bytes that nobody was told of. */
  async #publish(temporary: string, { digest, size }: StoredBlob): Promise<void> {
    this.#makeShard('quarantine', digest);
    const path = blobPath(this.#folder, 'quarantine', digest);
    try {
      await link(temporary, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const there = await lstat(path);
      if (!there.isFile() || there.size !== size) throw bytesDiffer(digest);
    }
    // Also when it was there: whoever linked it may not have come to this line.
    await syncFolder(dirname(path));
  }

  #makeShard(area: Area, digest: Digest): void {
    const shard = dirname(blobPath(this.#folder, area, digest));
    if (this.#shards.has(shard)) return;
    mkdirSync(shard, { mode: 0o700, recursive: true });
    // Once a process even where it exists: a crash may have come between its making and this line.
    fsyncFolder(dirname(shard));
    this.#shards.add(shard);
  }
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function writeHashed(path: string, source: AsyncIterable<Uint8Array>, limitBytes: number): Promise<StoredBlob> {
  const handle = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o400);
  try {
    const hash = createHash('sha256');
    let size = 0;
    for await (const bytes of source) {
      size += bytes.length;
      if (size > limitBytes)
        throw new DomainError('too-large', `The file is larger than the ${limitBytes} bytes allowed.`);
      hash.update(bytes);
      await writeFully(handle, bytes);
    }
    await handle.sync();
    return { digest: digestFromHex(hash.digest('hex')), size };
  } finally {
    await handle.close();
  }
}

async function hashDurably(path: string, limitBytes: number): Promise<StoredBlob> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const { size, nlink, ...stats } = await handle.stat();
    if (!(stats.mode & constants.S_IFREG) || nlink !== 1)
      throw new DomainError('file-not-regular', 'What was sent is no plain file.');
    if (size > limitBytes)
      throw new DomainError('too-large', `The file is larger than the ${limitBytes} bytes allowed.`);
    await handle.chmod(0o400);
    const [digest] = await Promise.all([hashOf(handle, size), handle.sync()]);
    return { digest, size };
  } finally {
    await handle.close();
  }
}

/** Throws `file-changed` where the file does not have the size that it had. */
async function hashOf(handle: FileHandle, size: number): Promise<Digest> {
  const hash = createHash('sha256');
  const [piece, next] = [Buffer.allocUnsafe(hashPieceBytes), Buffer.allocUnsafe(hashPieceBytes)];
  const read = (into: Buffer, at: number) => handle.read(into, 0, into.length, at);
  let coming = read(piece, 0);
  for (let at = 0, turn = 0; ; turn++) {
    const { bytesRead, buffer } = await coming;
    at += bytesRead;
    if (bytesRead === 0) {
      if (at === size) return digestFromHex(hash.digest('hex'));
      throw new DomainError('file-changed', 'The file changed while it was taken over.');
    }
    // The next piece is read while this one is hashed.
    coming = read(turn % 2 === 0 ? next : piece, at);
    hash.update(buffer.subarray(0, bytesRead));
  }
}

async function writeFully(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await handle.write(bytes, at)).bytesWritten;
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readWhole(path: string, digest: Digest, limitBytes: number): Promise<Buffer> {
  const { handle, size } = await openBlobFile(path, digest);
  try {
    if (size > limitBytes)
      throw new DomainError('too-large', `${digest} is larger than the ${limitBytes} bytes that are read at once.`);
    const bytes = Buffer.allocUnsafe(size);
    if (!(await readFully(handle, bytes, 0)) || digestOf(bytes) !== digest) throw bytesDiffer(digest);
    return bytes;
  } finally {
    await handle.close();
  }
}

const isRegular = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;

function storageRefusal(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  return new DomainError('storage-full', 'The vault has no space left; nothing was taken.', { cause: error });
}
