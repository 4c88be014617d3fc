import { Readable } from 'node:stream';
import yazl from 'yazl';
import type { Digest } from '../domain/digest.ts';
import type { PackFile } from './pack.ts';

/** The zip format's first day: a time of making would make equal packs differ. */
const mtime = new Date(1980, 0, 1, 0, 0, 0);
const mode = 0o100644;

/** The pack as one zip, made as it is read. `openBlob` gives the verified bytes of an artefact. */
export function zipStream(files: readonly PackFile[], openBlob: (digest: Digest, size: number) => Readable): Readable {
  const zip = new yazl.ZipFile();
  const output = new Readable({ read: () => {} }).wrap(zip.outputStream);
  zip.on('error', (error: Error) => output.destroy(error));
  for (const file of files) {
    const options = { mtime, mode, compress: true };
    if ('bytes' in file) zip.addBuffer(file.bytes, file.path, options);
    else
      zip.addReadStreamLazy(file.path, { ...options, size: file.size }, (take) => {
        const stream = openBlob(file.blob, file.size);
        stream.once('error', (error) => output.destroy(error));
        take(null, stream);
      });
  }
  zip.end();
  return output;
}
