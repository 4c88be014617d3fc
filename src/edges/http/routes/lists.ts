import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { classificationBanner } from '../../../domain/classification.ts';
import { mostRestrictive } from '../../../domain/combine-labels.ts';
import { DomainError } from '../../../domain/errors.ts';
import type { ListedJob } from '../../../services/lists.ts';
import { rowsAtMost } from '../contract/common.ts';
import { ProgramList, ProgramsQuery, ReleaseList, ReleasesQuery } from '../contract/packages.ts';
import type { HttpParts } from '../parts.ts';
import { defineRoute, noBody, nothing } from '../route.ts';
import { packageSummary } from './packages.ts';

export function listRoutes(app: FastifyInstance, { lists }: Pick<HttpParts, 'lists'>): void {
  const list = { method: 'GET', usedBy: 'screens', params: nothing, body: noBody, statuses: [200] } as const;

  defineRoute(app, {
    ...list,
    url: '/programs',
    id: 'programs',
    summary: 'Lists jobs, by part: what is in force for each and what waits.',
    access: { to: 'view' },
    query: ProgramsQuery,
    response: ProgramList,
    handler: async ({ asker, query }) => {
      const after = query.after === undefined ? undefined : jobIn(query.after);
      const found = await lists.programs(asker, { q: query.q ?? '', after, rows: rowsAtMost(query) });
      const { programs, next } = found;
      return { programs: programs.map(programView), ...(next && { next: jobText(next) }) };
    },
  });

  defineRoute(app, {
    ...list,
    url: '/releases',
    id: 'releases',
    summary: 'Lists releases, the newest first, a page at a time.',
    access: { to: 'view' },
    query: ReleasesQuery,
    response: ReleaseList,
    handler: async ({ asker, query }) => {
      const { state, part, after } = query;
      const place = after === undefined ? undefined : Number(after);
      const found = await lists.releases(asker, { state, part, after: place, rows: rowsAtMost(query) });
      const releases = found.releases.map(({ manifest, ...release }) => {
        const { revision, operation, machineGroup, classification } = manifest;
        const job = { part: manifest.part, revision, operation, machineGroup };
        return { ...release, ...job, banner: classificationBanner(classification) };
      });
      return { releases, ...(found.next === undefined ? {} : { next: String(found.next) }) };
    },
  });
}

/** None of the three may hold a slash. */
const jobText = ({ part, operation, machineGroup }: Omit<ListedJob, 'rows'>) => `${part}/${operation}/${machineGroup}`;

function jobIn(text: string): Omit<ListedJob, 'rows'> {
  const [part, operation, machineGroup, ...more] = text.split('/');
  if (part === undefined || operation === undefined || machineGroup === undefined || more.length > 0)
    throw new DomainError('request-invalid', 'query.after is not the next of a page.', { field: 'query.after' });
  return { part, operation, machineGroup };
}

function programView({ rows, ...job }: ListedJob): z.input<typeof ProgramList>['programs'][number] {
  const labels = rows.map(({ manifest }) => manifest.classification);
  const [first, ...others] = labels;
  const released = rows.find(({ state }) => state === 'released');
  return {
    ...job,
    banner: first ? classificationBanner(mostRestrictive(first, ...others)) : '',
    ...(released && { released: packageSummary(released) }),
    open: rows.filter(({ state }) => state === 'submitted').map(packageSummary),
  };
}
