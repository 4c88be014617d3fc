import type { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { PackageRow } from '../../../catalog/queries/packages.ts';
import { PackageId } from '../../../domain/ids.ts';
import type { ManifestFile } from '../../../domain/manifest.ts';
import { FileName } from '../../../domain/text.ts';
import type { Asker } from '../../../services/principals.ts';
import { AgainstQuery, FileQuery } from '../contract/package-page.ts';
import { contentDigest } from '../message-signature.ts';
import type { HttpParts } from '../parts.ts';
import { byteStream, defineRoute, noBody } from '../route.ts';
import { fileIn, fileOf, opened, takeHeaders, viewHeaders } from '../shown-files.ts';

type FileParts = Pick<HttpParts, 'browse' | 'vault' | 'programs'>;
type Given = { body: Readable; headers: Record<string, string> };

const oneFile = z.strictObject({ packageId: PackageId, name: FileName });

/** The bytes of files: to be taken away, or to be looked at. */
export function packageFileRoutes(app: FastifyInstance, parts: FileParts): void {
  const { browse, programs } = parts;

  defineRoute(app, {
    method: 'GET',
    url: '/packages/:packageId/files/:name',
    id: 'packageFile',
    summary:
      'The exact bytes of one file, with their Content-Digest; `for=view` asks to look at it and not to take it away.',
    access: { to: 'download' },
    params: oneFile,
    query: FileQuery,
    body: noBody,
    statuses: [200],
    response: byteStream,
    handler: async ({ asker, params, query }, reply) => {
      const { row, file } = await fileOf(browse, asker, params);
      const { body, headers } = await given(parts, asker, { row, file }, query.for === 'view' ? 'view' : 'download');
      reply.headers(headers);
      return body;
    },
  });

  defineRoute(app, {
    method: 'GET',
    url: '/packages/:packageId/files/:name/before',
    id: 'packageFileBefore',
    summary: 'The bytes of the same file in what the package is compared with, to look at.',
    usedBy: 'screens',
    access: { to: 'compare' },
    params: oneFile,
    query: AgainstQuery,
    body: noBody,
    statuses: [200],
    response: byteStream,
    handler: async ({ asker, params, query }, reply) => {
      const { before } = await programs.compared(asker, params.packageId, query.against);
      const about = { row: before, file: fileIn(before, params.name) };
      const { body, headers } = await given(parts, asker, about, 'view');
      reply.headers(headers);
      return body;
    },
  });
}

async function given(
  { browse, vault }: FileParts,
  asker: Asker,
  { row, file }: { row: PackageRow; file: ManifestFile },
  to: 'view' | 'download',
): Promise<Given> {
  const { name, digest, size } = file;
  const body = await opened(vault.stream(digest), browse.allowed(to, asker, row));
  if (to === 'view') browse.shown(asker, row, file);
  const headers = to === 'view' ? viewHeaders(file) : takeHeaders(name);
  return { body, headers: { ...headers, 'content-length': String(size), 'content-digest': contentDigest(digest) } };
}
