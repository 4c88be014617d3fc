import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { type Digest, digestFromHex } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import type { Manifest } from '../domain/manifest.ts';
import { inControlForm } from '../nc/form/control-form.ts';

/**
 * Reads every file of the manifest, at `paths` in its order: each has its digest, and what goes to a control is the approved
 * program in its declared form, made again here. Throws `bytes-differ`.
 */
export async function verifyArtefacts({ files }: Manifest, paths: readonly string[]): Promise<void> {
  for (const [at, { name, digest, made }] of files.entries()) {
    if ((await digestOf(readFile(paths[at] ?? ''))) !== digest)
      throw new DomainError('bytes-differ', `${name} in the vault is not the file that was approved.`);
    if (!made) continue;
    const original = files.findIndex((file) => file.name === made.from);
    if ((await digestOf(inControlForm(readFile(paths[original] ?? ''), made.form))) !== digest)
      throw new DomainError('bytes-differ', `${name} is not ${made.from} in the form that is declared.`);
  }
}

async function digestOf(chunks: AsyncIterable<Uint8Array>): Promise<Digest> {
  const hash = createHash('sha256');
  for await (const chunk of chunks) hash.update(chunk);
  return digestFromHex(hash.digest('hex'));
}

async function* readFile(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    yield* file.createReadStream({ autoClose: false, highWaterMark: limits.blobChunkBytes });
  } finally {
    await file.close();
  }
}
