import { createCipheriv, createSecretKey, randomBytes, timingSafeEqual } from 'node:crypto';

const algorithm = 'aes-256-gcm';
const tagBytes = 16;
const nonceBytes = 12;
const nothingEncrypted = { plaintextLength: 0 };

/**
 * What the chunks of one blob were when its whole content had hashed to its digest: an AES-256-GMAC of each (NIST SP 800-38D),
 * which is computed several times faster than a hash. The key is this blob's own and never leaves the process, and neither
 * does a tag: whoever changes the file has nothing to make a fitting one from, and the index is nonce enough.
 */
export class ChunkMacs {
  readonly #key = createSecretKey(randomBytes(32));
  readonly #tags: Buffer;

  constructor(chunks: number) {
    this.#tags = Buffer.alloc(chunks * tagBytes);
  }

  /** Of the tags. */
  get bytes(): number {
    return this.#tags.length;
  }

  /** Once for each chunk. */
  set(index: number, chunk: Buffer): void {
    this.#macOf(index, chunk).copy(this.#tags, index * tagBytes);
  }

  /** Whether this is the chunk that was set. */
  isIts(index: number, chunk: Buffer): boolean {
    const tag = this.#tags.subarray(index * tagBytes, (index + 1) * tagBytes);
    return tag.length === tagBytes && timingSafeEqual(this.#macOf(index, chunk), tag);
  }

  #macOf(index: number, chunk: Buffer): Buffer {
    const nonce = Buffer.alloc(nonceBytes);
    nonce.writeUInt32BE(index);
    const mac = createCipheriv(algorithm, this.#key, nonce, { authTagLength: tagBytes });
    mac.setAAD(chunk, nothingEncrypted);
    mac.final();
    return mac.getAuthTag();
  }
}
