import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { TraceQuestion } from '../../../catalog/queries/traces.ts';
import { classificationBanner } from '../../../domain/classification.ts';
import type { Digest } from '../../../domain/digest.ts';
import { ReleaseId } from '../../../domain/ids.ts';
import type { TracedRelease } from '../../../services/trace.ts';
import { Exposure, LedgerKeys, Trace, TraceQuery } from '../contract/trace.ts';
import type { HttpParts } from '../parts.ts';
import { defineRoute, noBody, nothing } from '../route.ts';

/** For whoever has a bad part in hand. */
export function traceRoutes(app: FastifyInstance, parts: Pick<HttpParts, 'trace' | 'ledgerBrowse'>): void {
  defineRoute(app, {
    method: 'GET',
    url: '/trace',
    id: 'trace',
    usedBy: 'screens',
    summary:
      'Shows releases, runs and all that happened to them, from a serial, a part, a machine, a digest or a time.',
    access: { to: 'view' },
    params: nothing,
    query: TraceQuery,
    body: noBody,
    statuses: [200],
    response: Trace,
    handler: async ({ asker, query }) => {
      const { releases, runs, timeline, more } = await parts.trace.of(asker, questionOf(query));
      const shown = runs.map(({ endedAt: _ended, note: _note, time: _time, ...run }) => run);
      return { releases: releases.map(tracedRelease), runs: shown, timeline, more };
    },
  });

  defineRoute(app, {
    method: 'GET',
    url: '/releases/:releaseId/exposure',
    id: 'exposure',
    usedBy: 'screens',
    summary: 'Lists every serial that was cut with a release and every machine that got it.',
    access: { to: 'view' },
    params: z.strictObject({ releaseId: ReleaseId }),
    query: nothing,
    body: noBody,
    statuses: [200],
    response: Exposure,
    handler: async ({ asker, params: { releaseId } }) => ({
      releaseId,
      ...(await parts.trace.exposure(asker, releaseId)),
    }),
  });

  defineRoute(app, {
    method: 'GET',
    url: '/ledger/keys',
    id: 'ledgerKeys',
    usedBy: 'screens',
    summary: 'The public keys of the ledger and of its witnesses, as this gateway knows them.',
    access: { to: 'read-ledger' },
    params: nothing,
    query: nothing,
    body: noBody,
    statuses: [200],
    response: LedgerKeys,
    handler: ({ asker }) => parts.ledgerBrowse.keys(asker),
  });
}

/** Exactly one of them was asked for (`TraceQuery`). */
function questionOf({ from, to, digest, ...named }: z.output<typeof TraceQuery>): TraceQuestion {
  if (from !== undefined && to !== undefined) return { by: 'time', from, to };
  if (digest !== undefined)
    return { by: 'digest', value: (digest.startsWith('sha256:') ? digest : `sha256:${digest}`) as Digest };
  const [[by, value] = ['serial', '']] = Object.entries(named);
  return { by: by as 'serial', value: String(value) };
}

const tracedRelease = ({ release, recalled }: TracedRelease) => {
  const { releaseId, packageId, state, time, manifest } = release;
  const { part, revision, operation, classification } = manifest;
  const banner = classificationBanner(classification);
  return { releaseId, packageId, part, revision, operation, banner, state, recalled, time };
};
