import { Readable } from 'node:stream';
import type { PackageRow } from '../../catalog/queries/packages.ts';
import { DomainError } from '../../domain/errors.ts';
import type { PackageId } from '../../domain/ids.ts';
import { isProgram, type ManifestFile, toControl } from '../../domain/manifest.ts';
import type { BrowseService } from '../../services/browse.ts';
import type { Asker } from '../../services/principals.ts';

/** A file of a package that the asker may see. Throws `not-found`. */
export async function fileOf(
  browse: Pick<BrowseService, 'package'>,
  asker: Asker,
  { packageId, name }: { packageId: PackageId; name: string },
): Promise<{ row: PackageRow; file: ManifestFile }> {
  const { row } = await browse.package(asker, packageId, 1);
  return { row, file: fileIn(row, name) };
}

export function fileIn({ manifest }: PackageRow, name: string): ManifestFile {
  const file = manifest.files.find((other) => other.name === name);
  if (!file) throw new DomainError('not-found', 'The package has no such file.');
  return file;
}

/**
 * Waits for the first chunk, so that bytes which are not those of the digest become a problem and not half an answer.
 * Before each further one it is asked whether the asker may still have it: a status may end while they read.
 */
export async function opened(content: AsyncGenerator<Buffer>, requireStill: () => void): Promise<Readable> {
  const first = await content.next();
  async function* all(): AsyncGenerator<Buffer> {
    if (!first.done) yield first.value;
    for await (const chunk of content) {
      requireStill();
      yield chunk;
    }
  }
  const body = Readable.from(all(), { objectMode: false });
  // Also when nobody came to read it: the vault holds the blob open until then.
  body.once('close', () => void content.return(undefined));
  return body;
}

const shownAs: Record<string, string> = { pdf: 'application/pdf', png: 'image/png', jpg: 'image/jpeg' };
const textEndings = new Set(['txt', 'csv', 'json', 'yaml', 'yml']);

/**
 * The headers of a file that is looked at in a browser. Bytes of strangers: nothing in them runs, loads or is taken for
 * another kind than is said here, wherever somebody opens the address.
 */
export function viewHeaders({ name, role }: Pick<ManifestFile, 'name' | 'role'>): Record<string, string> {
  const ending = name.toLowerCase().split('.').at(-1) ?? '';
  const isText = isProgram(role) || role === toControl || textEndings.has(ending);
  return {
    'content-type': isText ? 'text/plain; charset=utf-8' : (shownAs[ending] ?? 'application/octet-stream'),
    'content-disposition': 'inline',
    'content-security-policy': "default-src 'none'; sandbox",
  };
}

export const takeHeaders = (name: string): Record<string, string> => ({
  'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name).replaceAll("'", '%27')}`,
});
