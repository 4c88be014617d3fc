import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, read } from 'node:fs';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { type Digest, digestFromHex } from '../../domain/digest.ts';
import { DomainError } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';

const readAt = promisify(read);

/** A file of this computer that is to be sent: opened once, read twice, once to know its digest and once to send it. */
export class LocalFile {
  /** Bytes, when it was opened. */
  readonly size: number;
  readonly #fd: number;
  readonly #name: string;

  private constructor(fd: number, size: number, name: string) {
    this.#fd = fd;
    this.size = size;
    this.#name = name;
  }

  /** Throws `file-missing`, `file-not-regular` or `too-large`. */
  static open(path: string, follow = true): LocalFile {
    const name = basename(path);
    let fd: number;
    try {
      fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | (follow ? 0 : constants.O_NOFOLLOW));
    } catch (cause) {
      throw new DomainError('file-missing', `${name} cannot be read.`, { field: name, cause });
    }
    const stat = fstatSync(fd);
    const file = new LocalFile(fd, stat.size, name);
    if (stat.isFile() && stat.size <= limits.fileBytes) return file;
    file[Symbol.dispose]();
    if (!stat.isFile()) throw new DomainError('file-not-regular', `${name} is not a regular file.`, { field: name });
    throw new DomainError('too-large', `${name} is larger than ${limits.fileBytes} bytes.`, { field: name });
  }

  async digest(): Promise<Digest> {
    const hash = createHash('sha256');
    for await (const bytes of this.content()) hash.update(bytes);
    return digestFromHex(hash.digest('hex'));
  }

  /** Exactly `size` bytes. Throws `file-changed` when there are fewer by now. */
  async *content(onRead?: (bytes: number) => void): AsyncGenerator<Buffer> {
    for (let at = 0; at < this.size; ) {
      const buffer = Buffer.allocUnsafe(Math.min(limits.blobChunkBytes, this.size - at));
      const { bytesRead } = await readAt(this.#fd, buffer, 0, buffer.length, at);
      if (bytesRead === 0)
        throw new DomainError('file-changed', `${this.#name} was changed while it was read.`, { field: this.#name });
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
      onRead?.(bytesRead);
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}
