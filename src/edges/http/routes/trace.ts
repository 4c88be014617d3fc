import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { PastRelease } from '../../../catalog/queries/releases.ts';
import type { RetrievalRow } from '../../../catalog/queries/returns.ts';
import type { RunRow } from '../../../catalog/queries/runs.ts';
import { classificationBanner } from '../../../domain/classification.ts';
import { ReleaseId, RetrievalId } from '../../../domain/ids.ts';
import { controlSides } from '../../../services/control-difference.ts';
import type { TraceBy } from '../../../services/trace.ts';
import { LegalHoldList, LegalHoldPlaced, PlaceLegalHold } from '../contract/floor.ts';
import type { RunView } from '../contract/runs.ts';
import { type ControlDifference, ExposureView, type TracedRelease, TraceQuery, TraceView } from '../contract/trace.ts';
import type { HttpParts } from '../parts.ts';
import { byteStream, defineRoute, noBody, nothing } from '../route.ts';
import { viewHeaders } from '../shown-files.ts';

const oneReadback = z.strictObject({ retrievalId: RetrievalId });
const oneSide = z.strictObject({ ...oneReadback.shape, side: z.enum(controlSides) });

/** From a bad part to the bytes, and on to everything else that they touched. */
export function traceRoutes(
  app: FastifyInstance,
  parts: Pick<HttpParts, 'trace' | 'legalHolds' | 'controlDifferences'>,
): void {
  const { trace, legalHolds } = parts;
  const read = { method: 'GET', usedBy: 'screens', body: noBody, statuses: [200], access: { to: 'view' } } as const;

  defineRoute(app, {
    ...read,
    url: '/trace',
    id: 'trace',
    summary: 'What the ledger knows about a serial, work order, part, release, machine, person, day or digest.',
    params: nothing,
    query: TraceQuery,
    response: TraceView,
    handler: async ({ asker, query }) => {
      const [[by, value] = ['serial', '']] = Object.entries(query);
      const { releases, runs, differences, ...rest } = await trace.trace(asker, by as TraceBy, value as string);
      return {
        ...{ releases: releases.map(releaseView), runs: runs.map(runView) },
        ...{ differences: differences.flatMap(differenceView), ...rest },
      };
    },
  });

  defineRoute(app, {
    ...read,
    url: '/releases/:releaseId/exposure',
    id: 'exposure',
    summary: 'Everything that one release touched: serials, machines, what came back, who may hold it still.',
    params: z.strictObject({ releaseId: ReleaseId }),
    query: nothing,
    response: ExposureView,
    handler: async ({ asker, params }) => {
      const { release, legalHolds: holds, ...found } = await trace.exposure(asker, params.releaseId);
      return { ...found, release: releaseView(release), legalHolds: holds.map(holdView) };
    },
  });

  defineRoute(app, {
    ...read,
    url: '/legal-holds',
    id: 'legalHolds',
    summary: 'Lists the legal holds that are in force.',
    params: nothing,
    query: nothing,
    response: LegalHoldList,
    handler: async ({ asker }) => ({ legalHolds: (await legalHolds.list(asker)).map(holdView) }),
  });

  defineRoute(app, {
    method: 'POST',
    usedBy: 'screens',
    url: '/legal-holds',
    id: 'placeLegalHold',
    summary: 'Freezes everything about releases, until two people let go of it by a signed change.',
    access: { to: 'withdraw' },
    params: nothing,
    query: nothing,
    body: PlaceLegalHold,
    statuses: [201],
    response: LegalHoldPlaced,
    handler: ({ asker, body }) => legalHolds.place(asker, body),
  });

  controlDifferenceRoutes(app, parts);
}

/** What a control changed, in the view that approvers have of two packages. */
function controlDifferenceRoutes(
  app: FastifyInstance,
  { controlDifferences }: Pick<HttpParts, 'controlDifferences'>,
): void {
  const read = { method: 'GET', usedBy: 'screens', body: noBody, statuses: [200], access: { to: 'compare' } } as const;

  defineRoute(app, {
    ...read,
    url: '/readbacks/:retrievalId/difference',
    id: 'readbackDifference',
    summary: 'The difference by consequence of what a machine sent back and what it had been sent (JSON).',
    params: oneReadback,
    query: nothing,
    response: byteStream,
    handler: async ({ asker, params }, reply) => {
      const bytes = await controlDifferences.difference(asker, params.retrievalId);
      reply.headers({ 'content-type': 'application/json', 'content-length': String(bytes.length) });
      return Readable.from(bytes, { objectMode: false });
    },
  });

  defineRoute(app, {
    ...read,
    url: '/readbacks/:retrievalId/text/:side',
    id: 'readbackText',
    summary: 'The bytes of either side of that difference, to look at.',
    params: oneSide,
    query: nothing,
    response: byteStream,
    handler: async ({ asker, params }, reply) => {
      const { name, bytes } = await controlDifferences.text(asker, params.retrievalId, params.side);
      reply.headers({ ...viewHeaders({ name, role: 'main-program' }), 'content-length': String(bytes.length) });
      return Readable.from(bytes, { objectMode: false });
    },
  });

  defineRoute(app, {
    ...read,
    url: '/readbacks/:retrievalId/toolpath/:side',
    id: 'readbackToolpath',
    summary: 'The path of either side as typed arrays (`KWTP0001`, services/toolpath-pack.ts).',
    params: oneSide,
    query: nothing,
    response: byteStream,
    handler: async ({ asker, params }, reply) => {
      const bytes = await controlDifferences.toolpath(asker, params.retrievalId, params.side);
      reply.headers({ 'content-length': String(bytes.length) });
      return Readable.from(bytes, { objectMode: false });
    },
  });
}

const holdView = <T extends { releases: readonly string[] }>({ releases, ...hold }: T) => ({
  ...hold,
  releases: [...releases],
});

function releaseView({
  releaseId,
  packageId,
  state,
  manifest,
  index,
  time,
}: PastRelease): z.input<typeof TracedRelease> {
  const { part, revision, operation, machineGroup, classification } = manifest;
  const job = { part, revision, operation, machineGroup };
  return { ...{ releaseId, packageId, state, index, time }, ...job, banner: classificationBanner(classification) };
}

function differenceView(row: RetrievalRow): z.input<typeof ControlDifference>[] {
  const { retrievalId, releaseId, machineId, file, counts, sentences, held, disposition } = row;
  if (releaseId === null || file === null) return [];
  const time = row.endedTime ?? row.time;
  return [{ retrievalId, releaseId, machineId, file, time, counts, sentences, held, disposition }];
}

function runView({ endedAt, note, ...run }: RunRow): z.input<typeof RunView> {
  return {
    ...run,
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(note === undefined ? {} : { note }),
  };
}
