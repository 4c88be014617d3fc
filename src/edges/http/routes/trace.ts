import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { PastRelease } from '../../../catalog/queries/releases.ts';
import type { RunRow } from '../../../catalog/queries/runs.ts';
import { classificationBanner } from '../../../domain/classification.ts';
import { ReleaseId } from '../../../domain/ids.ts';
import type { TraceBy } from '../../../services/trace.ts';
import { LegalHoldList, LegalHoldPlaced, PlaceLegalHold } from '../contract/floor.ts';
import type { RunView } from '../contract/runs.ts';
import { ExposureView, type TracedRelease, TraceQuery, TraceView } from '../contract/trace.ts';
import type { HttpParts } from '../parts.ts';
import { defineRoute, noBody, nothing } from '../route.ts';

/** From a bad part to the bytes, and on to everything else that they touched. */
export function traceRoutes(
  app: FastifyInstance,
  { trace, legalHolds }: Pick<HttpParts, 'trace' | 'legalHolds'>,
): void {
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
      const { releases, runs, timeline, more } = await trace.trace(asker, by as TraceBy, value as string);
      return { releases: releases.map(releaseView), runs: runs.map(runView), timeline, more };
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

function runView({ endedAt, note, ...run }: RunRow): z.input<typeof RunView> {
  return {
    ...run,
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(note === undefined ? {} : { note }),
  };
}
