import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { type Digest, digestFromHex } from '../domain/digest.ts';

const chunkBytes = 256 * 1024;

/** SHA-256 of a file's bytes from here to its end, through one buffer: a stream makes garbage of each of its chunks. */
export async function digestOfFile(file: FileHandle): Promise<Digest> {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(chunkBytes);
  for (;;) {
    const { bytesRead } = await file.read(chunk);
    if (bytesRead === 0) return digestFromHex(hash.digest('hex'));
    hash.update(chunk.subarray(0, bytesRead));
  }
}
