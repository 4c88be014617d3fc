import { createHash, hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { type Digest, digestHex } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { blobPath, bytesDiffer, openBlobFile, readFully } from './blob-files.ts';
import { ChunkTables, HeldContents } from './verified-memory.ts';

const chunkBytes = limits.blobChunkBytes;
const hashBytes = 32;
const tables = new ChunkTables(limits.blobTableBytes);
const contents = new HeldContents(limits.blobHeldBytes);
const nothing = Buffer.alloc(0);

type Chunk = { index: number; bytes: Buffer };

/**
 * An admitted blob, open for a transfer. No byte is handed out that is not part of the digest's content: the whole is
 * hashed before the first byte, and each chunk read later is hashed again, so that a file which someone changes in
 * place under a transfer stops it.
 */
export class VerifiedBlob {
  /** Bytes of the whole. */
  readonly size: number;
  readonly #digest: Digest;
  /** Set for a small blob; then there is no handle. */
  readonly #content: Buffer | undefined;
  readonly #handle: FileHandle | undefined;
  readonly #table: Buffer;
  /** The chunk read last: clients read on in pieces far smaller than a chunk. */
  #last: Chunk | undefined;
  /** Clients ask for many pieces at once; those of one chunk share its reading. */
  readonly #loading = new Map<number, Promise<Buffer>>();
  #closed = false;

  private constructor(
    digest: Digest,
    size: number,
    source: { content: Buffer } | { handle: FileHandle; table: Buffer },
  ) {
    this.#digest = digest;
    this.size = size;
    this.#content = 'content' in source ? source.content : undefined;
    this.#handle = 'handle' in source ? source.handle : undefined;
    this.#table = 'table' in source ? source.table : nothing;
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
      const table = await tables.get(digest, () => makeTable(handle, digest, size));
      return new VerifiedBlob(digest, size, { handle, table });
    } catch (error) {
      await handle.close().catch(() => undefined);
      throw error;
    }
  }

  /**
   * The bytes from `offset`, at most `length`: fewer at the end, none beyond it. The buffer is shared with other readers
   * and must not be written to. Throws `bytes-differ`.
   */
  async read(offset: number, length: number): Promise<Buffer> {
    if (this.#closed) throw new DomainError('internal', 'The blob was closed.');
    if (!Number.isSafeInteger(offset) || offset < 0)
      throw new DomainError('request-invalid', 'A read starts before the file.');
    const end = Math.min(offset + length, this.size);
    if (offset >= end) return nothing;
    if (this.#content) return this.#content.subarray(offset, end);
    const parts: Buffer[] = [];
    for (let index = Math.floor(offset / chunkBytes); index * chunkBytes < end; index++) {
      const chunk = await this.#chunk(index);
      const start = index * chunkBytes;
      parts.push(chunk.subarray(Math.max(0, offset - start), end - start));
    }
    const [only] = parts;
    return parts.length === 1 && only ? only : Buffer.concat(parts);
  }

  /** Ends reading; waits for the reads under way. Closing again does nothing. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#last = undefined;
    if (this.#content) contents.release(this.#digest);
    await this.#handle?.close();
  }

  #chunk(index: number): Promise<Buffer> | Buffer {
    if (this.#last?.index === index) return this.#last.bytes;
    const loading = this.#loading.get(index);
    if (loading) return loading;
    const started = this.#load(index).finally(() => this.#loading.delete(index));
    this.#loading.set(index, started);
    return started;
  }

  async #load(index: number): Promise<Buffer> {
    const start = index * chunkBytes;
    const bytes = Buffer.allocUnsafeSlow(Math.min(chunkBytes, this.size - start));
    const whole = this.#handle !== undefined && (await readFully(this.#handle, bytes, start));
    const expected = this.#table.subarray(index * hashBytes, (index + 1) * hashBytes);
    if (!whole || !hash('sha256', bytes, 'buffer').equals(expected)) throw bytesDiffer(this.#digest);
    if (!this.#closed) this.#last = { index, bytes };
    return bytes;
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

/** Reads the whole once. Only a content that hashes to the digest has its chunk hashes remembered. */
async function makeTable(handle: FileHandle, digest: Digest, size: number): Promise<Buffer> {
  const table = Buffer.alloc(Math.ceil(size / chunkBytes) * hashBytes);
  const buffer = Buffer.allocUnsafeSlow(chunkBytes);
  const whole = createHash('sha256');
  for (let index = 0; index * chunkBytes < size; index++) {
    const chunk = buffer.subarray(0, Math.min(chunkBytes, size - index * chunkBytes));
    if (!(await readFully(handle, chunk, index * chunkBytes))) throw bytesDiffer(digest);
    whole.update(chunk);
    hash('sha256', chunk, 'buffer').copy(table, index * hashBytes);
  }
  if (whole.digest('hex') !== digestHex(digest)) throw bytesDiffer(digest);
  return table;
}
