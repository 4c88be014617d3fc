import { createHash, hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { type Digest, digestHex } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { blobPath, bytesDiffer, openBlobFile, readFully } from './blob-files.ts';
import { ChunkMacs } from './chunk-macs.ts';
import { ChunkPool, ChunkTables, HeldContents } from './verified-memory.ts';

const chunkBytes = limits.blobChunkBytes;
const tables = new ChunkTables(limits.blobTableBytes);
const contents = new HeldContents(limits.blobHeldBytes);
const pool = new ChunkPool(chunkBytes, limits.blobPoolBytes);
const nothing = Buffer.alloc(0);

/** `bytes` are those of the chunk, in `memory`, once `verified` resolves. */
type Chunk = { index: number; memory: Buffer; bytes: Buffer; users: number; verified: Promise<void> };

/**
 * An admitted blob, open for a transfer. No byte is handed out that is not part of the digest's content: the whole is
 * hashed before the first byte, and each chunk read later is held to what it was then, so that a file which someone
 * changes in place under a transfer stops it.
 */
export class VerifiedBlob {
  /** Bytes of the whole. */
  readonly size: number;
  readonly #digest: Digest;
  /** Set for a small blob; then there is no handle. */
  readonly #content: Buffer | undefined;
  readonly #handle: FileHandle | undefined;
  readonly #macs: ChunkMacs | undefined;
  /** Those that somebody uses, who share their reading, and the newest: clients read on in pieces far smaller than a chunk. */
  readonly #chunks = new Map<number, Chunk>();
  #newest: Chunk | undefined;
  #closed = false;

  private constructor(
    digest: Digest,
    size: number,
    source: { content: Buffer } | { handle: FileHandle; macs: ChunkMacs },
  ) {
    this.#digest = digest;
    this.size = size;
    this.#content = 'content' in source ? source.content : undefined;
    this.#handle = 'handle' in source ? source.handle : undefined;
    this.#macs = 'macs' in source ? source.macs : undefined;
  }

  /**
   * Opens an admitted blob of the vault in `folder`, which may be mounted read-only. Throws `not-found`, or
   * `bytes-differ` when its size or its whole content is not what is expected.
   */
  static async open(folder: string, digest: Digest, size: number): Promise<VerifiedBlob> {
    const { handle, size: found } = await openBlobFile(blobPath(folder, 'blobs', digest), digest);
    try {
      if (found !== size) throw bytesDiffer(digest);
      const content = size <= limits.blobHeldFileBytes ? await holdContent(handle, digest, size) : undefined;
      if (content) {
        await handle.close();
        return new VerifiedBlob(digest, size, { content });
      }
      const macs = await tables.get(digest, () => makeMacs(handle, digest, size));
      return new VerifiedBlob(digest, size, { handle, macs });
    } catch (error) {
      await handle.close().catch(() => undefined);
      throw error;
    }
  }

  /** A copy of the bytes from `offset`, as `lend` gives them. */
  read(offset: number, length: number): Promise<Buffer> {
    return this.lend(offset, length, async (bytes) => Buffer.from(bytes));
  }

  /**
   * Lends the bytes from `offset`, at most `length`: fewer at the end, none beyond it. They must not be written to, and once
   * `use` resolves the memory holds other files: whoever hands them on waits until they are sent, or copies them. After a
   * `use` that rejected it is not used again. Throws `bytes-differ`.
   */
  async lend<T>(offset: number, length: number, use: (bytes: Buffer) => Promise<T>): Promise<T> {
    if (this.#closed) throw new DomainError('internal', 'The blob was closed.');
    if (!Number.isSafeInteger(offset) || offset < 0)
      throw new DomainError('request-invalid', 'A read starts before the file.');
    const end = Math.min(offset + length, this.size);
    if (offset >= end) return use(nothing);
    if (this.#content) return use(this.#content.subarray(offset, end));
    const chunks: Chunk[] = [];
    for (let index = Math.floor(offset / chunkBytes); index * chunkBytes < end; index++) chunks.push(this.#take(index));
    await Promise.all(chunks.map(({ verified }) => verified));
    const parts = chunks.map(({ index, bytes }) =>
      bytes.subarray(Math.max(0, offset - index * chunkBytes), end - index * chunkBytes),
    );
    const [only = nothing] = parts;
    const result = await use(parts.length === 1 ? only : Buffer.concat(parts));
    for (const chunk of chunks) this.#release(chunk);
    return result;
  }

  /** Ends reading; waits for the reads under way. Closing again does nothing. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#keep(undefined);
    if (this.#content) contents.release(this.#digest);
    await this.#handle?.close();
  }

  #take(index: number): Chunk {
    const chunk = this.#chunks.get(index) ?? this.#load(index);
    chunk.users++;
    return chunk;
  }

  #release(chunk: Chunk): void {
    chunk.users--;
    if (chunk.users > 0) return;
    this.#chunks.delete(chunk.index);
    pool.give(chunk.memory);
  }

  /** One more user, so that nobody's end takes it away. */
  #keep(chunk: Chunk | undefined): void {
    const before = this.#newest;
    this.#newest = chunk;
    if (chunk) chunk.users++;
    if (before) this.#release(before);
  }

  #load(index: number): Chunk {
    const memory = pool.take();
    const bytes = memory.subarray(0, Math.min(chunkBytes, this.size - index * chunkBytes));
    const chunk: Chunk = { index, memory, bytes, users: 0, verified: this.#verify(index, bytes) };
    this.#chunks.set(index, chunk);
    chunk.verified.then(
      () => {
        if (!this.#closed) this.#keep(chunk);
      },
      () => this.#chunks.delete(index),
    );
    return chunk;
  }

  async #verify(index: number, bytes: Buffer): Promise<void> {
    const whole = this.#handle !== undefined && (await readFully(this.#handle, bytes, index * chunkBytes));
    if (!whole || !this.#macs?.isIts(index, bytes)) throw bytesDiffer(this.#digest);
  }
}

/** The whole verified content, or undefined when this process holds too much already. */
async function holdContent(handle: FileHandle, digest: Digest, size: number): Promise<Buffer | undefined> {
  const held = contents.acquire(digest, size, async () => {
    const bytes = Buffer.allocUnsafeSlow(size);
    if (!(await readFully(handle, bytes, 0)) || hash('sha256', bytes, 'hex') !== digestHex(digest))
      throw bytesDiffer(digest);
    return bytes;
  });
  if (held === undefined) return undefined;
  try {
    return await held;
  } catch (error) {
    contents.release(digest);
    throw error;
  }
}

/** Reads the whole once. Only a content that hashes to the digest has its chunks remembered. */
async function makeMacs(handle: FileHandle, digest: Digest, size: number): Promise<ChunkMacs> {
  const macs = new ChunkMacs(Math.ceil(size / chunkBytes));
  const buffer = Buffer.allocUnsafeSlow(chunkBytes);
  const whole = createHash('sha256');
  for (let index = 0; index * chunkBytes < size; index++) {
    const chunk = buffer.subarray(0, Math.min(chunkBytes, size - index * chunkBytes));
    if (!(await readFully(handle, chunk, index * chunkBytes))) throw bytesDiffer(digest);
    whole.update(chunk);
    macs.set(index, chunk);
  }
  if (whole.digest('hex') !== digestHex(digest)) throw bytesDiffer(digest);
  return macs;
}
