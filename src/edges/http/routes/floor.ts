import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { MachineId, ProblemId, ReleaseId } from '../../../domain/ids.ts';
import type { Machine } from '../../../domain/machines.ts';
import { FileName } from '../../../domain/text.ts';
import type { FloorProgram as Program } from '../../../services/floor-desk.ts';
import { Recorded } from '../contract/common.ts';
import {
  FloorMachines,
  type FloorProgram,
  FloorScreen,
  ProblemList,
  ProblemReported,
  ReportProblem,
  ResolveProblem,
} from '../contract/floor.ts';
import { contentDigest } from '../message-signature.ts';
import type { HttpParts } from '../parts.ts';
import { byteStream, defineRoute, noBody, nothing } from '../route.ts';
import { opened, viewHeaders } from '../shown-files.ts';

type FloorParts = Pick<HttpParts, 'floor' | 'problems' | 'vault'>;

/** What whoever stands at a machine needs, and nothing else. */
export function floorRoutes(app: FastifyInstance, { floor, problems, vault }: FloorParts): void {
  const read = { method: 'GET', usedBy: 'screens', query: nothing, body: noBody, statuses: [200] } as const;
  const act = { method: 'POST', usedBy: 'screens', query: nothing, statuses: [201] } as const;

  defineRoute(app, {
    ...read,
    url: '/floor',
    id: 'floorMachines',
    summary: 'Lists the machines to choose from, with how much is open at each.',
    access: { to: 'authenticated' },
    params: nothing,
    response: FloorMachines,
    handler: () => ({
      machines: floor.machines().map(({ machine, suspended, problems: open, differs }) => ({
        ...machineView(machine, suspended),
        ...{ problems: open, differs },
      })),
    }),
  });

  defineRoute(app, {
    ...read,
    url: '/machines/:machineId/screen',
    id: 'floorScreen',
    summary: 'The programs that may go to a machine, with fingerprint words, papers and why one is stopped.',
    access: { to: 'send' },
    params: z.strictObject({ machineId: MachineId }),
    response: FloorScreen,
    handler: async ({ asker, params }) => {
      const { machine, programs, problems: open } = await floor.screen(asker, params.machineId);
      return {
        ...machineView(machine.machine, machine.suspended),
        programs: programs.map(programView),
        problems: open,
      };
    },
  });

  defineRoute(app, {
    ...read,
    url: '/machines/:machineId/documents/:releaseId/:name',
    id: 'floorDocument',
    summary: 'A paper of a released program, such as its setup sheet, to look at where the machine is.',
    access: { to: 'send' },
    params: z.strictObject({ machineId: MachineId, releaseId: ReleaseId, name: FileName }),
    response: byteStream,
    handler: async ({ asker, params: { machineId, releaseId, name } }, reply) => {
      const { file, still } = floor.document(asker, machineId, releaseId, name);
      const body = await opened(vault.stream(file.digest), still);
      const about = { 'content-length': String(file.size), 'content-digest': contentDigest(file.digest) };
      reply.headers({ ...viewHeaders(file), ...about });
      return body;
    },
  });

  defineRoute(app, {
    ...read,
    url: '/problems',
    id: 'problems',
    summary: 'Lists the problems that people reported at machines and that nobody resolved, the oldest first.',
    access: { to: 'view' },
    params: nothing,
    response: ProblemList,
    handler: ({ asker }) => ({ problems: problems.list(asker) }),
  });

  defineRoute(app, {
    ...act,
    url: '/problems',
    id: 'reportProblem',
    summary: 'Reports a problem with a release at a machine: it does not go there any more until quality has looked.',
    access: { to: 'record-run' },
    params: nothing,
    body: ReportProblem,
    response: ProblemReported,
    handler: ({ asker, body }) => problems.report(asker, body),
  });

  defineRoute(app, {
    ...act,
    url: '/problems/:problemId/resolve',
    id: 'resolveProblem',
    summary: 'Resolves a problem: the release goes to the machine again.',
    access: { to: 'resolve-readback' },
    params: z.strictObject({ problemId: ProblemId }),
    body: ResolveProblem,
    response: Recorded,
    handler: ({ asker, params, body }) => problems.resolve(asker, params.problemId, body.reason),
  });
}

function machineView({ id, make, model, control, cell, groups, channel }: Machine, suspended: boolean) {
  return { machineId: id, ...{ make, model, control, cell, groups, channel, suspended } };
}

function programView({ job, programNumber, lines, stopped, ...program }: Program): z.input<typeof FloorProgram> {
  return {
    ...{ ...program, ...job },
    ...(programNumber === undefined ? {} : { programNumber }),
    ...(lines === undefined ? {} : { lines }),
    ...(stopped === undefined ? {} : { stopped }),
  };
}
