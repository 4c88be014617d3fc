import { z } from 'zod';
import { limits } from '../../domain/limits.ts';
import { MachineMonitor, MonitorReport } from '../../domain/monitoring.ts';
import { procedure } from '../../platform/rpc.ts';

export const monitorChannel = 'monitors';
export const MonitorSettings = z.strictObject({});

/** All the agents to listen to from now on. */
export const monitorProcedures = {
  setMonitors: procedure(z.array(MachineMonitor).max(limits.monitors), z.null()),
};
export const monitorReports = { report: procedure(MonitorReport, z.null()) };
