import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { type Digest, digestFromHex } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import type { ManifestFile } from '../domain/manifest.ts';
import { inControlForm } from '../nc/form/control-form.ts';
import { digestOfFile } from '../platform/file-digest.ts';

/** A file of a release, and where the signer reads its bytes. */
export type Artefact = Pick<ManifestFile, 'name' | 'digest' | 'made'> & { path: string };

/**
 * Reads every file of a release: each has its digest, and what goes to a control is the approved program in its declared
 * form, made again here. Throws `bytes-differ`.
 */
export async function verifyArtefacts(files: readonly Artefact[]): Promise<void> {
  for (const { name, digest, made, path } of files) {
    if ((await reading(path, digestOfFile)) !== digest)
      throw new DomainError('bytes-differ', `${name} in the vault is not the file that was approved.`);
    if (!made) continue;
    const original = files.find((file) => file.name === made.from);
    const digestOfForm = (file: FileHandle) => digestOfChunks(inControlForm(chunksOf(file), made.form));
    if ((await reading(original?.path ?? '', digestOfForm)) !== digest)
      throw new DomainError('bytes-differ', `${name} is not ${made.from} in the form that is declared.`);
  }
}

async function reading(path: string, digest: (file: FileHandle) => Promise<Digest>): Promise<Digest> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    return await digest(file);
  } finally {
    await file.close();
  }
}

const chunksOf = (file: FileHandle): AsyncIterable<Uint8Array> =>
  file.createReadStream({ autoClose: false, highWaterMark: limits.blobChunkBytes });

async function digestOfChunks(chunks: AsyncIterable<Uint8Array>): Promise<Digest> {
  const hash = createHash('sha256');
  for await (const chunk of chunks) hash.update(chunk);
  return digestFromHex(hash.digest('hex'));
}
