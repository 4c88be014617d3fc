import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { PackageRow } from '../../../catalog/queries/packages.ts';
import { classificationBanner } from '../../../domain/classification.ts';
import { DomainError } from '../../../domain/errors.ts';
import { PackageId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import type { PackageDetail } from '../../../services/browse.ts';
import type { ListedPackage } from '../../../services/lists.ts';
import { rowsAtMost } from '../contract/common.ts';
import {
  PackageList,
  type PackageListed,
  type PackageSummary,
  PackagesQuery,
  PackageView,
} from '../contract/packages.ts';
import { contentDigest } from '../message-signature.ts';
import type { HttpParts } from '../parts.ts';
import { byteStream, defineRoute, noBody, nothing } from '../route.ts';
import { opened } from '../shown-files.ts';

const onePackage = z.strictObject({ packageId: PackageId });

/** Looking at packages. What policy does not let the asker see is answered as if it did not exist. */
export function packageRoutes(
  app: FastifyInstance,
  { browse, lists, vault }: Pick<HttpParts, 'browse' | 'lists' | 'vault'>,
): void {
  defineRoute(app, {
    method: 'GET',
    url: '/packages',
    id: 'packages',
    summary: 'Lists packages, the newest first or what is wanted first, a page at a time.',
    access: { to: 'view' },
    params: nothing,
    query: PackagesQuery,
    body: noBody,
    statuses: [200],
    response: PackageList,
    handler: async ({ asker, query }) => {
      const { after, ...asked } = query;
      const place = after === undefined ? undefined : positionIn(after);
      const { packages, next } = await lists.packages(asker, { ...asked, after: place, rows: rowsAtMost(query) });
      return { packages: packages.map(packageListed), ...(next && { next: `${next.due}.${next.index}` }) };
    },
  });

  defineRoute(app, {
    method: 'GET',
    url: '/packages/:packageId',
    id: 'package',
    summary: 'Shows one package: manifest, approval route, approvals and deliveries.',
    access: { to: 'view' },
    params: onePackage,
    query: nothing,
    body: noBody,
    statuses: [200],
    response: PackageView,
    handler: async ({ asker, params }) =>
      packageView(await browse.package(asker, params.packageId, limits.httpPageRows)),
  });

  differenceRoute(app, { browse, vault });
}

/** What the draft about the first article rests on: for screens, and for whoever compares it with their own. */
function differenceRoute(app: FastifyInstance, { browse, vault }: Pick<HttpParts, 'browse' | 'vault'>): void {
  defineRoute(app, {
    method: 'GET',
    url: '/packages/:packageId/difference',
    id: 'packageDifference',
    summary: 'The difference of its programs from the release that it was drafted against (JSON).',
    access: { to: 'compare' },
    params: onePackage,
    query: nothing,
    body: noBody,
    statuses: [200],
    response: byteStream,
    handler: async ({ asker, params }, reply) => {
      const { row } = await browse.package(asker, params.packageId, 1);
      const difference = row.firstArticle?.difference;
      if (!difference) throw new DomainError('not-found', 'There is no draft about the first article.');
      const content = await opened(vault.stream(difference.digest), browse.allowed('compare', asker, row));
      reply.headers({
        'content-length': String(difference.size),
        'content-digest': contentDigest(difference.digest),
      });
      return content;
    },
  });
}

function positionIn(text: string): { due: string; index: number } {
  const at = text.lastIndexOf('.');
  return { due: text.slice(0, Math.max(at, 0)), index: Number(text.slice(at + 1)) };
}

function packageListed({ row, waiting, findings }: ListedPackage): z.input<typeof PackageListed> {
  const { changeOrder, due } = row.manifest;
  return {
    ...packageSummary(row),
    ...{ changeOrder, findings },
    ...(due === undefined ? {} : { due }),
    ...(row.replacedBy === undefined ? {} : { replacedBy: row.replacedBy }),
    ...(waiting && { waiting }),
  };
}

export function packageSummary(row: PackageRow): z.input<typeof PackageSummary> {
  const { packageId, state, manifest, releaseId, index, time } = row;
  const { part, revision, operation, machineGroup, author, classification } = manifest;
  return {
    packageId,
    state,
    ...{ part, revision, operation, machineGroup, author },
    banner: classificationBanner(classification),
    ...(releaseId === undefined ? {} : { releaseId }),
    index,
    time,
  };
}

export function packageView(detail: PackageDetail): z.input<typeof PackageView> {
  const { row, route: found, approvals, deliveries, waivers } = detail;
  const { depositId, manifest, manifestDigest, reason, replacedBy, replaces, firstArticle } = row;
  const { route, change, judged } = found;
  return {
    ...packageSummary(row),
    ...{ depositId, manifest, manifestDigest },
    ...(reason === undefined ? {} : { reason }),
    ...(replacedBy === undefined ? {} : { replacedBy }),
    ...(replaces === undefined ? {} : { replaces }),
    ...(firstArticle === undefined ? {} : { firstArticle }),
    waivers: [...waivers],
    route: {
      id: route.id,
      version: route.version,
      change,
      approvals: route.approvals.map((line) => ({ ...line, assurance: [...line.assurance] })),
      missing: row.state === 'submitted' ? judged.missing : [],
    },
    approvals,
    deliveries: deliveries.map(({ deliveryId, machineId, file, digest, state, bytes, index, time }) => ({
      ...{ deliveryId, machineId, file, digest, state, bytes, index, time },
    })),
  };
}
