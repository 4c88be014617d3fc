import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { formChanges } from '../../../domain/control-form.ts';
import { PackageId } from '../../../domain/ids.ts';
import { FileName } from '../../../domain/text.ts';
import type { PageOfPackage } from '../../../services/package-page.ts';
import type { ComparedPackages } from '../../../services/program-desk.ts';
import { AgainstQuery, AgainstView, PackagePage, ToolpathQuery } from '../contract/package-page.ts';
import type { HttpParts } from '../parts.ts';
import { byteStream, defineRoute, noBody, nothing } from '../route.ts';
import { packageView } from './packages.ts';

const onePackage = z.strictObject({ packageId: PackageId });
const oneProgram = z.strictObject({ packageId: PackageId, name: FileName });

/** The approver's page: everything about one package, and its programs as a person reads them. */
export function packagePageRoutes(
  app: FastifyInstance,
  { page, programs }: Pick<HttpParts, 'page' | 'programs'>,
): void {
  const read = { method: 'GET', usedBy: 'screens', body: noBody, statuses: [200] } as const;

  defineRoute(app, {
    ...read,
    url: '/packages/:packageId/page',
    id: 'packagePage',
    summary: 'Everything that the page of one package shows, and what the asker may do with it, or why not.',
    access: { to: 'view' },
    params: onePackage,
    query: nothing,
    response: PackagePage,
    handler: async ({ asker, params }) => {
      const found = await page.of(asker, params.packageId);
      // Whoever is shown the page asks for that next.
      if (found.previous) programs.expect();
      return pageView(found);
    },
  });

  defineRoute(app, {
    ...read,
    url: '/packages/:packageId/against',
    id: 'packageAgainst',
    summary: 'What a package is compared with, file by file.',
    access: { to: 'compare' },
    params: onePackage,
    query: AgainstQuery,
    response: AgainstView,
    handler: async ({ asker, params, query }) =>
      againstView(await programs.compared(asker, params.packageId, query.against)),
  });

  defineRoute(app, {
    ...read,
    url: '/packages/:packageId/difference/:name',
    id: 'programDifference',
    summary: 'The difference by consequence of one program (JSON).',
    access: { to: 'compare' },
    params: oneProgram,
    query: AgainstQuery,
    response: byteStream,
    handler: async ({ asker, params, query }, reply) => {
      const bytes = await programs.difference(asker, params.packageId, params.name, query.against);
      reply.headers({ 'content-type': 'application/json', 'content-length': String(bytes.length) });
      return Readable.from(bytes, { objectMode: false });
    },
  });

  defineRoute(app, {
    ...read,
    url: '/packages/:packageId/toolpath/:name',
    id: 'toolpath',
    summary: 'The path of one program as typed arrays (`KWTP0001`, services/toolpath-pack.ts).',
    access: { to: 'compare' },
    params: oneProgram,
    query: ToolpathQuery,
    response: byteStream,
    handler: async ({ asker, params, query: { of = 'after', against } }, reply) => {
      const bytes = await programs.toolpath(asker, params.packageId, params.name, { of, against });
      reply.headers({ 'content-length': String(bytes.length) });
      return Readable.from(bytes, { objectMode: false });
    },
  });
}

function pageView(page: PageOfPackage): z.input<typeof PackagePage> {
  const { detail, deposit, previous, release, acts, checks, missing, timeline, controlled } = page;
  const { depositId, door, name, facts, findings, moreFindings, waived } = deposit;
  return {
    ...packageView(detail),
    ...{ acts, checks, missing, timeline, controlled },
    deposit: { depositId, door, name, facts, findings, moreFindings, waived },
    forms: detail.row.manifest.files.flatMap(({ name: file, made }) =>
      made ? { name: file, changes: formChanges(made.form) } : [],
    ),
    ...(previous && {
      previous: {
        ...{ packageId: previous.packageId, releaseId: previous.releaseId, state: previous.state },
        revision: previous.manifest.revision,
      },
    }),
    ...(release && { release: withoutUndefined(release) }),
  };
}

function withoutUndefined({ reason, ...release }: NonNullable<PageOfPackage['release']>) {
  return { ...release, ...(reason === undefined ? {} : { reason }) };
}

function againstView({ after, before }: ComparedPackages): z.input<typeof AgainstView> {
  const names = new Set([...after.manifest.files, ...before.manifest.files].map(({ name }) => name));
  const of = ({ manifest }: ComparedPackages['after'], name: string) =>
    manifest.files.find((file) => file.name === name);
  const files: AgainstView['files'] = [...names].flatMap((name) => {
    const [was, is] = [of(before, name), of(after, name)];
    const side = (file: typeof was) => file && { digest: file.digest, size: file.size };
    const role = (is ?? was)?.role;
    if (!role) return [];
    return { name, role, ...(was ? { before: side(was) } : {}), ...(is ? { after: side(is) } : {}) };
  });
  const { packageId, releaseId, state } = before;
  return { packageId, ...(releaseId ? { releaseId } : {}), revision: before.manifest.revision, state, files };
}
