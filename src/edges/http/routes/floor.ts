import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { MachineId } from '../../../domain/ids.ts';
import { FloorMachines, MachineScreen } from '../contract/floor.ts';
import type { HttpParts } from '../parts.ts';
import { defineRoute, noBody, nothing } from '../route.ts';

/** What an operator's tablet shows. */
export function floorRoutes(app: FastifyInstance, { machineScreens }: Pick<HttpParts, 'machineScreens'>): void {
  defineRoute(app, {
    method: 'GET',
    url: '/floor',
    id: 'floor',
    usedBy: 'screens',
    summary: 'Names the machines, for whoever stands at one.',
    access: { to: 'authenticated' },
    params: nothing,
    query: nothing,
    body: noBody,
    statuses: [200],
    response: FloorMachines,
    handler: () => ({ machines: machineScreens.machines() }),
  });

  defineRoute(app, {
    method: 'GET',
    url: '/machines/:machineId/screen',
    id: 'machineScreen',
    usedBy: 'screens',
    summary: 'Shows what is released for one machine, whether it gets it, and what it has.',
    access: { to: 'view' },
    params: z.strictObject({ machineId: MachineId }),
    query: nothing,
    body: noBody,
    statuses: [200],
    response: MachineScreen,
    handler: ({ asker, params }) => machineScreens.of(asker, params.machineId),
  });
}
